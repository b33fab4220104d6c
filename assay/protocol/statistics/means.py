"""Scores as means of one number an example, with an interval that fits them.

Which interval, and how each is computed: docs/algorithms/statistics.md.
"""

import math
import random
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

from assay.protocol.errors import Invalid
from assay.protocol.intervals import Z95, wilson
from assay.protocol.statistics.distributions import student_quantile

CONFIDENCE = 0.95
RESAMPLES = 2000
Cluster = Hashable


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean with its 95 % interval; ``units`` counts what was drawn independently.

    ``units`` are the clusters where examples came in clusters, else the examples.
    An interval that nothing can be said about (one unit) is endless.
    """

    value: float
    low: float
    high: float
    error: float
    units: int
    method: str


def mean(values: Sequence[float], clusters: Sequence[Cluster] = ()) -> Mean:
    """Return the mean of per-example scores with the interval that suits them.

    Wilson's where each value is 0 or 1; Student's otherwise. With clusters, the
    error is that of the clusters (``clustered_error``) and Wilson's interval is
    taken at the effective number of examples that it implies.

    Args:
        values: one finite number an example.
        clusters: for each example the source that it shares with others; none
            where each example stands alone.

    Raises:
        Invalid: ``values_empty``, ``values_not_finite`` or ``clusters_length``.
    """
    found = student_mean(values, clusters)
    if any(value not in {0, 1} for value in values):
        return found
    size = float(len(values))
    if clusters:
        size = _effective(found, len(values))
    share = wilson(found.value, size)
    return replace(found, low=share.low, high=share.high, method="wilson")


def student_mean(values: Sequence[float], clusters: Sequence[Cluster] = ()) -> Mean:
    """Return the mean with Student's interval, over clusters where there are any.

    Raises:
        Invalid: as ``mean``.
    """
    _check(values, clusters)
    value = math.fsum(values) / len(values)
    units = len(set(clusters)) if clusters else len(values)
    if units < 2:
        return Mean(value, -math.inf, math.inf, math.inf, units, "student")
    error = clustered_error(values, clusters) if clusters else standard_error(values)
    half = student_quantile(CONFIDENCE, units - 1) * error
    return Mean(value, value - half, value + half, error, units, "student")


def standard_error(values: Sequence[float]) -> float:
    """Return the standard error of the mean, with n - 1; endless for one value."""
    count = len(values)
    if count < 2:
        return math.inf
    centre = math.fsum(values) / count
    squares = math.fsum((value - centre) ** 2 for value in values)
    return math.sqrt(squares / (count - 1) / count)


def clustered_error(values: Sequence[float], clusters: Sequence[Cluster]) -> float:
    """Return the mean's standard error when only clusters are independent.

    The root of G/(G - 1) times the sum over the G clusters of the square of their
    summed deviations, over n: the sandwich estimate of Liang and Zeger (Biometrika
    73 (1986) 13-22) for a mean. Endless for one cluster. With one example a
    cluster it is ``standard_error``.
    """
    centre = math.fsum(values) / len(values)
    sums: dict[Cluster, list[float]] = {}
    for value, name in zip(values, clusters, strict=True):
        sums.setdefault(name, []).append(value - centre)
    groups = len(sums)
    if groups < 2:
        return math.inf
    squares = math.fsum(math.fsum(parts) ** 2 for parts in sums.values())
    return math.sqrt(squares * groups / (groups - 1)) / len(values)


def bootstrap(
    values: Sequence[float], clusters: Sequence[Cluster] = (), *, seed: int
) -> Mean:
    """Return the mean with the percentile interval of 2000 resamples.

    Whole clusters are drawn where there are any (Efron and Tibshirani, An
    Introduction to the Bootstrap (1993), chapters 13 and 8). The same seed gives
    the same interval. For skewed scores with no better interval of their own.

    Raises:
        Invalid: as ``mean``.
    """
    _check(values, clusters)
    names = clusters or range(len(values))
    groups: dict[Cluster, list[float]] = {}
    for value, name in zip(values, names, strict=True):
        groups.setdefault(name, []).append(value)
    sums = [(math.fsum(parts), len(parts)) for parts in groups.values()]
    draws = random.Random(seed)  # noqa: S311 - resampling hides nothing
    means = sorted(_ratio(draws.choices(sums, k=len(sums))) for _ in range(RESAMPLES))
    tail = round((1 - CONFIDENCE) / 2 * RESAMPLES)
    value = math.fsum(values) / len(values)
    centre = math.fsum(means) / RESAMPLES
    error = math.sqrt(math.fsum((m - centre) ** 2 for m in means) / (RESAMPLES - 1))
    low, high = min(value, means[tail]), max(value, means[-tail - 1])
    return Mean(value, low, high, error, len(sums), "bootstrap")


def by_cluster(values: Sequence[float], clusters: Sequence[Cluster]) -> list[float]:
    """Return one mean a cluster, in the order in which the clusters first appear.

    What a sequential test sees of clustered examples: each cluster counts once.
    """
    parts: dict[Cluster, list[float]] = {}
    for value, name in zip(values, clusters, strict=True):
        parts.setdefault(name, []).append(value)
    return [math.fsum(group) / len(group) for group in parts.values()]


def _ratio(drawn: Sequence[tuple[float, int]]) -> float:
    return math.fsum(total for total, _ in drawn) / sum(size for _, size in drawn)


def _effective(found: Mean, count: int) -> float:
    """Return how many independent examples the clusters are worth.

    Share x (1 - share) / error^2, at most the examples that there are; for a share
    of 0 or 1, whose error says nothing, one example a cluster. Lowered by (z / t)^2
    for few clusters (Korn and Graubard, Survey Methodology 24 (1998) 193-201).
    """
    if found.units < 2:
        return 1.0
    size = float(found.units)
    if found.error > 0:
        spread = found.value * (1 - found.value)
        size = min(float(count), spread / (found.error * found.error))
    few = Z95 / student_quantile(CONFIDENCE, found.units - 1)
    return max(1.0, size * few * few)


def _check(values: Sequence[float], clusters: Sequence[Cluster]) -> None:
    if not values:
        raise Invalid("values_empty", "There are no per-example scores.")
    if not all(math.isfinite(value) for value in values):
        raise Invalid(
            "values_not_finite", "A per-example score is not a finite number."
        )
    if clusters and len(clusters) != len(values):
        raise Invalid(
            "clusters_length",
            f"{len(clusters)} clusters are named for {len(values)} examples.",
        )
