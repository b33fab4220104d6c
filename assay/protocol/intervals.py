"""How sure a score is: 95 % intervals for shares of right answers and macro F1.

Only +, -, x, /, sqrt and exactly rounded sums are used, so every machine gets the
same bits. Sources and a worked table: docs/algorithms/scoring.md.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

Z95 = 1.959963984540054
"""The 97.5 % point of the standard normal distribution."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value in [0, 1] and an interval around it: 0 <= low <= value <= high <= 1."""

    value: float
    low: float
    high: float


def wilson(value: float, count: float) -> Estimate:
    """Return the 95 % score interval of a proportion over ``count`` trials.

    E. B. Wilson, "Probable inference, the law of succession, and statistical
    inference", JASA 22 (1927) 209-212; recommended by Brown, Cai and DasGupta,
    "Interval estimation for a binomial proportion", Statistical Science 16 (2001).

    Args:
        value: the observed proportion, 0 to 1.
        count: trials, above zero; an effective number need not be whole.
    """
    spread = Z95 * Z95 / count
    centre = (value + spread / 2) / (1 + spread)
    variance = value * (1 - value) / count + spread / (4 * count)
    half = Z95 * math.sqrt(variance) / (1 + spread)
    # rounding may step past the value or the range by a last bit
    low = min(value, max(0.0, centre - half))
    high = max(value, min(1.0, centre + half))
    return Estimate(value, low, high)


def accuracy(labels: Sequence[int], predicted: Sequence[int]) -> Estimate:
    """Return the share of right predictions with its Wilson interval."""
    right = sum(a == b for a, b in zip(labels, predicted, strict=True))
    return wilson(right / len(labels), len(labels))


def macro_f1(labels: Sequence[int], predicted: Sequence[int]) -> Estimate:
    """Return the mean F1 over the classes that are labelled or predicted.

    The variance is the multivariate delta method's over the confusion matrix
    (Takahashi, Yamamoto, Kuchiba and Koyama, "Confidence interval for
    micro-averaged F1 and macro-averaged F1 scores", Applied Intelligence 52
    (2022) 4961-4972). The interval is Wilson's at the effective sample size which
    that variance implies, at most the real one (Korn and Graubard, Survey
    Methodology 24 (1998) 193-201): unlike value +- 1.96 sd it stays in [0, 1] and
    does not shrink to a point for a perfect score.
    """
    cells = Counter(zip(labels, predicted, strict=True))
    sizes = Counter(labels) + Counter(predicted)
    f1 = {name: 2 * cells[name, name] / sizes[name] for name in sizes}
    value = math.fsum(f1.values()) / len(f1)
    variance = math.fsum(
        times * _influence(cell, f1, sizes) ** 2 for cell, times in cells.items()
    )
    count = float(len(labels))
    if variance > 0:
        count = min(count, value * (1 - value) / variance)
    return wilson(value, count)


def _influence(
    cell: tuple[int, int], f1: dict[int, float], sizes: Counter[int]
) -> float:
    """Return how far one example of this cell pulls the mean F1, to first order."""
    label, predicted = cell
    hit = 2 / sizes[label] if label == predicted else 0.0
    pull = hit - f1[label] / sizes[label] - f1[predicted] / sizes[predicted]
    return pull / len(f1)
