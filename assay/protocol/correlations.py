"""Correlations of classes and of ranks; what lies below zero counts as zero."""

import math
from collections import Counter
from collections.abc import Sequence


def matthews(labels: Sequence[int], chosen: Sequence[int]) -> float:
    """Matthews' correlation of labels and choices, over all classes; below 0 is 0.

    As scikit-learn: 0 where one of the two never varies (J. Gorodkin, Computational
    Biology and Chemistry 28 (2004) 367-374).
    """
    count, hits = len(labels), sum(map(int.__eq__, labels, chosen))
    right, said = Counter(labels), Counter(chosen)
    shared = sum(right[name] * said[name] for name in right)
    spread = (count * count - sum(n * n for n in said.values())) * (
        count * count - sum(n * n for n in right.values())
    )
    return max(0.0, (hits * count - shared) / math.sqrt(spread)) if spread else 0.0


def ranks(values: Sequence[float]) -> list[float]:
    """Ranks from 1; equal values share the mean of their places."""
    order = sorted(range(len(values)), key=values.__getitem__)
    found = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for place in order[start:end]:
            found[place] = (start + 1 + end) / 2
        start = end
    return found


def spearman(said: Sequence[float], gold: Sequence[float]) -> float:
    """The correlation of ranks; 0 where one never varies, and below 0."""
    if len(said) < 2:
        return 0.0
    middle = (len(said) + 1) / 2
    one = [rank - middle for rank in ranks(said)]
    other = [rank - middle for rank in ranks(gold)]
    spread = math.fsum(x * x for x in one) * math.fsum(y * y for y in other)
    shared = math.fsum(x * y for x, y in zip(one, other, strict=True))
    return min(1.0, max(0.0, shared / math.sqrt(spread))) if spread else 0.0
