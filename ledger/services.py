"""The verbs of the book: open accounts, post transfers, reverse them."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from assay.protocol.errors import Conflict, NotFound
from ledger import posting
from ledger.kinds import rules
from ledger.models import Account, AccountKind, Asset, Transfer
from ledger.requests import AccountRef, Entry, Request, reused

__all__ = [
    "Account",
    "AccountKind",
    "AccountRef",
    "Entry",
    "Request",
    "Transfer",
    "account",
    "accounts",
    "ensure_asset",
    "merged",
    "post",
    "post_many",
    "reference_of",
    "reused",
    "reverse",
]

STRIPES = 8
"""Rows of a hot account on PostgreSQL; on SQLite writers take turns anyway."""


def ensure_asset(symbol: str, decimals: int) -> Asset:
    """The asset, made when there is none.

    Raises:
        Conflict: it exists with other decimals, which can never change.
    """
    asset, _ = Asset.objects.get_or_create(
        symbol=symbol, defaults={"decimals": decimals}
    )
    if asset.decimals != decimals:
        raise Conflict(
            "asset_decimals_fixed",
            f"{symbol} has {asset.decimals} decimals; they cannot become {decimals}.",
            fix="Choose another symbol.",
        )
    return asset


def account(*, kind: AccountKind, owner: str, asset: str) -> Account:
    """The owner's account of that kind and asset symbol, opened when there is none.

    Raises:
        NotFound: there is no such asset.
    """
    named: dict[str, Any] = {"kind": kind, "owner": owner, "stripe": 0}
    found = Account.objects.filter(asset=asset, **named).first()
    if found is not None:
        return found
    if not Asset.objects.filter(symbol=asset).exists():
        raise NotFound("asset_unknown", f"There is no asset {asset}.", where="asset")
    opened, _ = Account.objects.get_or_create(asset_id=asset, **named)
    if rules(kind).hot and connection.vendor == "postgresql":
        _open_stripes(opened)
    return opened


def accounts(
    *, kind: AccountKind, owners: Sequence[str], asset: str
) -> list[AccountRef]:
    """The accounts of many owners, opened where there is none; any order.

    The asset must exist.
    """
    found = _ids_of(kind, owners, asset)
    missing = set(owners) - found.keys()
    if missing:
        Account.objects.bulk_create(
            (Account(kind=kind, owner=one, asset_id=asset) for one in sorted(missing)),
            ignore_conflicts=True,
            batch_size=500,
        )
        found = _ids_of(kind, owners, asset)
    return [AccountRef(pk, kind, owner, asset) for owner, pk in found.items()]


def _ids_of(kind: AccountKind, owners: Sequence[str], asset: str) -> dict[str, UUID]:
    """Account ids by owner; one parameter, however many owners there are."""
    if connection.vendor == "sqlite":
        given: Any = json.dumps(list(owners))
        among = "IN (SELECT value FROM json_each(%s))"
    else:
        given, among = list(owners), "= ANY (%s)"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT owner, id FROM ledger_account WHERE stripe = 0"  # noqa: S608
            f" AND kind = %s AND asset_id = %s AND owner {among}",
            [kind.value, asset, given],
        )
        rows = cursor.fetchall()
    return {owner: pk if isinstance(pk, UUID) else UUID(pk) for owner, pk in rows}


def reference_of(*, caller: str, key: str) -> str | None:
    """What the caller's transfer of that key is about; None when there is none."""
    made = Transfer.objects.filter(caller=caller, key=key)
    return made.values_list("reference", flat=True).first()


def _open_stripes(whole: Account) -> None:
    Account.objects.bulk_create(
        (
            Account(
                kind=whole.kind,
                owner=whole.owner,
                asset_id=whole.asset_id,
                stripe=number,
                whole=whole,
            )
            for number in range(1, STRIPES)
        ),
        ignore_conflicts=True,
    )


def merged(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """One entry an account, in the order of first mention; what nets to 0 is left out.

    ``post`` takes an account only once; this sums what belongs to the same one.
    """
    accounts: dict[object, Account | AccountRef] = {}
    amounts: dict[object, int] = {}
    for entry in entries:
        accounts.setdefault(entry.account.pk, entry.account)
        amounts[entry.account.pk] = amounts.get(entry.account.pk, 0) + entry.amount
    return tuple(
        Entry(accounts[pk], amount) for pk, amount in amounts.items() if amount
    )


def post(
    *,
    caller: str,
    key: str,
    kind: str,
    entries: Sequence[Entry],
    reference: str,
    memo: str,
    now: datetime,
) -> Transfer:
    """Move money: one balanced transfer, in the caller's transaction.

    The accounts stay locked until that transaction ends, so post late in it. Where
    one transaction posts several times, let it touch accounts in one stated order:
    two that go opposite ways end with the database breaking one of them off.

    Args:
        caller: the verb or person that asks, such as ``competitions.fund``.
        key: names the request among the caller's; the same key is one transfer.
        entries: positive goes into the account; zero in sum for each asset.
        reference: what it is about, such as ``competition:<uuid>``.

    Returns:
        The transfer; on a repeated request the one it made the first time.

    Raises:
        InsufficientFunds: an account would go below zero; nothing was written.
        Conflict: the key was used for another request (``idempotency_key_reused``),
            or a balance would outgrow its bounds (``balance_too_large``).
        Invalid: the entries do not make a transfer (``transfer_…``).
        TransactionManagementError: there is no transaction to join.
    """
    return posting.carry_out(
        Request(
            caller=caller,
            key=key,
            kind=kind,
            entries=tuple(entries),
            reference=reference,
            memo=memo,
            recorded_at=now,
        )
    )


def post_many(*, requests: Sequence[Request]) -> list[Transfer]:
    """Post many transfers at once, as if one after another, or none of them.

    It takes a few statements however many there are, in the caller's transaction; the
    accounts stay locked until that ends. Each request is answered as by ``post``: one
    whose key is known is not carried out again.

    Returns:
        A transfer for each request, in their order.

    Raises:
        As ``post``; and Invalid when a key stands twice (``transfer_key_twice``).
    """
    return posting.carry_out_all(requests)


def reverse(
    *, transfer: Transfer, caller: str, key: str, memo: str, now: datetime
) -> Transfer:
    """Undo a transfer by its mirror image, once, in the caller's transaction.

    Raises:
        Conflict: it was reversed before (``transfer_already_reversed``), is itself
            a reversal (``reversal_is_final``), or the key was used for another
            request.
        InsufficientFunds: who received has spent it since.
    """
    if transfer.reverses_id is not None:
        raise Conflict(
            "reversal_is_final",
            "This transfer is itself a reversal.",
            fix="Post a new transfer instead.",
        )
    parts = transfer.postings.select_related("account__whole")
    mirrored = merged(
        Entry(one.account.whole or one.account, -one.amount) for one in parts
    )
    return posting.carry_out(
        Request(
            caller=caller,
            key=key,
            kind="reversal",
            entries=mirrored,
            reference=transfer.reference,
            memo=memo,
            recorded_at=now,
            reverses=transfer,
        )
    )
