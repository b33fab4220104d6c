"""Transfers into the tables: one call of a function, or a few statements.

Never a row at a time through the ORM: a settlement has many thousand postings.
"""

import json
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from django.db import connection
from django.db.backends.utils import CursorWrapper

from common.amounts import encode
from ledger.models import Transfer
from ledger.requests import Request
from ledger.standing import Move

COLUMNS = (
    "id",
    "seq",
    "caller",
    "key",
    "request_digest",
    "kind",
    "reference",
    "memo",
    "reverses_id",
    "recorded_at",
)
POST = """
    SELECT ledger_post(
        string_to_array(%s, ',')::uuid[], %s::text[], %s::text[], %s::text[],
        %s::text[], %s::text[], %s::text[], %s::uuid[], %s::timestamptz[],
        string_to_array(%s, ',')::integer[], string_to_array(%s, ',')::uuid[],
        string_to_array(%s, ',')::numeric[], %s::uuid[], %s::numeric[]
    )
"""
POST_ONE = f"SELECT ledger_post_one({', '.join(['%s'] * 12)})"
FEW = 64
"""Postings up to which a transfer alone is posted by ``ledger_post_one``."""
KNOWN = {
    "postgresql": """
        SELECT t.* FROM unnest(%s::text[], %s::text[]) AS asked(caller, key)
        JOIN ledger_transfer t ON t.caller = asked.caller AND t.key = asked.key
    """,
    "sqlite": """
        SELECT t.* FROM json_each(%s) AS asked CROSS JOIN ledger_transfer t
        ON t.caller = json_extract(asked.value, '$[0]')
            AND t.key = json_extract(asked.value, '$[1]')
    """,
}


def attempt(requests: Sequence[Request]) -> list[Transfer] | None:
    """Write all requests by one call on PostgreSQL; None when nothing was written.

    Any free stripe of a hot account is taken, see the function ``ledger_take_stripe``.
    """
    if len(requests) == 1 and len(requests[0].entries) <= FEW:
        return _attempt_one(requests[0])
    parts, accounts, amounts = [], [], []
    needs: dict[uuid.UUID, int] = {}
    for part, request in enumerate(requests, start=1):
        for entry in request.entries:
            account = entry.account.pk
            if request.is_spread(entry):
                account = entry.account.whole_pk
                needs[account] = needs.get(account, 0) + max(0, -entry.amount)
            parts.append(part)
            accounts.append(account)
            amounts.append(entry.amount)
    return _call(requests, parts, accounts, amounts, needs)


def write(requests: Sequence[Request], moves: Sequence[Move]) -> list[Transfer] | None:
    """Write the requests as these moves; None when a key was taken in between.

    The accounts are locked, and the moves are what they can bear.
    """
    if connection.vendor == "sqlite":
        return _write_rows(requests, moves)
    columns = zip(*((one.part, one.account, one.amount) for one in moves), strict=True)
    parts, accounts, amounts = map(list, columns)
    return _call(requests, parts, accounts, amounts, {})


def known(keys: Sequence[tuple[str, str]]) -> list[Transfer]:
    """The transfers of these pairs of caller and key that there are."""
    if connection.vendor == "sqlite":
        parameters: list[Any] = [json.dumps(keys)]
    else:
        parameters = [[caller for caller, _ in keys], [key for _, key in keys]]
    return list(Transfer.objects.raw(KNOWN[connection.vendor], parameters))


def _call(
    requests: Sequence[Request],
    parts: list[int],
    accounts: list[uuid.UUID],
    amounts: list[int],
    needs: dict[uuid.UUID, int],
) -> list[Transfer] | None:
    rows = [_row(request) for request in requests]
    ids, _, *texts, reverses, times = map(list, zip(*rows, strict=True))
    # Joined text is read by the server much faster than it is quoted here.
    hot = sorted(needs)
    parameters: list[Any] = [
        ",".join(one.hex for one in ids),
        *texts,
        reverses,
        times,
        ",".join(map(str, parts)),
        ",".join(one.hex for one in accounts),
        ",".join(map(str, amounts)),
        hot,
        [needs[account] for account in hot],
    ]
    with connection.cursor() as cursor:
        cursor.execute(POST, parameters)
        (seqs,) = cursor.fetchone()
    if seqs is None:
        return None
    return [
        _transfer((row[0], seq, *row[2:])) for row, seq in zip(rows, seqs, strict=True)
    ]


def _attempt_one(request: Request) -> list[Transfer] | None:
    row = _row(request)
    accounts, hot = [], []
    for entry in request.entries:
        account = entry.account.id
        if request.is_spread(entry):
            account = entry.account.whole_pk
            hot.append(account)
        accounts.append(account.hex)
    pk, _, *texts, reverses, recorded_at = row
    parameters = [
        pk.hex,
        *texts,
        reverses and reverses.hex,
        recorded_at.isoformat(),
        _array(accounts),
        _array(str(entry.amount) for entry in request.entries),
        _array(account.hex for account in sorted(hot)),
    ]
    with _bound_by_the_server() as cursor:
        cursor.execute(POST_ONE, parameters)
        (seq,) = cursor.fetchone()
    return None if seq is None else [_transfer((pk, seq, *row[2:]))]


def _bound_by_the_server() -> CursorWrapper:
    """A cursor whose parameters travel apart from the statement.

    Django's own writes them into its text, which takes both sides longer. Nothing is
    prepared, so that a pooler may stand between.
    """
    connection.ensure_connection()
    cursor: Any = psycopg.Cursor(connection.connection)
    if connection.queries_logged:
        return connection.make_debug_cursor(cursor)
    return connection.make_cursor(cursor)


def _array(items: Iterable[str]) -> str:
    return "{" + ",".join(items) + "}"


def _write_rows(requests: Sequence[Request], moves: Sequence[Move]) -> list[Transfer]:
    rows = [_row(request) for request in requests]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(seq) FROM sqlite_sequence WHERE name = 'ledger_posting'"
        )
        first = (cursor.fetchone()[0] or 0) + 1
        cursor.executemany(
            "INSERT INTO ledger_posting"
            " (id, transfer_id, account_id, amount, balance_after)"
            " VALUES (%s, %s, %s, %s, %s)",
            [
                (
                    number,
                    rows[one.part - 1][0].hex,
                    one.account.hex,
                    encode(one.amount),
                    encode(one.after),
                )
                for number, one in enumerate(moves, start=first)
            ],
        )
        last = {one.account: one.after for one in moves}
        cursor.executemany(
            "UPDATE ledger_account SET balance = %s WHERE id = %s",
            [(encode(after), account.hex) for account, after in last.items()],
        )
        seqs: dict[int, int] = {}
        for number, one in enumerate(moves, start=first):
            seqs.setdefault(one.part, number)
        made = [
            (row[0], seqs[part], *row[2:]) for part, row in enumerate(rows, start=1)
        ]
        adapt = connection.ops.adapt_datetimefield_value
        cursor.executemany(
            f"INSERT INTO ledger_transfer ({', '.join(COLUMNS)})"  # noqa: S608 - names
            f" VALUES ({', '.join(['%s'] * len(COLUMNS))})",
            [
                (row[0].hex, *row[1:8], row[8] and row[8].hex, adapt(row[9]))
                for row in made
            ],
        )
    return [_transfer(row) for row in made]


def _row(request: Request) -> tuple[Any, ...]:
    return (
        uuid.uuid4(),
        0,
        request.caller,
        request.key,
        request.digest(),
        request.kind,
        request.reference,
        request.memo,
        request.reverses.pk if request.reverses else None,
        request.recorded_at,
    )


def _transfer(row: tuple[Any, ...]) -> Transfer:
    return Transfer.from_db(connection.alias, COLUMNS, row)
