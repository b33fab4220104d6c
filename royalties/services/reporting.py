"""Shares of revenue: what licensees declare, owe and are reminded of."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from django.conf import settings
from django.db import transaction

from accounts.models import User
from assay.protocol.errors import Conflict, Forbidden, Invalid
from ledger.services import reused
from ledger.wallets import wallet
from royalties.models import Licence, RevenueReport, Royalty
from royalties.services import noticing, paying
from royalties.services.licensing import locked_licence

REMINDERS = (timedelta(0), timedelta(days=7), timedelta(days=14))


@dataclass(frozen=True)
class RevenuePeriod:
    """One period of a licence, counted from 1; it ends before ``ends_at``."""

    number: int
    begins_at: datetime
    ends_at: datetime


def period(licence: Licence, number: int) -> RevenuePeriod:
    """The period of that number: equal lengths from the day of the licence."""
    length = settings.REVENUE_PERIOD
    begins = licence.issued_at + length * (number - 1)
    return RevenuePeriod(number, begins, begins + length)


def current_number(licence: Licence, now: datetime) -> int:
    """The number of the period in which ``now`` lies."""
    return int((now - licence.issued_at) / settings.REVENUE_PERIOD) + 1


def owed_on(revenue: int, percent: str) -> int:
    """Base units owed on ``revenue``, rounded down."""
    owed = revenue * Fraction(Decimal(percent)) / 100
    return owed.numerator // owed.denominator


@transaction.atomic
def declare(
    *,
    licence: Licence,
    licensee: User,
    number: int,
    revenue: int,
    note: str,
    key: str,
    now: datetime,
) -> RevenueReport:
    """Declare what was earned in a period, and pay the share of it.

    Declaring again adds to the period: what was forgotten is declared for itself,
    and every declaration stays on record.

    Args:
        number: of the period; it must have begun.
        revenue: base units of the platform's asset.
        key: the same key of a licence is one declaration.

    Raises:
        Forbidden: it is somebody else's licence.
        Conflict: it owes no share of revenue, or the key was used.
        Invalid: there is no such period.
        InsufficientFunds: the wallet holds less than what is owed.
    """
    locked = locked_licence(licence)
    if locked.licensee_id != licensee.pk:
        raise Forbidden("licence_of_another", "Only its licensee may do this.")
    known = RevenueReport.objects.filter(licence=locked, key=key).first()
    if known is not None:
        return _same(known, number, revenue)
    _check(locked, number, note, now)
    owed = owed_on(revenue, locked.quote.revenue_share)
    span = period(locked, number)
    return RevenueReport.objects.create(
        licence=locked,
        number=number,
        begins_at=span.begins_at,
        ends_at=span.ends_at,
        revenue=revenue,
        owed=owed,
        note=note,
        declared_by=licensee,
        declared_at=now,
        key=key,
        royalty=_pay(locked, owed, key=key, now=now) if owed else None,
    )


def _same(known: RevenueReport, number: int, revenue: int) -> RevenueReport:
    if (known.number, known.revenue) != (number, revenue):
        raise reused(f"The key {known.key} was used for another declaration.")
    return known


def _check(licence: Licence, number: int, note: str, now: datetime) -> None:
    if not licence.quote.revenue_share:
        raise Conflict(
            "licence_without_share", "This licence owes no share of revenue."
        )
    if not 1 <= number <= current_number(licence, now):
        raise Invalid(
            "revenue_period",
            f"Periods 1 to {current_number(licence, now)} have begun; {number} is none "
            "of them.",
            where="period",
        )
    if len(note) > 500:
        raise Invalid(
            "revenue_note", "A note has at most 500 characters.", where="note"
        )


def _pay(licence: Licence, owed: int, *, key: str, now: datetime) -> Royalty:
    order = paying.Order(
        licence=licence,
        kind=Royalty.Kind.REVENUE,
        amount=owed,
        source=wallet(licence.licensee),
        caller=f"royalties.revenue:{licence.id}",
        key=key,
        chosen=licence.draw_chosen,
    )
    return paying.pay(order, now=now)


def remind(licence: Licence, *, now: datetime) -> datetime:
    """Remind of every period that ended undeclared; returns when to look again."""
    declared = set(licence.revenue_reports.values_list("number", flat=True))
    waited = [now + settings.REVENUE_PERIOD]
    for number in range(max(1, current_number(licence, now) - 12), 0x7FFFFFFF):
        end = period(licence, number).ends_at
        if end > now:
            waited.append(end)
            break
        if number not in declared:
            waited += _remind_of(licence, number, end, now=now)
    return min(waited)


def _remind_of(
    licence: Licence, number: int, end: datetime, *, now: datetime
) -> list[datetime]:
    """Say what is due of one period; returns when to look again."""
    passed = [wait for wait in REMINDERS if now >= end + wait]
    count = len(passed)
    noticing.tell(
        licence,
        key=f"revenue-{number}-{count}",
        text=f"Declare what you earned with {licence.model.reference} until "
        f"{end:%Y-%m-%d} (period {number}), even if it was nothing"
        + ("; it is overdue." if count > 1 else "."),
        now=now,
    )
    return [end + wait for wait in REMINDERS[count : count + 1]]
