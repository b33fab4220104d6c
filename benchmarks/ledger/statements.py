"""An account with very many lines, made by the database itself."""

from collections.abc import Callable
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from common.amounts import encode
from ledger import statements
from ledger.models import Account, Posting

# The rows that as many payments of 1 into two accounts would have left; the triggers
# that would look at each are put aside, since writing is not what is measured here.
POSTGRESQL = [
    "SET LOCAL session_replication_role = replica",
    """
    INSERT INTO ledger_transfer (id, seq, caller, key, request_digest, kind, reference,
        memo, recorded_at)
    SELECT md5(n::text)::uuid, %(base)s + 2 * n, 'deep', n::text, repeat('0', 64),
        'payment', 'competition:1', 'A payment',
        timestamptz '2026-01-01' + n * interval '1 second'
    FROM generate_series(1, %(count)s) n
    """,
    """
    INSERT INTO ledger_posting (id, transfer_id, account_id, amount, balance_after)
    SELECT %(base)s + 2 * n + side, md5(n::text)::uuid,
        CASE side WHEN 0 THEN %(source)s ELSE %(deep)s END::uuid,
        2 * side - 1, (2 * side - 1) * n
    FROM generate_series(1, %(count)s) n, generate_series(0, 1) side
    """,
    "ANALYZE ledger_posting",
]


def account_with(count: int) -> Account:
    """An account with ``count`` postings."""
    deep, made = Account.objects.get_or_create(
        kind="wallet", owner="deep", asset_id="AST"
    )
    source, _ = Account.objects.get_or_create(
        kind="issuance", owner="deep", asset_id="AST"
    )
    if made:
        newest = Posting.objects.aggregate(newest=Max("id"))["newest"] or 0
        fill = _fill_sqlite if connection.vendor == "sqlite" else _fill_postgresql
        with transaction.atomic():
            fill(source, deep, newest + 10, count)
    return deep


def page_of(deep: Account, count: int) -> Callable[[], None]:
    """What reads 50 lines from the middle, with opening and closing balance."""
    newest = Posting.objects.filter(account=deep).aggregate(n=Max("id"))["n"]
    before = newest - count

    def read() -> None:
        page = statements.lines(deep, before_seq=before, limit=50)
        statements.totals(deep)
        assert len(page) == 50

    return read


def _fill_postgresql(source: Account, deep: Account, base: int, count: int) -> None:
    values: dict[str, Any] = {
        "base": base,
        "count": count,
        "source": source.pk,
        "deep": deep.pk,
    }
    with connection.cursor() as cursor:
        for statement in POSTGRESQL:
            cursor.execute(statement, values if "%(" in statement else None)


def _fill_sqlite(source: Account, deep: Account, base: int, count: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        for start in range(1, count + 1, 50_000):
            numbers = range(start, min(start + 50_000, count + 1))
            _insert(cursor, numbers, base, (source.pk.hex, deep.pk.hex))
        for _, sql in triggers:
            cursor.execute(sql, None)


def _insert(cursor: Any, numbers: range, base: int, ids: tuple[str, str]) -> None:
    cursor.executemany(
        "INSERT INTO ledger_posting"
        " (id, transfer_id, account_id, amount, balance_after)"
        " VALUES (%s, %s, %s, %s, %s)",
        (
            (
                base + 2 * n + side,
                f"{n:032x}",
                ids[side],
                encode(2 * side - 1),
                encode((2 * side - 1) * n),
            )
            for n in numbers
            for side in (0, 1)
        ),
    )
    cursor.executemany(
        "INSERT INTO ledger_transfer (id, seq, caller, key, request_digest, kind,"
        " reference, memo, recorded_at) VALUES (%s, %s, 'deep', %s, '', 'payment',"
        " 'competition:1', 'A payment', '2026-01-01 00:00:00')",
        ((f"{n:032x}", base + 2 * n, str(n)) for n in numbers),
    )
