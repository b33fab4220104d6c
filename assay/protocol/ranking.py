"""Who stands where, and who beat the baseline.

The rule and a worked table: docs/algorithms/ranking.md.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from assay.protocol.errors import Invalid

BILLION = 10**9


@dataclass(frozen=True, slots=True)
class Entry:
    """One submission on a board; more is better; ``submitted_at`` has a zone."""

    key: str
    score: float
    submitted_at: datetime


@dataclass(frozen=True, slots=True)
class Placing:
    """An entry's place; ``tied_with`` counts the *other* entries of that score."""

    entry: Entry
    rank: int
    tied_with: int


def rank(entries: Iterable[Entry]) -> list[Placing]:
    """Place entries by score, best first, whatever order they come in.

    Competition ranking (1, 2, 2, 4): a rank is one more than the number of
    entries with a higher score. Ties are equal scores; within a tie the earlier
    submission is listed first, then the smaller key.

    Raises:
        Invalid: ``score_not_finite``, ``entry_time_zone``, or ``entry_twice``
            when two entries share a key.
    """
    ordered = sorted(_checked(list(entries)), key=_order)
    sizes = Counter(entry.score for entry in ordered)
    first: dict[float, int] = {}
    for place, entry in enumerate(ordered, start=1):
        first.setdefault(entry.score, place)
    return [
        Placing(entry, first[entry.score], sizes[entry.score] - 1) for entry in ordered
    ]


def beats(score: float, baseline: float, margin: float) -> bool:
    """Tell whether a score is above the baseline, and by the margin or more.

    Compared in billionths, so 0.81 beats 0.80 by 0.01 although the binary
    fractions behind those numbers do not differ by exactly that.

    Raises:
        Invalid: ``score_not_finite``, or ``margin_negative``.
    """
    if margin < 0:
        raise Invalid("margin_negative", f"The margin is negative: {margin}.")
    needed = improvement(margin, 0.0)
    return improvement(score, baseline) >= max(needed, 1)


def improvement(score: float, baseline: float) -> int:
    """Return ``score - baseline`` in billionths, rounded once, half to even.

    Raises:
        Invalid: ``score_not_finite``.
    """
    difference = Fraction(_finite(score)) - Fraction(_finite(baseline))
    return round(difference * BILLION)


def _order(entry: Entry) -> tuple[float, datetime, str]:
    return (-entry.score, entry.submitted_at, entry.key)


def _checked(entries: Sequence[Entry]) -> Sequence[Entry]:
    keys = Counter(entry.key for entry in entries)
    for entry in entries:
        _finite(entry.score, where=entry.key)
        if keys[entry.key] > 1:
            raise Invalid(
                "entry_twice", "An entry stands on the board twice.", where=entry.key
            )
        if entry.submitted_at.utcoffset() is None:
            raise Invalid(
                "entry_time_zone",
                "A time of submission has no time zone.",
                where=entry.key,
            )
    return entries


def _finite(score: float, where: str = "") -> float:
    if not math.isfinite(score):
        raise Invalid(
            "score_not_finite",
            f"{score} is not a score: a score is a finite number.",
            where=where,
        )
    return score
