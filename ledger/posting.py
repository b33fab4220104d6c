"""How transfers are written: lock, look, move, seal.

1. Lock the accounts in one order that all share, so that two transfers never wait
   for each other in a circle.
2. Look, under the locks, whether the request was answered before and whether every
   balance can bear its part. Every "no" falls here, before any write.
3. Move: the postings, and the balances with them.
4. Seal: the transfers' rows go in last, and a trigger refuses what does not balance.
   A posting without a transfer fails at commit.

PostgreSQL does all four in one call of a function (``ledger.writing.attempt``). When
that writes nothing, for whatever reason, the steps are gone through here, and this
finds the request's earlier answer or the reason for a refusal.
"""

import uuid
from collections import Counter
from collections.abc import Sequence

from django.db import connection, transaction
from django.db.transaction import TransactionManagementError

from assay.protocol.errors import Conflict, Invalid
from ledger import standing, writing
from ledger.models import Transfer
from ledger.requests import Entry, Request, refuse_key, reused

__all__ = ["Entry", "Request", "carry_out", "carry_out_all", "join_transaction"]

LOOKS = 5  # each more means that another request took a key in between
Keyed = tuple[str, str]


def carry_out(request: Request) -> Transfer:
    """Record the request, or return what it made before; see ``services.post``."""
    return carry_out_all([request])[0]


def carry_out_all(requests: Sequence[Request]) -> list[Transfer]:
    """Record all requests, as if one after another, or none of them.

    See ``services.post_many``.
    """
    join_transaction()
    for request in requests:
        _refuse_malformed(request)
    if len({(request.caller, request.key) for request in requests}) < len(requests):
        raise Invalid("transfer_key_twice", "A key stands twice among the transfers.")
    if connection.vendor == "postgresql" and requests:
        made = writing.attempt(requests)
        if made is not None:
            return made
    return _look_and_write(requests)


def join_transaction() -> None:
    """Raise ``TransactionManagementError`` when there is no transaction to join."""
    if not transaction.get_connection().in_atomic_block:
        msg = "Money moves in the transaction of the change that it pays for."
        raise TransactionManagementError(msg)


def _look_and_write(requests: Sequence[Request]) -> list[Transfer]:
    for _ in range(LOOKS):
        accounts = standing.lock(requests)
        answers = _earlier(requests)
        fresh = [one for one in requests if (one.caller, one.key) not in answers]
        _refuse_second_reversal(fresh)
        made = writing.write(fresh, standing.moves(accounts, fresh)) if fresh else []
        if made is not None:
            answers |= {(one.caller, one.key): one for one in made}
            return [answers[one.caller, one.key] for one in requests]
    msg = "The database refuses a transfer that nothing speaks against."
    raise RuntimeError(msg)


def _refuse_malformed(request: Request) -> None:
    entries = request.entries
    refuse_key(request.key)
    if len(entries) < 2:
        raise Invalid("transfer_one_sided", "A transfer has at least two postings.")
    if any(entry.amount == 0 for entry in entries):
        raise Invalid("transfer_of_nothing", "A posting moves at least one base unit.")
    if len({entry.account.whole_pk for entry in entries}) < len(entries):
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


def _earlier(requests: Sequence[Request]) -> dict[Keyed, Transfer]:
    asked = {(one.caller, one.key): one for one in requests}
    found = {(one.caller, one.key): one for one in writing.known(list(asked))}
    for keyed, transfer in found.items():
        if transfer.request_digest != asked[keyed].digest():
            raise reused(f"The key {transfer.key} was used for another request.")
    return found


def _refuse_second_reversal(requests: Sequence[Request]) -> None:
    originals: list[uuid.UUID] = [
        one.reverses.pk for one in requests if one.reverses is not None
    ]
    if originals and Transfer.objects.filter(reverses__in=originals).exists():
        raise Conflict(
            "transfer_already_reversed", "This transfer was reversed before."
        )
