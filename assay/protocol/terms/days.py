"""Which grant is in force on a day, and when terms begin and end."""

from datetime import date
from typing import NamedTuple

from assay.protocol.terms.grammar import grant_text
from assay.protocol.terms.model import Grant, Terms, Window
from assay.protocol.terms.names import slot_name
from assay.protocol.terms.vocabulary import Right, Side


class Days(NamedTuple):
    """The day of the use, and the day on which the work was put under its terms."""

    on: date | None
    granted: date | None


class InForce(NamedTuple):
    """A grant and the name of the tag that says it, window included."""

    grant: Grant
    tag: str

    @property
    def said(self) -> str:
        """The tag as it is written, to cite it."""
        return f"{self.tag} = {grant_text(self.grant)}"


class UndecidedError(Exception):
    """The day decides and cannot be told; carries a sentence's key."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def anniversary(day: date, years: int) -> date | None:
    """``day``, ``years`` later; 29 February becomes 1 March; None past year 9999."""
    if day.year + years > date.max.year:
        return None
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def end_of(terms: Terms, granted: date) -> date | None:
    """The first day on which the terms grant nothing any more; None without an end."""
    if terms.expiry_years is None:
        return None
    return anniversary(granted, terms.expiry_years)


def grant_in_force(terms: Terms, right: Right, days: Days) -> InForce:
    """The grant of ``right`` on the day, and the tag that it comes from.

    Raises:
        UndecidedError: windows depend on a day that is not given, or disagree.
    """
    windows = terms.windows_of(right)
    if not windows:
        return InForce(terms.grant(right), right.value)
    on, granted = days
    if on is None or granted is None:
        raise UndecidedError("why.day-of-window")
    after = [w for w in windows if w.key.side is Side.AFTER and _past(w, on, granted)]
    before = [
        w for w in windows if w.key.side is Side.BEFORE and not _past(w, on, granted)
    ]
    # The nearest anniversary decides on each side: the last one passed, the next one.
    nearest = [
        *sorted(after, key=lambda w: w.key.years)[-1:],
        *sorted(before, key=lambda w: w.key.years)[:1],
    ]
    if len({window.grant for window in nearest}) > 1:
        raise UndecidedError("why.windows-disagree")
    if nearest:
        return InForce(nearest[0].grant, slot_name(nearest[0].key))
    return InForce(terms.grant(right), right.value)


def _past(window: Window, on: date, granted: date) -> bool:
    day = anniversary(granted, window.key.years)
    return day is not None and on >= day
