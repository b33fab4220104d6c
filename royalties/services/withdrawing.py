"""Withdrawals: tokens held until staff has paid them out or refused."""

from datetime import datetime
from uuid import uuid4

from django.db import transaction

from accounts.models import User
from assay.protocol.errors import Conflict, Forbidden, Invalid, LimitReached, NotFound
from common.status import move
from ledger import holds
from ledger import services as ledger
from ledger.services import AccountKind
from ledger.wallets import platform_asset, wallet
from royalties.models import Withdrawal
from royalties.selectors import is_id

MAX_WAITING = 5


@transaction.atomic
def request_withdrawal(
    *, user: User, amount: int, destination: str, key: str, now: datetime
) -> Withdrawal:
    """Hold tokens and ask staff to pay them out.

    Args:
        amount: base units.
        destination: where to, in words that staff understands.

    Raises:
        Invalid: no amount, or no destination.
        LimitReached: too many requests are waiting.
        InsufficientFunds: the wallet holds less.
        Conflict: the key was used for something else.
    """
    destination = destination.strip()
    if amount <= 0:
        raise Invalid("amount_not_positive", "Withdraw more than 0.", where="amount")
    if not 3 <= len(destination) <= 200 or not destination.isprintable():
        raise Invalid(
            "destination_invalid",
            "Say where to, in 3 to 200 characters.",
            where="destination",
        )
    known = _known(user, key)
    if known is not None:
        return _same(known, amount, destination)
    waiting = user.withdrawals.filter(status=Withdrawal.Status.REQUESTED).count()
    if waiting >= MAX_WAITING:
        raise LimitReached(
            "withdrawals_waiting",
            f"{MAX_WAITING} of your withdrawals are waiting.",
            fix="Wait until one of them is decided.",
        )
    made = Withdrawal(
        id=uuid4(), user=user, amount=amount, destination=destination, requested_at=now
    )
    made.hold = holds.hold(
        caller=_caller(user),
        key=key,
        account=wallet(user),
        amount=amount,
        reference=made.owner_key,
        memo=f"Withdrawal to {destination}",
        expires_at=None,
        now=now,
    )
    made.save(force_insert=True)
    return made


@transaction.atomic
def mark_paid(
    *, withdrawal_id: str, staff: User, note: str, now: datetime
) -> Withdrawal:
    """Say that it was paid outside: its tokens leave the book.

    Raises:
        Forbidden: they are not staff.
        NotFound, Conflict: there is none, or it was decided before.
    """
    found = _decided(withdrawal_id, staff, Withdrawal.Status.PAID, note, now)
    issuance = ledger.account(
        kind=AccountKind.ISSUANCE, owner="platform", asset=platform_asset().symbol
    )
    found.transfer = holds.capture(
        hold=found.hold,
        into=issuance,
        kind="withdrawal",
        memo=f"Withdrawal paid: {found.note}",
        now=now,
    )
    found.save(update_fields=["transfer"])
    return found


@transaction.atomic
def refuse(*, withdrawal_id: str, staff: User, note: str, now: datetime) -> Withdrawal:
    """Refuse it, with the reason: its tokens can be spent again.

    Raises:
        Forbidden: they are not staff.
        NotFound, Conflict: there is none, or it was decided before.
    """
    found = _decided(withdrawal_id, staff, Withdrawal.Status.REFUSED, note, now)
    holds.release(hold=found.hold, now=now)
    return found


def _decided(
    withdrawal_id: str, staff: User, status: str, note: str, now: datetime
) -> Withdrawal:
    if not staff.is_staff:
        raise Forbidden("staff_only", "Only staff decides on withdrawals.")
    found = None
    if is_id(withdrawal_id):
        found = (
            Withdrawal.objects.select_related("user", "hold")
            .filter(pk=withdrawal_id)
            .first()
        )
    if found is None:
        raise NotFound("withdrawal_not_found", "There is no such withdrawal.")
    if found.user_id == staff.pk:
        raise Forbidden("withdrawal_own", "Somebody else has to decide on your own.")
    fields = {"decided_at": now, "decided_by": staff, "note": note.strip()[:300]}
    if not move(found, Withdrawal.Status.REQUESTED, status, **fields):
        raise Conflict("withdrawal_decided", "It was decided before.")
    return found


def _known(user: User, key: str) -> Withdrawal | None:
    return Withdrawal.objects.filter(
        user=user, hold__caller=_caller(user), hold__key=key
    ).first()


def _same(known: Withdrawal, amount: int, destination: str) -> Withdrawal:
    if (known.amount, known.destination) != (amount, destination):
        raise ledger.reused("This key was used for another withdrawal.")
    return known


def _caller(user: User) -> str:
    return f"withdraw:{user.owner_key}"
