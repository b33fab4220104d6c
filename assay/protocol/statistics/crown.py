"""Who may take the lead: a test by betting that holds whenever one stops.

A challenger is crowned only when a gambler who bets on it, example by example, has
multiplied a stake of 1 by the challenge's threshold. If it is no better than the
champion, that happens with a chance of at most 1/threshold, however long one plays
and whenever one looks (J. Ville, 1939); the thresholds of all challenges of a
competition's life together leave a chance of at most ``alpha`` for one false crown.

Only +, -, x and / decide, so every machine crowns the same. Assumptions, proof and
measured rates: docs/algorithms/crown.md.
"""

import hashlib
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from assay.protocol.errors import Invalid

ALPHA = Fraction(1, 20)
BETS = (
    (1 / 32, 1 / 8),
    (1 / 16, 1 / 4),
    (1 / 8, 1 / 4),
    (1 / 4, 1 / 4),
    (1 / 2, 1 / 8),
)
"""Parts of its capital that the gambler risks, and how much it starts with for each.

The best part for a gain g where a share d of the examples tells the models apart is
g/d; these five lie within a factor of two of any from 1/64 to 1, and sums of powers
of two start the game without rounding.
"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a challenge went; ``decided_at`` counts examples, None when never crowned.

    ``e_value`` is the capital at the decision, or after the last example.
    """

    crowned: bool
    decided_at: int | None
    e_value: float
    examples: int


@dataclass(frozen=True, slots=True)
class Contestant:
    """An entrant with one score in [0, 1] an example, in the public order."""

    key: str
    scores: Sequence[float]


@dataclass(frozen=True, slots=True)
class Challenge:
    """One challenge of a competition's life, numbered from 1."""

    number: int
    challenger: str
    champion: str
    threshold: Fraction
    verdict: Verdict


def threshold(number: int, *, alpha: Fraction = ALPHA, reused: bool = True) -> Fraction:
    """Return the e-value that the competition's challenge of this number must reach.

    k(k + 1)/alpha spends alpha/(k(k + 1)) on challenge k: over endlessly many, alpha
    in all. With ``reused`` examples, which earlier crowns were decided on, each of
    the k possible champions at that moment gets an equal part: k^2(k + 1)/alpha.

    Args:
        number: 1 for the first challenge of the competition.
        reused: whether the same examples serve after the champion has changed.

    Raises:
        Invalid: ``challenge_number`` or ``alpha_range``.
    """
    if number < 1:
        raise Invalid("challenge_number", "Challenges are numbered from 1.")
    champions = number if reused else 1
    return number * (number + 1) * champions / _checked(alpha)


def threshold_among(entrants: int, *, alpha: Fraction = ALPHA) -> Fraction:
    """Return the e-value for each of so many entrants who all meet one champion.

    For a field that is known before the first example is scored, entrants/alpha.

    Raises:
        Invalid: ``challenge_number`` or ``alpha_range``.
    """
    if entrants < 1:
        raise Invalid("challenge_number", "There is nobody to be crowned.")
    return entrants / _checked(alpha)


def e_values(differences: Iterable[float], margin: float = 0.0) -> Iterator[float]:
    """Yield the gambler's capital after each example, from a stake of 1.

    Were the mean difference at most ``margin``, given all examples before, the
    capital would be a supermartingale: its expectation is at most 1 at any stop.

    Args:
        differences: the challenger's score less the champion's, each -1 to 1.
        margin: what must be exceeded, 0 to below 1.

    Raises:
        Invalid: ``difference_range`` or ``margin_range``.
    """
    if not 0 <= margin < 1:
        raise Invalid("margin_range", "A margin is at least 0 and below 1.")
    capital = [start for _, start in BETS]
    for difference in differences:
        if not -1 <= difference <= 1:
            raise Invalid(
                "difference_range", f"{difference} is not a difference from -1 to 1."
            )
        gain = (difference - margin) / (1 + margin)
        capital = [
            own * (1 + bet * gain) for own, (bet, _) in zip(capital, BETS, strict=True)
        ]
        yield sum(capital)


def challenge(
    differences: Iterable[float], needed: Fraction, margin: float = 0.0
) -> Verdict:
    """Play until the capital reaches what is needed, or the examples end.

    Raises:
        Invalid: as ``e_values``.
    """
    value, count = 1.0, 0
    for count, value in enumerate(e_values(differences, margin), start=1):
        if value >= needed:
            return Verdict(True, count, value, count)
    return Verdict(False, None, value, count)


def play(
    champion: Contestant,
    challengers: Sequence[Contestant],
    *,
    alpha: Fraction = ALPHA,
    margin: float = 0.0,
) -> list[Challenge]:
    """Play a competition's life: each in turn challenges whoever leads.

    Raises:
        Invalid: ``pairs_length`` when contestants have not scored the same
            examples, or as ``e_values``.
    """
    history = []
    for number, entrant in enumerate(challengers, start=1):
        if len(entrant.scores) != len(champion.scores):
            raise Invalid(
                "pairs_length",
                "Contestants meet on the same examples.",
                where=entrant.key,
            )
        pairs = zip(entrant.scores, champion.scores, strict=True)
        needed = threshold(number, alpha=alpha)
        verdict = challenge((ours - theirs for ours, theirs in pairs), needed, margin)
        history.append(Challenge(number, entrant.key, champion.key, needed, verdict))
        if verdict.crowned:
            champion = entrant
    return history


def public_order(ids: Iterable[str], seed: str) -> list[str]:
    """Return the examples in the order that the seed gives: by SHA-256 of both.

    Whoever knows the seed and the ids finds the same order; nobody can choose it who
    must name the examples before the seed is known.
    """

    def drawn(name: str) -> tuple[bytes, str]:
        text = f"{len(seed)}:{seed}{name}"
        return hashlib.sha256(text.encode()).digest(), name

    return sorted(ids, key=drawn)


def needed_leads(needed: Fraction, most: int) -> list[int]:
    """Return for 0 to ``most`` decisive examples the lead in wins that crowns.

    Where every difference is -1, 0 or 1 the capital depends on the numbers of wins
    and losses alone. A lead beyond the count means that no lead suffices yet.
    """
    goal = math.log(needed)
    rates = [(math.log1p(b), math.log1p(-b), math.log(start)) for b, start in BETS]
    leads, wins = [], 0
    for decisive in range(most + 1):
        while wins <= decisive:
            lost = decisive - wins
            logs = [up * wins + down * lost + start for up, down, start in rates]
            top = max(logs)
            if top + math.log(sum(math.exp(x - top) for x in logs)) >= goal:
                break
            wins += 1
        leads.append(2 * wins - decisive)
    return leads


def _checked(alpha: Fraction) -> Fraction:
    if not 0 < alpha < 1:
        raise Invalid("alpha_range", "The chance of a false crown is between 0 and 1.")
    return Fraction(alpha)
