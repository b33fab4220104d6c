"""What must hold of the book, each as a query for the rows that break it.

Every function takes ``since``: transfers with a lower ``seq`` are taken on trust, and
0 trusts nothing. What is said of accounts is always asked of all of them.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import models
from django.db.models import Count, Exists, F, Min, OuterRef, Q, Subquery, Value, Window
from django.db.models.functions import Coalesce, Lag

from common.amounts import AmountAdd, AmountField, AmountSum
from ledger import chain, guards
from ledger.kinds import OVERDRAWING
from ledger.models import Account, Asset, ChainLink, Hold, Posting, Transfer
from ledger.requests import request_digest

BATCH = 500
Rows = Iterable[Any]


@dataclass(frozen=True, slots=True)
class Invariant:
    """One thing that must hold; ``breaches`` finds what breaks it.

    ``figures`` are counted of ``looked_at`` (its rows).
    """

    name: str
    sentence: str
    looked_at: type[models.Model] | None
    breaches: Callable[[int], Rows]


def _missing_guards(_since: int) -> Rows:
    return guards.missing()


def _postings(since: int) -> models.QuerySet[Posting]:
    # Each posting's id is at least its transfer's seq.
    return Posting.objects.filter(id__gte=since).order_by()


def _unbalanced_transfers(since: int) -> Rows:
    rows = _postings(since).filter(transfer__seq__gte=since) if since else _postings(0)
    return (
        rows.values("transfer_id", "account__asset")
        .annotate(total=AmountSum("amount"))
        .exclude(total=0)
        .values_list("transfer_id", flat=True)
    )


def _one_sided_transfers(since: int) -> Rows:
    rows = Transfer.objects.filter(seq__gte=since).annotate(parts=Count("postings"))
    return rows.filter(parts__lt=2).values_list("id", flat=True)


def _orphaned_postings(since: int) -> Rows:
    transfer = Transfer.objects.filter(pk=OuterRef("transfer_id"))
    account = Account.objects.filter(pk=OuterRef("account_id"))
    rows = _postings(since).filter(~Exists(transfer) | ~Exists(account))
    return rows.values_list("id", flat=True)


def _drifted_accounts(since: int) -> Rows:
    if since:
        last = Posting.objects.filter(account=OuterRef("pk")).order_by("-id")
        total: Any = Coalesce(Subquery(last.values("balance_after")[:1]), _nothing())
    else:
        total = AmountSum("postings__amount")
    rows = Account.objects.annotate(total=total)
    return rows.exclude(total=F("balance")).values_list("id", flat=True)


def _assets_made_or_lost(_since: int) -> Rows:
    rows = Asset.objects.annotate(total=AmountSum("accounts__balance"))
    return rows.exclude(total=0).values_list("symbol", flat=True)


def _overdrawn_accounts(_since: int) -> Rows:
    rows = Account.objects.exclude(kind__in=OVERDRAWING).filter(balance__lt=0)
    return rows.values_list("id", flat=True)


def _loose_stripes(_since: int) -> Rows:
    same = Account.objects.filter(
        pk=OuterRef("whole"),
        stripe=0,
        owner=OuterRef("owner"),
        kind=OuterRef("kind"),
        asset=OuterRef("asset"),
    )
    rows = Account.objects.filter(~Q(stripe=0) | Q(whole__isnull=False))
    return rows.filter(~Exists(same)).values_list("id", flat=True)


def _misheld_accounts(_since: int) -> Rows:
    still_open = AmountSum("holds__amount", filter=Q(holds__status="open"))
    rows = Account.objects.annotate(total=still_open)
    wrong = ~Q(total=F("held")) | Q(held__lt=0)
    wrong |= ~Q(held=0) & Q(held__gt=F("balance"))
    return rows.filter(wrong).values_list("id", flat=True)


def _uncaptured_holds(_since: int) -> Rows:
    taken = Posting.objects.filter(
        transfer=OuterRef("transfer"), account=OuterRef("account")
    )
    rows = Hold.objects.filter(status="captured").annotate(
        moved=AmountAdd(Subquery(taken.values("amount")), F("captured"))
    )
    wrong = Q(moved__isnull=True) | ~Q(moved=0)
    return rows.filter(wrong).values_list("id", flat=True)


def _broken_statements(since: int) -> Rows:
    if since:
        earlier = Posting.objects.filter(
            account=OuterRef("account"), id__lt=OuterRef("id")
        )
        before: Any = Subquery(earlier.order_by("-id").values("balance_after")[:1])
    else:
        before = Window(
            Lag("balance_after"), partition_by=F("account"), order_by=F("id").asc()
        )
    rows = _postings(since).annotate(before=before)
    expected = AmountAdd(Coalesce("before", _nothing()), F("amount"))
    wrong = rows.annotate(expected=expected).exclude(expected=F("balance_after"))
    return wrong.values_list("id", flat=True)


def _misplaced_transfers(since: int) -> Rows:
    rows = Transfer.objects.filter(seq__gte=since).annotate(first=Min("postings__id"))
    return rows.exclude(first=F("seq")).values_list("id", flat=True)


def _altered_transfers(since: int) -> Iterator[Any]:
    rows = Transfer.objects.filter(seq__gte=since).iterator(chunk_size=BATCH)
    while page := list(islice(rows, BATCH)):
        amounts = _amounts_of(page)
        for transfer in page:
            if transfer.request_digest != _digest_of(transfer, amounts[transfer.pk]):
                yield transfer.pk


def _amounts_of(transfers: Iterable[Transfer]) -> dict[uuid.UUID, Counter[uuid.UUID]]:
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


def _crooked_reversals(since: int) -> Rows:
    together = Q(transfer__reverses__isnull=False) | Q(
        transfer__reversed_by__isnull=False, transfer__reversed_by__seq__gte=since
    )
    original = Coalesce("transfer__reverses__id", "transfer__id")
    whole = Coalesce("account__whole_id", "account_id")
    rows = Posting.objects.filter(together).order_by()
    if since:
        rows = rows.exclude(transfer__reverses__isnull=False, transfer__seq__lt=since)
    sums = rows.annotate(original=original, whole=whole).values("original", "whole")
    left_over = sums.annotate(total=AmountSum("amount")).exclude(total=0)
    return left_over.values_list("original", flat=True)


def _unchained_transfers(since: int) -> Rows:
    return chain.breaches(since=since)


def _nothing() -> Value:
    return Value(0, output_field=AmountField())


INVARIANTS = [
    Invariant(
        "guards",
        "Every trigger that keeps the book append-only stands.",
        None,
        _missing_guards,
    ),
    Invariant(
        "balanced",
        "The postings of each transfer sum to zero in each asset.",
        Transfer,
        _unbalanced_transfers,
    ),
    Invariant(
        "two_sided",
        "Each transfer has at least two postings.",
        Transfer,
        _one_sided_transfers,
    ),
    Invariant(
        "no_orphans",
        "Each posting belongs to a transfer and an account.",
        Posting,
        _orphaned_postings,
    ),
    Invariant(
        "balances",
        "Each account's balance is the sum of its postings.",
        Account,
        _drifted_accounts,
    ),
    Invariant(
        "conserved",
        "Over all accounts each asset sums to zero: none was made or lost.",
        Asset,
        _assets_made_or_lost,
    ),
    Invariant(
        "not_overdrawn",
        "No account but issuance is below zero.",
        Account,
        _overdrawn_accounts,
    ),
    Invariant(
        "stripes",
        "Each stripe is of an account of the same owner, kind and asset.",
        Account,
        _loose_stripes,
    ),
    Invariant(
        "held",
        "Each account holds the sum of its open holds, and has it.",
        Account,
        _misheld_accounts,
    ),
    Invariant(
        "captured",
        "Each captured hold left its account by its transfer.",
        Hold,
        _uncaptured_holds,
    ),
    Invariant(
        "statements",
        "Each posting's balance is the one before it plus its amount.",
        Posting,
        _broken_statements,
    ),
    Invariant(
        "order",
        "Each transfer stands at its first posting.",
        Transfer,
        _misplaced_transfers,
    ),
    Invariant(
        "unaltered",
        "Each transfer's content still has the digest of its request.",
        Transfer,
        _altered_transfers,
    ),
    Invariant(
        "reversals",
        "Each reversal mirrors what it reverses.",
        Transfer,
        _crooked_reversals,
    ),
    Invariant(
        "chain",
        "The chain is whole, and each transfer in it is as it was sealed.",
        ChainLink,
        _unchained_transfers,
    ),
]
