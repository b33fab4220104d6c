"""Statements: what moved on an account in a period, with the balance after each line.

The book's order is that of ``Transfer.seq``. A period begins with the first transfer
that was recorded in it and ends with the last before the next, for all accounts alike,
so what closes one period opens the next and the lines in between add up.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from assay.protocol.errors import Invalid
from ledger import selectors
from ledger.models import Account, Posting, Transfer

CHUNK = 1000
LAST_SEQ = 2**63 - 1
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Period:
    """From a moment, up to and without another; None is without an end."""

    start: datetime | None = None
    end: datetime | None = None


ALWAYS = Period()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a statement: what moved, and the balance after it."""

    transfer: Transfer
    amount: int
    running: int


@dataclass(frozen=True, slots=True)
class Totals:
    """The balances, in base units, that a period opened and closed with."""

    opening: int
    closing: int


def read_period(start: str, end: str) -> Period:
    """The period between two texts: days (UTC, the last included) or moments.

    Raises:
        Invalid: ``period_unreadable``, or ``period_backwards`` when it ends before
            it begins.
    """
    period = Period(
        _moment(start, where="from") if start else None,
        _moment(end, where="to", last=True) if end else None,
    )
    if period.start and period.end and period.end <= period.start:
        raise Invalid(
            "period_backwards", "The period ends before it begins.", where="to"
        )
    return period


def lines(
    account: Account,
    *,
    limit: int,
    before_seq: int | None = None,
    period: Period = ALWAYS,
) -> list[Line]:
    """At most ``limit`` lines older than ``before_seq``, the newest first.

    The next page starts at the ``seq`` of the last line's transfer; pages never shift.
    """
    first, end = _bounds(period)
    before: int | None = min(LAST_SEQ if before_seq is None else before_seq, end)
    stripes = list(selectors.stripes(account))
    found: list[Line] = []
    while before is not None and len(found) < limit:
        page, before = _page(stripes, first, before, limit)
        # A transfer that only moved money among the stripes is no line.
        found += [line for line in page if line.amount]
    return found[:limit]


def _page(
    stripes: list[Account], first: int, before: int, limit: int
) -> tuple[list[Line], int | None]:
    """The lines from ``before`` down to ``first``, and where the next begin if any."""
    rows = [_newest(stripe, before, limit) for stripe in stripes]
    running = sum(of_stripe[0].balance_after for of_stripe in rows if of_stripe)
    moved: dict[int, tuple[Transfer, int]] = {}
    for row in (row for of_stripe in rows for row in of_stripe):
        seq = row.transfer.seq
        _, amount = moved.get(seq, (row.transfer, 0))
        moved[seq] = (row.transfer, amount + row.amount)
    page: list[Line] = []
    for seq in sorted(moved, reverse=True)[:limit]:
        if seq < first:
            return page, None
        page.append(Line(*moved[seq], running))
        running -= moved[seq][1]
    more = any(len(of_stripe) == limit for of_stripe in rows) or len(moved) > limit
    return page, page[-1].transfer.seq if more else None


def walk(account: Account, period: Period = ALWAYS) -> Iterator[Line]:
    """All lines of a period, the newest first, a thousand at a time."""
    before: int | None = None
    while page := lines(account, limit=CHUNK, before_seq=before, period=period):
        yield from page
        before = page[-1].transfer.seq


def totals(account: Account, period: Period = ALWAYS) -> Totals:
    """What the period opened and closed with."""
    first, end = _bounds(period)
    stripes = list(selectors.stripes(account))
    return Totals(
        *(
            sum(
                rows[0].balance_after
                for rows in (_newest(stripe, seq, 1) for stripe in stripes)
                if rows
            )
            for seq in (first, end)
        )
    )


def first_seq(moment: datetime) -> int:
    """The ``seq`` of the first transfer recorded at that moment or after it."""
    later = Transfer.objects.filter(recorded_at__gte=moment)
    rows = later.order_by("recorded_at", "seq").values_list("seq", flat=True)
    return rows.first() or LAST_SEQ


def _bounds(period: Period) -> tuple[int, int]:
    return (
        first_seq(period.start) if period.start else 0,
        first_seq(period.end) if period.end else LAST_SEQ,
    )


def _newest(stripe: Account, before: int, limit: int) -> list[Posting]:
    """The stripe's last postings of transfers before that ``seq``, newest first.

    The index on account and id alone finds them: postings with a lower id are all of
    such transfers, and at most one with a higher id is. One after it would have drawn
    its ``seq`` while the stripe was locked, so after that id.
    """
    if before <= 0:
        return []
    rows = stripe.postings.select_related("transfer")
    older = list(rows.filter(id__lt=before).order_by("-id")[:limit])
    if before == LAST_SEQ:
        return older
    straddling = rows.filter(id__gte=before).order_by("id").first()
    if straddling is not None and straddling.transfer.seq < before:
        return [straddling, *older][:limit]
    return older


def _moment(text: str, *, where: str, last: bool = False) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        if _DAY.fullmatch(text):
            day = moment.replace(tzinfo=UTC)
            return day + timedelta(days=1) if last else day
    except (ValueError, OverflowError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Invalid(
            "period_unreadable",
            f"{text[:40]!r} is neither a day nor a moment with its zone.",
            fix="Write 2030-05-01, or 2030-05-01T12:00:00Z.",
            where=where,
        )
    return moment
