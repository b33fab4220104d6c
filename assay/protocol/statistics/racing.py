"""Stopping entrants that cannot reach the prize ranks, before all examples are scored.

All entrants meet the examples in one public random order, a batch at a time. A batch
after which it is shown that too many are better stops an entrant. The chance that any
entrant is stopped whom a full sweep would have placed in the prize ranks, ties
included, is at most ``level``, whatever the entrants and however alike they are.
Proof, worked table and measured savings: docs/algorithms/racing.md.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from assay.protocol.errors import Invalid
from assay.protocol.statistics.crown import BETS
from assay.protocol.statistics.sequences import betting

LEVEL = Fraction(1, 100)
_ROUNDING = 1e-9  # of a sum of scores that are no whole numbers
_SURE = 1e300  # beyond any threshold, and far from overflowing


@dataclass(frozen=True, slots=True)
class Stopped:
    """An entrant that was stopped: what the board says instead of a full score.

    ``low`` and ``high`` bound its mean at 95 %, valid although it was stopped
    because of its results. ``skipped`` counts the examples that it was spared.
    """

    key: str
    mean: float
    low: float
    high: float
    examples: int
    skipped: int


@dataclass
class Race:
    """A race of entrants over a fixed number of examples.

    Args:
        keys: the entrants.
        places: how many ranks win a prize; nobody of those ranks should be stopped.
        examples: how many examples a full sweep has.
        level: the chance that somebody is stopped who should not be.

    Raises:
        Invalid: ``race_places``, ``race_examples``, ``race_level`` or ``entry_twice``.
    """

    keys: Sequence[str]
    places: int
    examples: int
    level: Fraction = LEVEL
    seen: int = field(default=0, init=False)
    stopped: dict[str, Stopped] = field(default_factory=dict, init=False)
    scores: dict[str, list[float]] = field(default_factory=dict, init=False)
    _pairs: dict[tuple[str, str], "_Pair"] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        """Check the race and set up a game for each ordered pair."""
        _check(self)
        self.scores = {key: [] for key in self.keys}
        self._pairs = {
            (better, worse): _Pair()
            for better in self.keys
            for worse in self.keys
            if better != worse
        }

    @property
    def running(self) -> list[str]:
        """The entrants that have not been stopped."""
        return [key for key in self.keys if key not in self.stopped]

    @property
    def work(self) -> Fraction:
        """The share of a full sweep's example evaluations that were done."""
        done = sum(len(scores) for scores in self.scores.values())
        return Fraction(done, len(self.keys) * self.examples)

    def advance(self, batch: Mapping[str, Sequence[float]]) -> list[Stopped]:
        """Take the running entrants' scores on the next examples; stop who is out.

        Args:
            batch: for each running entrant as many scores from 0 to 1, in the
                public order. Its size must not depend on results.

        Raises:
            Invalid: ``batch_entrants``, ``batch_size`` or ``values_range``.
        """
        size = self._size(batch)
        for (better, worse), pair in self._pairs.items():
            if better in batch and worse in batch:
                gaps = zip(batch[better], batch[worse], strict=True)
                pair.bet([b - w for b, w in gaps], self.examples - self.seen)
        for key, scores in batch.items():
            self.scores[key] += scores
        self.seen += size
        found = [self._stop(key) for key in self.running if self._is_out(key)]
        self.stopped |= {one.key: one for one in found}
        return found

    def evidence(self, key: str) -> float:
        """Return the e-value against an entrant's place among the prize ranks.

        Were its full rank within the places, fewer than ``places`` others would be
        better, so at least n - places of the others' games against it were fair.
        The mean of the n - places smallest capitals is no more than that of those.
        """
        against = sorted(
            self._pairs[other, key].capital for other in self.keys if other != key
        )
        fair = against[: max(0, len(self.keys) - self.places)]
        return sum(fair) / len(fair) if fair else 0.0

    def _is_out(self, key: str) -> bool:
        # one false stop in all: the level is shared by all who could be prize winners
        return self.evidence(key) >= len(self.keys) / self.level

    def _stop(self, key: str) -> Stopped:
        scores = self.scores[key]
        low, high = betting(scores)
        mean = math.fsum(scores) / len(scores)
        skipped = self.examples - len(scores)
        return Stopped(key, mean, min(low, mean), max(high, mean), len(scores), skipped)

    def _size(self, batch: Mapping[str, Sequence[float]]) -> int:
        if set(batch) != set(self.running):
            raise Invalid(
                "batch_entrants", "A batch has scores of each running entrant."
            )
        sizes = {len(scores) for scores in batch.values()}
        if len(sizes) != 1 or not 0 < max(sizes) <= self.examples - self.seen:
            raise Invalid(
                "batch_size", "A batch is as long for each, and not too long."
            )
        for score in _all(batch.values()):
            if not 0 <= score <= 1:
                raise Invalid("values_range", f"{score} is not between 0 and 1.")
        return sizes.pop()


class _Pair:
    """A gambler who bets that one entrant has the higher total than another."""

    __slots__ = ("_capitals", "lead")

    def __init__(self) -> None:
        self.lead = 0.0
        self._capitals = [start for _, start in BETS]

    @property
    def capital(self) -> float:
        return sum(self._capitals)

    def bet(self, gaps: Sequence[float], remaining: int) -> None:
        """Play a batch drawn from the ``remaining`` examples.

        If the lead over all examples is at most 0, those remaining have a mean of at
        most -lead/remaining. For a batch drawn from them without putting back, the
        product of 1 + bet x gap is on average at most (1 + bet x mean)^size, by
        Maclaurin's inequality for symmetric means.
        """
        most = max(-1.0, min(1.0, -self.lead / remaining))
        moved = [gap for gap in gaps if gap]
        self._capitals = [
            min(_SURE, own * _growth(bet, moved, most, len(gaps)))
            for own, (bet, _) in zip(self._capitals, BETS, strict=True)
        ]
        self.lead += math.fsum(gaps)
        if self.lead > remaining - len(gaps) + _ROUNDING:  # the rest cannot undo it
            self._capitals = [_SURE for _ in BETS]


def _growth(bet: float, gaps: Sequence[float], most: float, size: int) -> float:
    return math.prod(1 + bet * gap for gap in gaps) / _power(1 + bet * most, size)


def _power(base: float, exponent: int) -> float:
    """Return a power by multiplications alone, so the same on every machine."""
    result = 1.0
    while exponent:
        if exponent % 2:
            result *= base
        base, exponent = base * base, exponent // 2
    return result


def _all(parts: Iterable[Sequence[float]]) -> Iterable[float]:
    return (value for part in parts for value in part)


def _check(race: Race) -> None:
    if race.places < 1:
        raise Invalid("race_places", "A race has at least one prize rank.")
    if race.examples < 1:
        raise Invalid("race_examples", "A race has at least one example.")
    if not 0 < race.level < 1:
        raise Invalid("race_level", "The chance of a wrong stop is between 0 and 1.")
    if len(set(race.keys)) != len(race.keys):
        raise Invalid("entry_twice", "An entry stands in the race twice.")
