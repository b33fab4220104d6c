"""Holds: money set aside on its own account until it is spent or given free.

A held amount stays in the balance and cannot be spent by anything but its own
hold. Every verb here locks the account first, so one account's holds and postings
take turns, and each hold is closed once.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from assay.protocol.canonical import digest
from assay.protocol.errors import Conflict, Invalid
from common.amounts import AmountAdd
from common.status import move
from ledger import posting, selectors, standing, writing
from ledger.kinds import rules
from ledger.models import Account, Hold, Transfer
from ledger.requests import Entry, Request, refuse_key, reused

__all__ = ["Hold", "capture", "expire_due", "hold", "release"]

CALLER = "ledger.holds"
BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What is to be held. The times are no part of what the key stands for."""

    caller: str
    key: str
    account: Account
    amount: int
    reference: str
    memo: str

    def digest(self) -> str:
        return digest(
            {
                "account": str(self.account.whole_pk),
                "amount": str(self.amount),
                "reference": self.reference,
                "memo": self.memo,
            }
        )

    def earlier(self) -> Hold | None:
        found = Hold.objects.filter(caller=self.caller, key=self.key).first()
        if found is not None and found.request_digest != self.digest():
            raise reused(f"The key {self.key} was used for another request.")
        return found


def hold(
    *,
    caller: str,
    key: str,
    account: Account,
    amount: int,
    reference: str,
    memo: str,
    expires_at: datetime | None,
    now: datetime,
) -> Hold:
    """Set ``amount`` base units of the account aside, in the caller's transaction.

    Args:
        caller, key: name the request as in ``services.post``; the same pair with
            the same account, amount, reference and memo is the same hold, whatever
            has become of it since.
        expires_at: when it ends by itself; None for never.

    Raises:
        InsufficientFunds: less than ``amount`` is available.
        Conflict: the key was used for another hold (``idempotency_key_reused``).
        Invalid: ``hold_of_nothing``, ``hold_expired_already``, or an account that
            carries no holds (``account_holds_nothing``).
        TransactionManagementError: there is no transaction to join.
    """
    posting.join_transaction()
    request = _Wanted(
        caller=caller,
        key=key,
        account=account,
        amount=amount,
        reference=reference,
        memo=memo,
    )
    _refuse_malformed(request)
    stripe = _free_stripe(account, amount)
    earlier = request.earlier()
    if earlier is not None:
        return earlier
    if expires_at is not None and expires_at <= now:
        raise Invalid(
            "hold_expired_already",
            "The hold would end before it begins.",
            where="expires_at",
        )
    if stripe is None:
        stripe = _gathered(request, now=now)
    try:
        with transaction.atomic():
            return _open(request, stripe, expires_at=expires_at, now=now)
    except IntegrityError:
        # The same key on another account, which no common lock held back.
        earlier = request.earlier()
        if earlier is None:
            raise
        return earlier


def capture(
    *,
    hold: Hold,
    into: Account | None = None,
    entries_to: Sequence[Entry] = (),
    amount: int | None = None,
    kind: str,
    memo: str,
    now: datetime,
) -> Transfer:
    """Spend the hold, or ``amount`` of it, once; what is left of it is free again.

    Args:
        into: the one account that receives it; or
        entries_to: several, all amounts positive, in sum what is captured.
        amount: base units; by default the whole hold, or the sum of ``entries_to``.

    Returns:
        The transfer; on a repetition the one made before.

    Raises:
        Conflict: it was released or has expired (``hold_closed``), or was captured
            otherwise before (``idempotency_key_reused``).
        Invalid: more than the hold, nothing, or not what the entries sum to
            (``hold_capture_amount``).
        TransactionManagementError: there is no transaction to join.
    """
    posting.join_transaction()
    entries = _payees(hold, into, entries_to, amount)
    taken = sum(entry.amount for entry in entries)
    with transaction.atomic():
        standing.lock_plain(entry.account.pk for entry in entries)
        account = _locked(hold)
        _refuse_ended(hold, now)
        if hold.status == Hold.Status.OPEN:
            _free(hold)
        transfer = posting.carry_out(
            Request(
                caller=CALLER,
                key=str(hold.pk),
                kind=kind,
                entries=(Entry(account, -taken), *entries),
                reference=hold.reference,
                memo=memo,
                recorded_at=now,
                pinned=account.pk,
            )
        )
        move(
            hold,
            Hold.Status.OPEN,
            Hold.Status.CAPTURED,
            captured=taken,
            transfer=transfer,
            closed_at=now,
        )
        return transfer


def release(*, hold: Hold, now: datetime) -> Hold:
    """Give the whole hold free; nothing happens when it was released or has expired.

    Raises:
        Conflict: it was captured (``hold_captured``).
        TransactionManagementError: there is no transaction to join.
    """
    posting.join_transaction()
    if not _close(hold, Hold.Status.RELEASED, now) and hold.captured:
        raise Conflict("hold_captured", "This hold was spent before.")
    return hold


def expire_due(*, now: datetime) -> int:
    """End every open hold whose time is over, each once; returns how many."""
    ended = 0
    while True:
        due = Hold.objects.filter(status=Hold.Status.OPEN, expires_at__lte=now)
        page = list(due.order_by("expires_at", "id")[:BATCH])
        for one in page:
            with transaction.atomic():
                ended += _close(one, Hold.Status.EXPIRED, now)
        if len(page) < BATCH:
            return ended


def _refuse_malformed(request: _Wanted) -> None:
    refuse_key(request.key)
    if request.amount <= 0:
        raise Invalid(
            "hold_of_nothing", "A hold is of at least one base unit.", where="amount"
        )
    if not rules(request.account.kind).holds:
        raise Invalid(
            "account_holds_nothing",
            f"Nothing can be held on an account for {request.account.kind}.",
            where="account",
        )


def _free_stripe(account: Account, amount: int) -> uuid.UUID | None:
    """A row of the account with that much available, locked; None when there is none.

    Of a plain account it is locked in any case.
    """
    if not rules(account.kind).hot:
        (row,) = standing.lock_accounts([account.pk])[account.pk]
        return row.pk if row.free >= amount else None
    rows = selectors.stripes(account).filter(balance__gte=AmountAdd("held", amount))
    free = rows.select_for_update(no_key=True, skip_locked=True)
    return free.order_by("-balance").values_list("pk", flat=True).first()


def _gathered(request: _Wanted, *, now: datetime) -> uuid.UUID:
    """The stripe on which as much is available now, taken from others if need be."""
    whole = request.account.whole_pk
    rows = standing.lock_accounts([whole])[whole]
    target = max(rows, key=lambda one: one.free)
    missing = request.amount - target.free
    if missing <= 0:
        return target.pk
    gathering = Request(
        caller=CALLER,
        key=f"gathering:{uuid.uuid4()}",
        kind="gathering",
        entries=(),
        reference=request.reference,
        memo="",
        recorded_at=now,
    )
    others = [one for one in rows if one is not target]
    taken = standing.shared(others, -missing, needed=request.amount, of=rows)
    target.balance += missing
    moves = [standing.Move(1, one.pk, part, one.balance + part) for one, part in taken]
    moves.append(standing.Move(1, target.pk, missing, target.balance))
    writing.write([gathering], moves)
    return target.pk


def _locked(hold: Hold) -> Account:
    """The hold's account, locked; the hold is read afresh under the lock."""
    account = Account.objects.select_for_update(no_key=True).get(pk=hold.account_id)
    hold.refresh_from_db()
    return account


def _open(
    request: _Wanted, stripe: uuid.UUID, *, expires_at: datetime | None, now: datetime
) -> Hold:
    made = Hold.objects.create(
        account_id=stripe,
        amount=request.amount,
        caller=request.caller,
        key=request.key,
        request_digest=request.digest(),
        reference=request.reference,
        memo=request.memo,
        expires_at=expires_at,
        created_at=now,
    )
    _change_held(made, made.amount)
    return made


def _payees(
    hold: Hold, into: Account | None, entries_to: Sequence[Entry], amount: int | None
) -> tuple[Entry, ...]:
    if (into is None) == (not entries_to):
        msg = "A capture goes into one account, or to several entries."
        raise TypeError(msg)
    if into is not None:
        entries: tuple[Entry, ...] = (
            Entry(into, hold.amount if amount is None else amount),
        )
    else:
        entries = tuple(entries_to)
    taken = sum(entry.amount for entry in entries)
    fits = 0 < taken <= hold.amount and amount in {None, taken}
    if not fits or any(entry.amount <= 0 for entry in entries):
        raise Invalid(
            "hold_capture_amount",
            f"{taken} base units cannot be captured from a hold of {hold.amount}.",
            fix="Capture at most what is held, all of it above 0.",
            where="amount",
        )
    return entries


def _refuse_ended(hold: Hold, now: datetime) -> None:
    over = hold.expires_at is not None and hold.expires_at <= now
    if hold.status == Hold.Status.OPEN and over:
        raise Conflict("hold_closed", "The hold has expired.", where="hold")
    if hold.status in {Hold.Status.RELEASED, Hold.Status.EXPIRED}:
        raise Conflict("hold_closed", f"The hold was {hold.status}.", where="hold")


def _close(hold: Hold, status: Hold.Status, now: datetime) -> bool:
    _locked(hold)
    if not move(hold, Hold.Status.OPEN, status, closed_at=now):
        return False
    _free(hold)
    return True


def _free(hold: Hold) -> None:
    _change_held(hold, -hold.amount)


def _change_held(hold: Hold, units: int) -> None:
    Account.objects.filter(pk=hold.account_id).update(held=AmountAdd("held", units))
