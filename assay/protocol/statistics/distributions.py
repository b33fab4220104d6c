"""The few distributions that intervals and tests need, from the standard library alone.

Each agrees with SciPy to nine digits or more; the tests compare.
"""

import math
from fractions import Fraction
from statistics import NormalDist

_STEPS = 300
_TINY = 1e-300
_STANDARD = NormalDist()


def normal_quantile(chance: float) -> float:
    """Return the value that a standard normal stays below with this chance, 0 to 1."""
    return _STANDARD.inv_cdf(chance)


def normal_below(value: float) -> float:
    """Return the chance that a standard normal is below ``value``."""
    return math.erfc(-value / math.sqrt(2)) / 2


def student_tail(value: float, freedom: float) -> float:
    """Return the two-sided chance of a Student t at least as far from 0.

    With x = v / (v + t^2) it is the regularised incomplete beta I_x(v/2, 1/2)
    (NIST Digital Library of Mathematical Functions, 8.17).

    Args:
        value: the observed t; its sign does not matter.
        freedom: degrees of freedom, above zero.
    """
    if math.isinf(value):
        return 0.0
    square = value * value
    if square < freedom:  # here the other side keeps more digits
        return 1 - incomplete_beta(0.5, freedom / 2, square / (freedom + square))
    return incomplete_beta(freedom / 2, 0.5, freedom / (freedom + square))


def student_quantile(confidence: float, freedom: float) -> float:
    """Return the t that a Student variable stays within, both ways, so often.

    Found by halving an interval, so as exact as ``student_tail``.
    """
    low, high = 0.0, 1.0
    while student_tail(high, freedom) > 1 - confidence:
        low, high = high, high * 2
    for _ in range(80):
        middle = (low + high) / 2
        if student_tail(middle, freedom) > 1 - confidence:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def sign_test(wins: int, losses: int) -> float:
    """Return the exact two-sided chance of so uneven a split of fair coin tosses.

    Summed in integers and rounded once. It is McNemar's exact test.
    """
    tosses = wins + losses
    term = total = 1
    for k in range(1, min(wins, losses) + 1):
        term = term * (tosses - k + 1) // k
        total += term
    return min(1.0, float(Fraction(2 * total, 2**tosses)))


def binomial_chances(trials: int, chance: float) -> tuple[int, list[float]]:
    """Return the first count and the chances of it and the following ones.

    Counts further than nine standard deviations from the mean are left out; their
    chances sum to less than 1e-15.
    """
    if chance <= 0:
        return 0, [1.0]
    if chance >= 1:
        return trials, [1.0]
    mean, spread = trials * chance, math.sqrt(trials * chance * (1 - chance))
    first = max(0, math.floor(mean - 9 * spread - 9))
    last = min(trials, math.ceil(mean + 9 * spread + 9))
    whole = math.lgamma(trials + 1)
    logs = (
        whole
        - math.lgamma(k + 1)
        - math.lgamma(trials - k + 1)
        + k * math.log(chance)
        + (trials - k) * math.log1p(-chance)
        for k in range(first, last + 1)
    )
    return first, [math.exp(value) for value in logs]


def incomplete_beta(a: float, b: float, x: float) -> float:
    """Return the regularised incomplete beta function I_x(a, b), for a, b > 0.

    By its continued fraction (NIST DLMF 8.17.22) in Lentz's form, on the side of
    the mean where it converges fast.
    """
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(b, a, 1 - x)
    scale = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    front = math.exp(scale + a * math.log(x) + b * math.log1p(-x)) / a
    return front / _fraction(a, b, x)


def _fraction(a: float, b: float, x: float) -> float:
    """Return the continued fraction 1 + d1/(1 + d2/(1 + ...)) of DLMF 8.17.22."""
    value = numerator = 1.0
    denominator = 0.0
    for step in range(1, _STEPS):
        part = _coefficient(a, b, x, step)
        denominator = 1 / _not_zero(1 + part * denominator)
        numerator = _not_zero(1 + part / numerator)
        change = numerator * denominator
        value *= change
        if abs(change - 1) < 1e-16:
            break
    return value


def _coefficient(a: float, b: float, x: float, step: int) -> float:
    half = step // 2
    if step % 2:
        return -(a + half) * (a + b + half) * x / ((a + step - 1) * (a + step))
    return half * (b - half) * x / ((a + step - 1) * (a + step))


def _not_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
