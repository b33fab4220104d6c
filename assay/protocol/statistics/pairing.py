"""Two models on the same examples: the difference, how sure it is, and its test.

Why pairing, and worked tables: docs/algorithms/statistics.md.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assay.protocol.errors import Invalid
from assay.protocol.intervals import wilson
from assay.protocol.statistics.distributions import sign_test, student_tail
from assay.protocol.statistics.means import Cluster, Mean, student_mean


@dataclass(frozen=True, slots=True)
class Comparison:
    """One model's mean less another's, over the same examples.

    ``p_value`` is two-sided: how often models that are equally good would differ
    as much. ``wins`` and ``losses`` count the examples on which the first was
    better and worse. ``test`` names how the p-value was found.
    """

    difference: float
    low: float
    high: float
    p_value: float
    wins: int
    losses: int
    ties: int
    test: str


def compare(
    ours: Sequence[float], theirs: Sequence[float], clusters: Sequence[Cluster] = ()
) -> Comparison:
    """Compare two models example by example.

    For right and wrong answers without clusters the test is McNemar's, exact, and
    the interval is Newcombe's for paired shares. Otherwise both are Student's on
    the differences, with the clusters' error where there are any.

    Args:
        ours, theirs: one finite score an example, in the same order.
        clusters: as in ``means.mean``.

    Raises:
        Invalid: ``pairs_length``, or as ``means.mean``.
    """
    if len(ours) != len(theirs):
        raise Invalid(
            "pairs_length",
            f"{len(ours)} scores cannot be paired with {len(theirs)}.",
            fix="Compare two models on the same examples.",
        )
    gaps = [a - b for a, b in zip(ours, theirs, strict=True)]
    found = student_mean(gaps, clusters)
    signs = Counter((gap > 0) - (gap < 0) for gap in gaps)
    name, chance = "clustered_t" if clusters else "paired_t", _chance(found)
    low, high = found.low, found.high
    if not clusters and all(value in {0, 1} for value in (*ours, *theirs)):
        name, chance = "mcnemar_exact", sign_test(signs[1], signs[-1])
        low, high = newcombe(Counter(zip(ours, theirs, strict=True)))
    return Comparison(
        found.value, low, high, chance, signs[1], signs[-1], signs[0], name
    )


def newcombe(table: Mapping[tuple[float, float], int]) -> tuple[float, float]:
    """Return the 95 % interval for a difference of two paired shares.

    Method 10 of R. G. Newcombe, "Improved confidence intervals for the difference
    between binomial proportions based on paired data", Statistics in Medicine 17
    (1998) 2635-2650: two Wilson intervals joined by the correlation of the pairs,
    corrected for continuity.

    Args:
        table: how many examples had each pair of results; 1 is right, 0 is wrong.
    """
    cells = [table.get(pair, 0) for pair in ((1, 1), (1, 0), (0, 1), (0, 0))]
    both, first, second, neither = cells
    count = sum(cells)
    one, two = (both + first) / count, (both + second) / count
    a, b = wilson(one, count), wilson(two, count)
    phi = _correlation(both, first, second, neither)
    gap = (first - second) / count
    low = gap - _joined(one - a.low, b.high - two, phi)
    high = gap + _joined(a.high - one, two - b.low, phi)
    return max(-1.0, low), min(1.0, high)


def _correlation(both: int, first: int, second: int, neither: int) -> float:
    rows = (both + first) * (second + neither)
    product = rows * (both + second) * (first + neither)
    if product == 0:
        return 0.0
    cross = float(both * neither - first * second)
    if cross > 0:
        cross = max(cross - (both + first + second + neither) / 2, 0.0)
    return cross / math.sqrt(product)


def _joined(one: float, two: float, phi: float) -> float:
    return math.sqrt(max(0.0, one * one - 2 * phi * one * two + two * two))


def _chance(found: Mean) -> float:
    """Return the two-sided chance of such a mean difference between equals."""
    if found.value == 0 or math.isinf(found.error):
        return 1.0
    if found.error == 0:
        return 0.0
    return student_tail(found.value / found.error, found.units - 1)
