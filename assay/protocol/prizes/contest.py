"""What a prize is decided by: one frozen value that every rule takes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import accumulate

from assay.protocol.ranking import Placing


@dataclass(frozen=True, slots=True)
class PublicScore:
    """One entry's score on the public split, and when it stood on the public board.

    ``low`` and ``high`` are its 95 % interval; both times have a zone.
    """

    key: str
    score: float
    low: float
    high: float
    submitted_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class Contest:
    """All that may decide who earns what; a rule ignores what it does not need.

    Args:
        purse: base units.
        baseline: what the base model scores on the private split.
        margin: how far above the baseline an entry must be to earn.
        placings: the private board, in any order.
        entrants: who entered each key; a key that is missing is its own entrant.
        timeline: the public scores in the order in which they were recorded. That
            order counts, not the clock: a time earlier than the one before it is
            read as the one before it.
        opened_at: when miners were let in.
        closed_at: the deadline.
        public_baseline: what the base model scores on the public split; without
            it, anybody may lead the public board.
    """

    purse: int
    baseline: float
    margin: float
    placings: Sequence[Placing] = ()
    entrants: Mapping[str, str] = field(default_factory=dict)
    timeline: Sequence[PublicScore] = ()
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    public_baseline: float | None = None

    def entrant(self, key: str) -> str:
        """Who entered it."""
        return self.entrants.get(key, key)

    def first_of_each(self, keys: Sequence[str]) -> list[str]:
        """The first key of each entrant, in order."""
        firsts: dict[str, str] = {}
        for key in keys:
            firsts.setdefault(self.entrant(key), key)
        return list(firsts.values())

    def without(self, keys: Collection[str]) -> "Contest":
        """The same contest as if these entries had never been made.

        They still stand in the history: the other times are read as they were.
        """
        return replace(
            self,
            placings=[p for p in self.placings if p.entry.key not in keys],
            timeline=[one for one in self.steady() if one.key not in keys],
        )

    def steady(self) -> list[PublicScore]:
        """The timeline in its order, with times that never run backwards."""
        times = accumulate((one.at for one in self.timeline), max)
        return [replace(o, at=at) for o, at in zip(self.timeline, times, strict=True)]
