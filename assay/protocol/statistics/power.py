"""What a benchmark can tell apart, said before anybody stakes on it.

From the baseline's right and wrong answers alone: the smallest gain that would be
seen, the examples that a gain needs, and how often an entrant that is no better would
win by luck. Derivations and a worked table: docs/algorithms/power.md.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from assay.protocol.errors import Invalid
from assay.protocol.statistics.crown import needed_leads, threshold
from assay.protocol.statistics.distributions import binomial_chances, normal_below

ALIKE = 0.62
"""How alike two models of one base answer: the lowest correlation measured."""
GAINS = (0.02, 0.03, 0.05, 0.10)
CHANCE = 0.9
MOST_DECISIVE = 3000
_NOTHING = 1e-15
_kept = lru_cache(maxsize=500)  # the slow parts, for one benchmark asked about often


@dataclass(frozen=True, slots=True)
class Power:
    """What a benchmark of so many examples can tell apart.

    ``decisive`` is the share of examples that only one of two equal models is
    expected to have right. Gains and shares are parts of 1.

    ``smallest_gain`` is crowned (as first challenge) nine times in ten; None when not
    even the largest possible gain is. ``examples_needed`` says for each gain of
    ``GAINS`` how many examples that takes; None for more than can be counted here.

    ``equal_beats`` is the chance that one entrant which is exactly as good as the
    baseline beats it by the margin; ``any_equal_beats`` that at least one of
    ``entrants`` such does; ``safe_margin`` the margin that lowers this to 5 %.
    ``equal_crowned`` is the chance that the crown's test takes an equal for better.
    """

    examples: int
    baseline: float
    decisive: float
    smallest_gain: float | None
    examples_needed: tuple[tuple[float, int | None], ...]
    entrants: int
    margin: float
    equal_beats: float
    any_equal_beats: float
    safe_margin: float
    equal_crowned: float


def report(
    results: Sequence[float],
    *,
    examples: int | None = None,
    margin: float = 0.0,
    entrants: int = 30,
    alike: float = ALIKE,
) -> Power:
    """Say what a benchmark can tell apart.

    Args:
        results: 1 for each example that the baseline had right, 0 for others.
        examples: how many will decide, where those are others than the results'.
        margin: by how much an entrant must beat the baseline, 0 to 1.
        entrants: how many take part, for ``any_equal_beats``.
        alike: the correlation of two models' results, 0 to below 1.

    Raises:
        Invalid: ``values_empty``, ``values_binary`` or ``power_range``.
    """
    _check(results, margin, entrants, alike)
    if examples is not None and examples < 1:
        raise Invalid("power_range", "At least one example decides.")
    count = len(results) if examples is None else examples
    # a baseline without a fault, or without a hit, says that there is at least one
    few = 0.5 / len(results)
    share = min(max(math.fsum(results) / len(results), few), 1 - few)
    decisive = 2 * share * (1 - share) * (1 - alike)
    lead = lead_for(margin, count)
    return Power(
        examples=count,
        baseline=math.fsum(results) / len(results),
        decisive=decisive,
        smallest_gain=smallest_gain(count, decisive, share),
        examples_needed=tuple(
            (gain, needed(gain, decisive_with(gain, decisive, share))) for gain in GAINS
        ),
        entrants=entrants,
        margin=margin,
        equal_beats=chance_of_lead(lead, count, decisive),
        any_equal_beats=chance_of_any(lead, count, decisive, entrants),
        safe_margin=_safe_margin(count, decisive, entrants),
        equal_crowned=chance_crowned(0.0, count, decisive),
    )


def decisive_with(gain: float, decisive: float, share: float) -> float:
    """Return the decisive share between a baseline and a model better by a gain.

    As if each wrong answer had the same chance to be put right: the gain adds to the
    decisive share what the baseline had wrong and an equal model would too.
    """
    return decisive + gain * (1 - decisive / (1 - share))


def lead_for(margin: float, count: int) -> int:
    """Return by how many examples a model must lead to beat another by a margin."""
    return max(1, math.ceil(margin * count - 1e-9))


@_kept
def chance_of_lead(lead: int, count: int, decisive: float) -> float:
    """Return the chance that an equal model has so many more right, exactly."""
    first, chances = binomial_chances(count, decisive)
    return math.fsum(
        chance * _tail(tosses, lead)
        for tosses, chance in enumerate(chances, start=first)
        if chance > _NOTHING
    )


def chance_of_any(lead: int, count: int, decisive: float, entrants: int) -> float:
    """Return the chance that one of several equal models leads the baseline so.

    All are measured against the same baseline, whose own luck z is common to them:
    1 - integral of phi(z) Phi(a + z)^entrants, with a the lead, less one half for
    continuity, over sqrt(count x decisive / 2).
    """
    goal = (lead - 0.5) / math.sqrt(count * decisive / 2)
    step = 1 / 50
    none = math.fsum(
        math.exp(-z * z / 2) * normal_below(goal + z) ** entrants
        for z in (k * step for k in range(-450, 451))
    )
    return max(0.0, 1 - none * step / math.sqrt(2 * math.pi))


@_kept
def chance_crowned(
    gain: float, count: int, decisive: float, needed_value: Fraction | None = None
) -> float:
    """Return the chance that the crown's test takes a gain for real in time.

    Where nothing else is said, as first challenge of a competition.
    """
    first, chances = binomial_chances(count, max(decisive, gain))
    last = first + len(chances) - 1
    reached = crossings(gain, decisive, last, needed_value)
    return math.fsum(
        chance * reached[tosses] for tosses, chance in enumerate(chances, start=first)
    )


def crossings(
    gain: float, decisive: float, most: int, needed_value: Fraction | None = None
) -> list[float]:
    """Return the chance to be crowned within 0 to ``most`` decisive examples.

    A walk of wins and losses, followed exactly: what reaches the needed lead leaves.
    """
    up = (1 + min(1.0, gain / max(decisive, gain))) / 2 if gain else 0.5
    leads = needed_leads(needed_value or threshold(1), most)
    lowest, alive, total = 0, [1.0], 0.0
    reached = [0.0]
    for tosses in range(1, most + 1):
        alive = [
            up * won + (1 - up) * lost
            for won, lost in zip([0.0, *alive], [*alive, 0.0], strict=True)
        ]
        barred = (leads[tosses] + tosses + 1) // 2 - lowest
        total += math.fsum(alive[max(0, barred) :])
        alive = alive[: max(0, barred)]
        # what has all but no chance left to matter is not carried along
        hopeless = sum(
            1 for _ in itertools.takewhile(lambda part: part < _NOTHING, alive)
        )
        lowest, alive = lowest + hopeless, alive[hopeless:]
        reached.append(min(1.0, total))
    return reached


@_kept
def smallest_gain(count: int, decisive: float, share: float) -> float | None:
    """Return the smallest gain that is crowned nine times in ten, to 0.1 points."""

    def seen(thousandths: int) -> bool:
        gain = thousandths / 1000
        wider = decisive_with(gain, decisive, share)
        return chance_crowned(gain, count, wider) >= CHANCE

    low, high = 0, math.floor(1000 * (1 - share))
    if not high or not seen(high):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if seen(middle):
            high = middle
        else:
            low = middle
    return high / 1000


@_kept
def needed(gain: float, decisive: float) -> int | None:
    """Return how many examples a gain needs to be crowned nine times in ten.

    To the nearest hundred above; None when over 3000 decisive ones are too few.
    ``decisive`` is the share of examples that tells the two models apart.
    """
    share = max(decisive, gain)
    reached = crossings(gain, decisive, MOST_DECISIVE)
    low, high = 0, math.floor(MOST_DECISIVE / share / 100)
    if not high or _by(high * 100, share, reached) < CHANCE:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if _by(middle * 100, share, reached) < CHANCE:
            low = middle
        else:
            high = middle
    return high * 100


def _by(count: int, share: float, reached: Sequence[float]) -> float:
    first, chances = binomial_chances(count, share)
    return math.fsum(
        chance * reached[min(tosses, len(reached) - 1)]
        for tosses, chance in enumerate(chances, start=first)
    )


def _tail(tosses: int, lead: int) -> float:
    """Return the chance that fair tosses give so many more wins than losses."""
    if tosses < lead:
        return 0.0
    wins = (tosses + lead + 1) // 2
    first, chances = binomial_chances(tosses, 0.5)
    return math.fsum(chances[max(0, wins - first) :])


def _safe_margin(count: int, decisive: float, entrants: int) -> float:
    low, high = 0, count
    while high - low > 1:
        middle = (low + high) // 2
        if chance_of_any(middle, count, decisive, entrants) > 0.05:
            low = middle
        else:
            high = middle
    return high / count


def _check(
    results: Sequence[float], margin: float, entrants: int, alike: float
) -> None:
    if not results:
        raise Invalid("values_empty", "There are no per-example scores.")
    if any(value not in {0, 1} for value in results):
        raise Invalid("values_binary", "A power report needs right and wrong answers.")
    if not (0 <= margin <= 1 and 1 <= entrants <= 1000 and 0 <= alike < 1):
        raise Invalid(
            "power_range",
            "The margin is from 0 to 1, there are 1 to 1000 entrants, and models are"
            " alike by 0 to below 1.",
        )
