"""How a transfer is written: lock, look, move, seal.

1. Lock the accounts in the order of their ids, so that two transfers never wait
   for each other in a circle.
2. Look, under the locks, whether the request was answered before and whether
   every balance can bear its part. Every "no" falls here, before any write.
3. Move the balances by their difference, in one statement. The database's own
   CHECK has the last word on overdrafts.
4. Seal: the transfer's row goes in last, and its trigger refuses what does not
   balance. A posting without a transfer fails at commit.
"""

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F, OuterRef, Subquery
from django.db.transaction import TransactionManagementError

from assay.protocol.canonical import digest
from assay.protocol.errors import Conflict, InsufficientFunds, Invalid
from assay.protocol.money import MAX_UNITS, format_amount
from common.amounts import AmountAdd
from ledger.kinds import rules
from ledger.models import Account, Posting, Transfer


@dataclass(frozen=True, slots=True)
class Entry:
    """One account's part: positive base units go in, negative go out."""

    account: Account
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a caller wants recorded; all of it but the time is under the digest."""

    caller: str
    key: str
    kind: str
    entries: tuple[Entry, ...]
    reference: str
    memo: str
    recorded_at: datetime
    reverses: Transfer | None = None

    def digest(self) -> str:
        """The same for the same content, whatever the order of the entries."""
        return request_digest(
            kind=self.kind,
            amounts={str(e.account.pk): e.amount for e in self.entries},
            reference=self.reference,
            memo=self.memo,
            reverses=self.reverses.pk if self.reverses else None,
        )


def request_digest(
    *,
    kind: str,
    amounts: Mapping[str, int],
    reference: str,
    memo: str,
    reverses: uuid.UUID | None,
) -> str:
    """SHA-256 of a transfer's content; ``amounts`` maps account id to base units."""
    return digest(
        {
            "kind": kind,
            "amounts": {account: str(units) for account, units in amounts.items()},
            "reference": reference,
            "memo": memo,
            "reverses": str(reverses) if reverses else None,
        }
    )


def carry_out(request: Request) -> Transfer:
    """Record the request, or return what it made before; see ``services.post``."""
    join_transaction()
    _refuse_malformed(request)
    accounts = lock(entry.account.pk for entry in request.entries)
    earlier = _earlier(request)
    if earlier is not None:
        return earlier
    _refuse_second_reversal(request)
    balances = {e.account.pk: _balance_after(accounts, e) for e in request.entries}
    try:
        with transaction.atomic():
            return _write(request, balances)
    except IntegrityError:
        # The same key on other accounts, which no common lock held back.
        earlier = _earlier(request)
        if earlier is None:
            raise
        return earlier


def join_transaction() -> None:
    """Raise ``TransactionManagementError`` when there is no transaction to join."""
    if not transaction.get_connection().in_atomic_block:
        msg = "Money moves in the transaction of the change that it pays for."
        raise TransactionManagementError(msg)


def refuse_key(key: str) -> None:
    """Refuse an idempotency key that is empty or too long."""
    if not 0 < len(key) <= 200:
        raise Invalid(
            "transfer_key_length",
            f"The idempotency key has {len(key)} characters; 1 to 200 work.",
            where="key",
        )


def reused(key: str) -> Conflict:
    """The refusal of a key that named another request before."""
    return Conflict(
        "idempotency_key_reused",
        f"The key {key} was used for another request.",
        fix="Send a new key with a new request.",
        where="key",
    )


def _refuse_malformed(request: Request) -> None:
    entries = request.entries
    refuse_key(request.key)
    if len(entries) < 2:
        raise Invalid("transfer_one_sided", "A transfer has at least two postings.")
    if any(entry.amount == 0 for entry in entries):
        raise Invalid("transfer_of_nothing", "A posting moves at least one base unit.")
    if len({entry.account.pk for entry in entries}) < len(entries):
        raise Invalid("transfer_account_twice", "An account takes part only once.")
    sums: Counter[str] = Counter()
    for entry in entries:
        sums[entry.account.asset_id] += entry.amount
    for asset, units in sums.items():
        if units:
            raise Invalid(
                "transfer_unbalanced",
                f"The postings in {asset} sum to {units} base units instead of 0.",
            )


def lock(ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Account]:
    """The accounts as they stand, locked in the order of their ids."""
    # no_key: writers of postings only share a lock on the account's key.
    rows = Account.objects.select_for_update(no_key=True).filter(pk__in=list(ids))
    return {account.pk: account for account in rows.order_by("pk")}


def _earlier(request: Request) -> Transfer | None:
    found = Transfer.objects.filter(caller=request.caller, key=request.key).first()
    if found is not None and found.request_digest != request.digest():
        raise reused(request.key)
    return found


def _refuse_second_reversal(request: Request) -> None:
    original = request.reverses
    if original and Transfer.objects.filter(reverses=original).exists():
        raise Conflict(
            "transfer_already_reversed", "This transfer was reversed before."
        )


def _balance_after(accounts: Mapping[uuid.UUID, Account], entry: Entry) -> int:
    account = accounts[entry.account.pk]
    after = account.balance + entry.amount
    short = entry.amount < 0 and after < account.held
    if short and not rules(account.kind).overdraws:
        raise insufficient(account, -entry.amount)
    if abs(after) > MAX_UNITS:
        raise Conflict(
            "balance_too_large",
            f"The {account.kind} cannot hold more {account.asset_id}.",
        )
    return after


def insufficient(account: Account, needed: int) -> InsufficientFunds:
    """The refusal to take ``needed`` base units from an account that has fewer free."""
    unit = account.asset.unit
    there, wanted = (format_amount(u, unit) for u in (account.balance, needed))
    held = ""
    if account.held:
        held = f", {format_amount(account.held, unit)} of it held for other things"
    return InsufficientFunds(
        "insufficient_funds",
        f"The {account.kind} holds {there} {unit.symbol}{held}, and {wanted} are"
        " needed.",
        fix="Bring in more, or ask for less.",
        where=account.kind,
    )


def _write(request: Request, balances: Mapping[uuid.UUID, int]) -> Transfer:
    transfer_id = uuid.uuid4()
    postings = Posting.objects.bulk_create(
        Posting(
            transfer_id=transfer_id,
            account_id=entry.account.pk,
            amount=entry.amount,
            balance_after=balances[entry.account.pk],
        )
        for entry in request.entries
    )
    _move_balances(transfer_id, list(balances))
    return Transfer.objects.create(
        id=transfer_id,
        seq=postings[0].pk,
        caller=request.caller,
        key=request.key,
        request_digest=request.digest(),
        kind=request.kind,
        reference=request.reference,
        memo=request.memo,
        reverses=request.reverses,
        recorded_at=request.recorded_at,
    )


def _move_balances(transfer_id: uuid.UUID, account_ids: list[uuid.UUID]) -> None:
    amount = Posting.objects.filter(
        transfer_id=transfer_id, account=OuterRef("pk")
    ).values("amount")
    Account.objects.filter(pk__in=account_ids).update(
        balance=AmountAdd(F("balance"), Subquery(amount))
    )
