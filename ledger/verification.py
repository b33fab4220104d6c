"""Proof, by query, that the book is what it promises to be.

Every check looks at the tables themselves and trusts neither the services nor the
triggers that should have made a breach impossible.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import connection, models
from django.db.models import Count, Exists, F, Min, OuterRef, Q, Subquery, Value, Window
from django.db.models.functions import Coalesce, Lag

from common.amounts import AmountAdd, AmountField, AmountSum
from ledger.kinds import OVERDRAWING
from ledger.models import Account, Asset, Hold, Posting, Transfer
from ledger.requests import request_digest

EXAMPLES = 5
BATCH = 500

GUARDS = {
    "postgresql": {
        "ledger_account_fixed",
        "ledger_account_opened_empty",
        "ledger_asset_append_only",
        "ledger_hold_fixed",
        "ledger_hold_kept",
        "ledger_hold_opened",
        "ledger_posting_append_only",
        "ledger_posting_not_late",
        "ledger_transfer_append_only",
        "ledger_transfer_sealed",
    },
    "sqlite": {
        "ledger_account_fixed",
        "ledger_account_opened_empty",
        "ledger_asset_no_delete",
        "ledger_asset_no_update",
        "ledger_asset_not_replaced",
        "ledger_hold_fixed",
        "ledger_hold_kept",
        "ledger_hold_opened",
        "ledger_posting_no_delete",
        "ledger_posting_no_update",
        "ledger_posting_not_late",
        "ledger_transfer_no_delete",
        "ledger_transfer_no_update",
        "ledger_transfer_sealed",
    },
}
STANDING = {
    "postgresql": "SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A')",
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One invariant: what it says, whether it holds, and the figures behind it.

    ``figures`` has the number ``broken``, the ``rows`` looked at, and up to five
    ``examples``.
    """

    name: str
    sentence: str
    ok: bool
    figures: Mapping[str, int | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Invariant:
    name: str
    sentence: str
    looked_at: type[models.Model] | None
    breaches: Callable[[], Iterable[Any]]

    def check(self) -> Check:
        broken = 0
        examples: list[str] = []
        for breach in self.breaches():
            broken += 1
            if len(examples) < EXAMPLES:
                examples.append(str(breach))
        figures: dict[str, int | str] = {"broken": broken}
        if self.looked_at is not None:
            figures["rows"] = self.looked_at._default_manager.count()  # noqa: SLF001 - Django's public spelling
        if examples:
            figures["examples"] = ", ".join(examples)
        return Check(self.name, self.sentence, ok=not broken, figures=figures)


def verify() -> list[Check]:
    """Check every invariant of the book; all of them, also after a breach."""
    return [invariant.check() for invariant in INVARIANTS]


def _missing_guards() -> Iterable[str]:
    with connection.cursor() as cursor:
        cursor.execute(STANDING[connection.vendor])
        standing = {name for (name,) in cursor.fetchall()}
    return sorted(GUARDS[connection.vendor] - standing)


def _unbalanced_transfers() -> Iterable[Any]:
    rows = Posting.objects.order_by().values("transfer_id", "account__asset")
    return (
        rows.annotate(total=AmountSum("amount"))
        .exclude(total=0)
        .values_list("transfer_id", flat=True)
    )


def _one_sided_transfers() -> Iterable[Any]:
    rows = Transfer.objects.annotate(parts=Count("postings")).filter(parts__lt=2)
    return rows.values_list("id", flat=True)


def _orphaned_postings() -> Iterable[Any]:
    transfer = Transfer.objects.filter(pk=OuterRef("transfer_id"))
    account = Account.objects.filter(pk=OuterRef("account_id"))
    rows = Posting.objects.filter(~Exists(transfer) | ~Exists(account))
    return rows.values_list("id", flat=True)


def _drifted_accounts() -> Iterable[Any]:
    rows = Account.objects.annotate(total=AmountSum("postings__amount"))
    return rows.exclude(total=F("balance")).values_list("id", flat=True)


def _assets_made_or_lost() -> Iterable[Any]:
    rows = Asset.objects.annotate(total=AmountSum("accounts__balance"))
    return rows.exclude(total=0).values_list("symbol", flat=True)


def _overdrawn_accounts() -> Iterable[Any]:
    rows = Account.objects.exclude(kind__in=OVERDRAWING).filter(balance__lt=0)
    return rows.values_list("id", flat=True)


def _misheld_accounts() -> Iterable[Any]:
    still_open = AmountSum("holds__amount", filter=Q(holds__status="open"))
    rows = Account.objects.annotate(total=still_open)
    wrong = ~Q(total=F("held")) | Q(held__lt=0)
    wrong |= ~Q(held=0) & Q(held__gt=F("balance"))
    return rows.filter(wrong).values_list("id", flat=True)


def _uncaptured_holds() -> Iterable[Any]:
    taken = Posting.objects.filter(
        transfer=OuterRef("transfer"), account=OuterRef("account")
    )
    rows = Hold.objects.filter(status="captured").annotate(
        moved=AmountAdd(Subquery(taken.values("amount")), F("captured"))
    )
    wrong = Q(moved__isnull=True) | ~Q(moved=0)
    return rows.filter(wrong).values_list("id", flat=True)


def _broken_statements() -> Iterable[Any]:
    before = Window(
        Lag("balance_after"), partition_by=F("account"), order_by=F("id").asc()
    )
    nothing = Value(0, output_field=AmountField())
    expected = AmountAdd(Coalesce("before", nothing), F("amount"))
    rows = Posting.objects.annotate(before=before).annotate(expected=expected)
    return rows.exclude(expected=F("balance_after")).values_list("id", flat=True)


def _misplaced_transfers() -> Iterable[Any]:
    rows = Transfer.objects.annotate(first=Min("postings__id"))
    return rows.exclude(first=F("seq")).values_list("id", flat=True)


def _altered_transfers() -> Iterator[Any]:
    rows = Transfer.objects.iterator(chunk_size=BATCH)
    while page := list(islice(rows, BATCH)):
        amounts = _amounts_of(page)
        for transfer in page:
            if transfer.request_digest != _digest_of(transfer, amounts[transfer.pk]):
                yield transfer.pk


def _amounts_of(
    transfers: Iterable[Transfer],
) -> dict[uuid.UUID, Counter[uuid.UUID]]:
    """What each transfer moves on each account, by the whole of a striped one."""
    found = {transfer.pk: Counter[uuid.UUID]() for transfer in transfers}
    parts = Posting.objects.filter(transfer__in=list(found)).order_by()
    whole = Coalesce("account__whole_id", "account_id")
    for transfer, account, amount in parts.values_list("transfer_id", whole, "amount"):
        found[transfer][account] += amount
    return found


def _digest_of(transfer: Transfer, amounts: Counter[uuid.UUID]) -> str:
    return request_digest(
        kind=transfer.kind,
        amounts={account: units for account, units in amounts.items() if units},
        reference=transfer.reference,
        memo=transfer.memo,
        reverses=transfer.reverses_id,
    )


def _crooked_reversals() -> Iterable[Any]:
    together = Q(transfer__reverses__isnull=False) | Q(
        transfer__reversed_by__isnull=False
    )
    rows = Posting.objects.filter(together).order_by()
    original = Coalesce("transfer__reverses__id", "transfer__id")
    whole = Coalesce("account__whole_id", "account_id")
    named = rows.annotate(original=original, whole=whole)
    sums = named.values("original", "whole")
    left_over = sums.annotate(total=AmountSum("amount")).exclude(total=0)
    return left_over.values_list("original", flat=True)


INVARIANTS = [
    _Invariant(
        "guards",
        "Every trigger that keeps the book append-only stands.",
        None,
        _missing_guards,
    ),
    _Invariant(
        "balanced",
        "The postings of each transfer sum to zero in each asset.",
        Transfer,
        _unbalanced_transfers,
    ),
    _Invariant(
        "two_sided",
        "Each transfer has at least two postings.",
        Transfer,
        _one_sided_transfers,
    ),
    _Invariant(
        "no_orphans",
        "Each posting belongs to a transfer and an account.",
        Posting,
        _orphaned_postings,
    ),
    _Invariant(
        "balances",
        "Each account's balance is the sum of its postings.",
        Account,
        _drifted_accounts,
    ),
    _Invariant(
        "conserved",
        "Over all accounts each asset sums to zero: none was made or lost.",
        Asset,
        _assets_made_or_lost,
    ),
    _Invariant(
        "not_overdrawn",
        "No account but issuance is below zero.",
        Account,
        _overdrawn_accounts,
    ),
    _Invariant(
        "held",
        "Each account holds the sum of its open holds, and has it.",
        Account,
        _misheld_accounts,
    ),
    _Invariant(
        "captured",
        "Each captured hold left its account by its transfer.",
        Hold,
        _uncaptured_holds,
    ),
    _Invariant(
        "statements",
        "Each posting's balance is the one before it plus its amount.",
        Posting,
        _broken_statements,
    ),
    _Invariant(
        "order",
        "Each transfer stands at its first posting.",
        Transfer,
        _misplaced_transfers,
    ),
    _Invariant(
        "unaltered",
        "Each transfer's content still has the digest of its request.",
        Transfer,
        _altered_transfers,
    ),
    _Invariant(
        "reversals",
        "Each reversal mirrors what it reverses.",
        Transfer,
        _crooked_reversals,
    ),
]
