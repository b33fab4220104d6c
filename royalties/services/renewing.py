"""What the clock does to licences: renew, remind, end."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from assay.protocol.errors import Conflict, InsufficientFunds
from assay.protocol.money import format_amount
from ledger.wallets import platform_asset, wallet
from royalties.models import Licence, Royalty
from royalties.services import certifying, noticing, paying
from royalties.services.licensing import PERIODS, earliest, locked_licence
from royalties.services.reporting import remind

RETRY = timedelta(days=1)


def due(now: datetime) -> list[Licence]:
    """Licences at which the clock has to look, the longest overdue first."""
    found = Licence.objects.filter(due_at__lte=now).order_by("due_at")
    return list(found.only("pk"))  # all: some that are stuck must not hide the rest


@transaction.atomic
def attend(*, licence: Licence, now: datetime) -> None:
    """Do what is due on one licence; a second call finds nothing to do."""
    locked = locked_licence(licence)
    if locked.due_at is None or locked.due_at > now:
        return
    asked = remind(locked, now=now) if locked.quote.revenue_share else None
    ahead = None
    if locked.valid_until is not None:
        ahead = _attend_end(locked, locked.valid_until, now=now)
    if locked.status != Licence.Status.ENDED:
        locked.due_at = earliest(asked, ahead)
        locked.save(update_fields=["due_at"])


def _attend_end(licence: Licence, end: datetime, *, now: datetime) -> datetime:
    """Renew or end a licence that has an end; returns when to look again."""
    renews = licence.has_next_period and licence.cancelled_at is None
    first = end - settings.RENEWAL_LEAD if renews else end
    if now < first:
        return first
    if renews:
        return _renew(licence, end, now=now)
    why = "not renewed" if licence.cancelled_at else "its time is over"
    _end(licence, reason=why, now=now)
    return end


def _end(licence: Licence, *, reason: str, now: datetime) -> None:
    licence.status, licence.due_at = Licence.Status.ENDED, None
    licence.status_at, licence.status_reason = now, reason
    licence.save(update_fields=["status", "due_at", "status_at", "status_reason"])
    noticing.tell(
        licence,
        key=f"ended-{licence.renewals}",
        text=f"The licence for {licence.model.reference} has ended: {reason}.",
        now=now,
    )


def _renew(licence: Licence, end: datetime, *, now: datetime) -> datetime:
    """Pay the next period at the frozen price; try daily through the grace.

    Returns when to look again.
    """
    if now >= end + settings.RENEWAL_GRACE:
        _end(licence, reason="the renewal was not paid", now=now)
        return end
    number = licence.renewals + 1
    try:
        with transaction.atomic():
            _pay(licence, number, now=now)
    except (InsufficientFunds, Conflict) as refusal:
        return _wait(licence, end, number, why=refusal.sentence, now=now)
    licence.renewals = number
    until = end + PERIODS[licence.quote.period]
    last = licence.quote.terms_end
    licence.valid_until = earliest(until, last)
    licence.status = Licence.Status.ACTIVE
    licence.status_at = now
    certifying.sign(licence, now=now)
    licence.save()
    noticing.tell(licence, key=f"renewed-{number}", text=_renewed(licence), now=now)
    return min(until - settings.RENEWAL_LEAD, last or until)


def _pay(licence: Licence, number: int, *, now: datetime) -> None:
    order = paying.Order(
        licence=licence,
        kind=Royalty.Kind.RENEWAL,
        amount=licence.quote.price,
        source=wallet(licence.licensee),
        caller="royalties.renew",
        key=f"{licence.id}:{number}",
        chosen=licence.draw_chosen,
        held_for=licence.quote.refund_window,
    )
    paying.pay(order, now=now)


def _wait(
    licence: Licence, end: datetime, number: int, *, why: str, now: datetime
) -> datetime:
    # The failed try is undone, so its secret was not shown either.
    licence.refresh_from_db(fields=["draws"])
    if now >= end:
        licence.status = Licence.Status.PAST_DUE
    licence.save(update_fields=["status"])
    last = end + settings.RENEWAL_GRACE
    noticing.tell(
        licence,
        key=f"unpaid-{number}-{now:%Y-%m-%d}",
        text=f"The licence for {licence.model.reference} could not be renewed: {why} "
        f"It is tried daily until {last:%Y-%m-%d %H:%M} UTC; then it ends.",
        now=now,
    )
    return min(now + RETRY, last)


def _renewed(licence: Licence) -> str:
    asset = platform_asset()
    price = format_amount(licence.quote.price, asset)
    assert licence.valid_until is not None
    return (
        f"The licence for {licence.model.reference} is renewed until "
        f"{licence.valid_until:%Y-%m-%d %H:%M} UTC for {price} {asset.symbol}."
    )
