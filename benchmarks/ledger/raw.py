"""The least that any code could do: bare inserts of many rows into the same tables.

Nothing is locked, looked up, checked or digested here, and balances are known
beforehand. The tables keep their constraints and triggers.
"""

import itertools
import os
import random
import time
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from common.amounts import encode
from ledger.models import Account

DIGEST = "0" * 64
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
_keys = itertools.count()


def writer(people: Sequence[Account], size: int) -> Callable[[], None]:
    """What writes ``size`` transfers of two postings in one transaction."""
    on_sqlite = connection.vendor == "sqlite"
    rows = Account.objects.filter(pk__in=[one.pk for one in people])
    balances = dict(rows.values_list("pk", "balance"))
    ids = list(balances)

    def amount(units: int) -> Any:
        return encode(units) if on_sqlite else units

    def key(one: uuid.UUID) -> Any:
        return one.hex if on_sqlite else one

    def write() -> None:
        postings, transfers, moved = [], [], {}
        with transaction.atomic(), connection.cursor() as cursor:
            first = _next_ids(cursor, size * 2)
            for number in range(size):
                made = uuid.uuid4()
                for place, (account, units) in enumerate(
                    zip(random.sample(ids, 2), (-1, 1), strict=True)
                ):
                    balances[account] += units
                    moved[account] = balances[account]
                    postings += [
                        first + 2 * number + place,
                        key(made),
                        key(account),
                        amount(units),
                        amount(balances[account]),
                    ]
                name = f"{os.getpid()}-{time.time_ns()}-{next(_keys)}"
                transfers += [key(made), first + 2 * number, name, NOW]
            _insert(cursor, POSTINGS, "(%s, %s, %s, %s, %s)", postings, 5)
            _update(cursor, [(key(one), amount(units)) for one, units in moved.items()])
            _insert(cursor, TRANSFERS, TRANSFER, transfers, 4)

    return write


POSTINGS = (
    "INSERT INTO ledger_posting (id, transfer_id, account_id, amount, balance_after)"
)
TRANSFERS = (
    "INSERT INTO ledger_transfer (id, seq, key, recorded_at, caller, request_digest,"
    " kind, reference, memo)"
)
TRANSFER = (
    f"(%s, %s, %s, %s, 'bench', '{DIGEST}', 'payment', 'competition:1', 'A payment')"
)


def _insert(cursor: Any, head: str, one: str, values: list[Any], width: int) -> None:
    rows = ", ".join([one] * (len(values) // width))
    cursor.execute(f"{head} VALUES {rows}", values)


def _update(cursor: Any, moved: list[tuple[Any, Any]]) -> None:
    if connection.vendor == "sqlite":
        cursor.executemany(
            "UPDATE ledger_account SET balance = %s WHERE id = %s",
            [(balance, account) for account, balance in moved],
        )
        return
    rows = ", ".join(["(%s::uuid, %s::numeric)"] * len(moved))
    cursor.execute(
        "UPDATE ledger_account a SET balance = v.balance"
        f" FROM (VALUES {rows}) AS v(id, balance) WHERE a.id = v.id",
        [value for pair in moved for value in pair],
    )


def _next_ids(cursor: Any, count: int) -> int:
    """The first of ``count`` free ids; nobody else writes meanwhile."""
    if connection.vendor == "sqlite":
        cursor.execute(
            "SELECT max(seq) FROM sqlite_sequence WHERE name = 'ledger_posting'"
        )
        return int(cursor.fetchone()[0] or 0) + 1
    cursor.execute(
        "SELECT setval(s.name, nextval(s.name) + %s) FROM"
        " (SELECT pg_get_serial_sequence('ledger_posting', 'id') AS name) s",
        [count],
    )
    return int(cursor.fetchone()[0]) - count
