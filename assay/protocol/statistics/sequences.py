"""Intervals and bounds that hold at every moment at once, so one may look and stop.

An ordinary 95 % interval holds at one sample size that was fixed beforehand. These
hold, together, at all sizes: whoever watches and stops when it suits them still errs
in at most ``alpha`` of all cases. Sources: docs/algorithms/statistics.md.
"""

import math
from collections.abc import Callable, Iterator, Sequence

from assay.protocol.errors import Invalid

_HALVINGS = 40


def normal_mixture(variance: float, rho: float, alpha: float = 0.05) -> float:
    """Return how far a sum may stray from its mean, both ways, at any moment.

    sqrt((v + rho) log((v + rho) / (rho alpha^2))) for sums whose intrinsic time v
    is their variance (Robbins, Annals of Mathematical Statistics 41 (1970)
    1397-1409); tightest near v = rho times a small factor.
    """
    total = variance + rho
    return math.sqrt(total * math.log(total / (rho * alpha * alpha)))


def stitched(variance: float, start: float, scale: float, alpha: float = 0.05) -> float:
    """Return the polynomial stitched bound of a sum, one way, at any moment.

    Theorem 1 of Howard, Ramdas, McAuliffe and Sekhon (Annals of Statistics 49 (2021)
    1055-1080) with eta = 2 and s = 1.4; ``scale`` is the c of a sub-gamma sum.
    """
    eta, power = 2.0, 1.4
    time = max(variance, start)
    first = (eta**0.25 + eta**-0.25) / math.sqrt(2)
    second = (math.sqrt(eta) + 1) / 2
    level = power * math.log(math.log(eta * time / start))
    level += math.log(_zeta(power) / (alpha * math.log(eta) ** power))
    part = second * scale * level
    return math.sqrt(first * first * time * level + part * part) + part


def empirical_bernstein(
    values: Sequence[float], alpha: float = 0.05
) -> Iterator[tuple[float, float]]:
    """Yield after each value an interval of the mean of values in [0, 1].

    The predictable plug-in of Waudby-Smith and Ramdas, "Estimating means of bounded
    random variables by betting", JRSS B 86 (2024) 1-27, theorem 2, with bets of at
    most 1/2. Each value's mean, given those before, must be the same.

    Raises:
        Invalid: ``values_range``.
    """
    weighted = bets = penalty = 0.0
    guess = 0.5
    for value, wanted, after in _betted(values, alpha):
        gap, bet = value - guess, min(wanted, 0.5)
        weighted, bets = weighted + bet * value, bets + bet
        penalty += gap * gap * (-math.log1p(-bet) - bet)
        centre = weighted / bets
        half = (math.log(2 / alpha) + penalty) / bets
        yield max(0.0, centre - half), min(1.0, centre + half)
        guess = after


def betting(values: Sequence[float], alpha: float = 0.05) -> tuple[float, float]:
    """Return an interval of the mean of values in [0, 1], after all of them.

    Those means m are kept against which two gamblers, one who bets that values are
    above m and one below, have not turned 1 into 2/alpha: hedged capital of
    Waudby-Smith and Ramdas, theorem 3. Shorter than ``empirical_bernstein``. The
    gamblers' capital rises on either side of the values' mean, so each end is
    found by halving.

    Raises:
        Invalid: ``values_range``.
    """
    steps = [(value, bet) for value, bet, _ in _betted(values, alpha)]
    if not steps:
        return 0.0, 1.0
    middle = math.fsum(value for value, _ in steps) / len(steps)
    goal = math.log(2 / alpha)
    low = _edge(lambda m: _capital(steps, m, 1) < goal, middle, 0.0)
    high = _edge(lambda m: _capital(steps, m, -1) < goal, middle, 1.0)
    return low, high


def _capital(steps: Sequence[tuple[float, float]], m: float, side: int) -> float:
    """Return the log of what a gambler on this side of ``m`` made of 1."""
    room = m if side > 0 else 1 - m
    most = 0.5 / room if room > 0 else math.inf
    bets = ((x, min(bet, most)) for x, bet in steps)
    return math.fsum(math.log1p(side * bet * (x - m)) for x, bet in bets)


def _edge(kept: Callable[[float], bool], inside: float, outside: float) -> float:
    if kept(outside):
        return outside
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2
        if kept(middle):
            inside = middle
        else:
            outside = middle
    return outside


def _betted(
    values: Sequence[float], alpha: float
) -> Iterator[tuple[float, float, float]]:
    """Yield each value with the bet set before it, and the mean guessed after it."""
    total, squares, variance = 0.5, 0.25, 0.25
    for time, value in enumerate(values, start=1):
        if not 0 <= value <= 1:
            raise Invalid("values_range", f"{value} is not between 0 and 1.")
        pace = variance * time * math.log1p(time)
        bet = math.sqrt(2 * math.log(2 / alpha) / pace)
        total += value
        guess = total / (time + 1)
        squares += (value - guess) ** 2
        variance = squares / (time + 1)
        yield value, bet, guess


def _zeta(power: float) -> float:
    """Return Riemann's zeta by its sum and the Euler-Maclaurin rest."""
    last = 1000
    head = math.fsum(math.pow(k, -power) for k in range(1, last))
    rest = math.pow(last, 1 - power) / (power - 1) + math.pow(last, -power) / 2
    return head + rest + power * math.pow(last, -power - 1) / 12
