"""Intervals of values that are no means, by leaving parts of the examples out."""

import math
from collections.abc import Callable, Sequence

from assay.protocol.intervals import Estimate, wilson

MAX_GROUPS = 50  # how often a jackknife computes its statistic again


def jackknife(
    statistic: Callable[[Sequence[int]], float], clusters: Sequence[str], count: int
) -> Estimate:
    """A value in [0, 1] that is no mean, and its interval by leaving parts out.

    Clusters, or single examples, are dealt to at most ``MAX_GROUPS`` groups in the
    order in which they stand; the statistic is computed without each of them. The
    variance is (G - 1)/G times the sum of squares around their mean (B. Efron and
    R. Tibshirani, An Introduction to the Bootstrap (1993), chapter 11), the interval
    Wilson's at the number of examples that it implies, at most the real one.

    Args:
        statistic: takes the places of the examples that count.
        clusters: for each example its cluster; none where each stands alone.
    """
    units = {name: place for place, name in enumerate(dict.fromkeys(clusters))}
    unit = [units[name] for name in clusters] if clusters else list(range(count))
    size = len(units) if clusters else count
    value = statistic(range(count))
    groups = min(size, MAX_GROUPS)
    if groups < 2:
        return wilson(value, 1)
    without = [
        statistic([place for place in range(count) if unit[place] % groups != group])
        for group in range(groups)
    ]
    centre = math.fsum(without) / groups
    squares = math.fsum((one - centre) ** 2 for one in without)
    variance = squares * (groups - 1) / groups
    effective = float(size)
    if variance > 0 and 0 < value < 1:
        effective = min(effective, max(1.0, value * (1 - value) / variance))
    return wilson(value, effective)
