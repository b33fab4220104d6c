"""What the clock does to licences: renew, remind, end."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from assay.protocol.errors import Conflict, InsufficientFunds
from assay.protocol.money import format_amount
from ledger.wallets import platform_asset, wallet
from royalties.models import Licence, Royalty
from royalties.services import certifying, noticing, paying
from royalties.services.licensing import PERIODS, locked_licence
from royalties.services.reporting import remind

RETRY = timedelta(days=1)


def due(now: datetime) -> list[Licence]:
    """Licences at which the clock has to look, the longest overdue first."""
    return list(Licence.objects.filter(due_at__lte=now).order_by("due_at")[:100])


@transaction.atomic
def attend(*, licence: Licence, now: datetime) -> None:
    """Do what is due on one licence; a second call finds nothing to do."""
    locked = locked_licence(licence)
    if locked.due_at is None or locked.due_at > now:
        return
    if locked.valid_until is None:
        remind(locked, now=now)
    elif locked.cancelled_at is not None:
        _end_in_time(locked, locked.valid_until, now=now)
    else:
        _renew(locked, locked.valid_until, now=now)


def _end_in_time(licence: Licence, end: datetime, *, now: datetime) -> None:
    if now < end:
        licence.due_at = end
        licence.save(update_fields=["due_at"])
        return
    _end(licence, reason="not renewed", now=now)


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


def _renew(licence: Licence, end: datetime, *, now: datetime) -> None:
    """Pay the next period at the frozen price; try daily through the grace."""
    if now >= end + settings.RENEWAL_GRACE:
        _end(licence, reason="the renewal was not paid", now=now)
        return
    number = licence.renewals + 1
    try:
        with transaction.atomic():
            _pay(licence, number, now=now)
    except (InsufficientFunds, Conflict) as refusal:
        _wait(licence, end, number, why=refusal.sentence, now=now)
        return
    licence.renewals = number
    licence.valid_until = end + PERIODS[licence.quote.period]
    licence.due_at = licence.valid_until - settings.RENEWAL_LEAD
    licence.status = Licence.Status.ACTIVE
    licence.status_at = now
    certifying.sign(licence, now=now)
    licence.save()
    noticing.tell(licence, key=f"renewed-{number}", text=_renewed(licence), now=now)


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
) -> None:
    # The failed try is undone, so its secret was not shown either.
    licence.refresh_from_db(fields=["draws"])
    if now >= end:
        licence.status = Licence.Status.PAST_DUE
    licence.due_at = min(now + RETRY, end + settings.RENEWAL_GRACE)
    licence.save(update_fields=["status", "due_at"])
    last = end + settings.RENEWAL_GRACE
    noticing.tell(
        licence,
        key=f"unpaid-{number}-{now:%Y-%m-%d}",
        text=f"The licence for {licence.model.reference} could not be renewed: {why} "
        f"It is tried daily until {last:%Y-%m-%d %H:%M} UTC; then it ends.",
        now=now,
    )


def _renewed(licence: Licence) -> str:
    asset = platform_asset()
    price = format_amount(licence.quote.price, asset)
    assert licence.valid_until is not None
    return (
        f"The licence for {licence.model.reference} is renewed until "
        f"{licence.valid_until:%Y-%m-%d %H:%M} UTC for {price} {asset.symbol}."
    )
