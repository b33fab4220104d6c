"""Lifting the database's guards, which only a test may wish for."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.operations import BaseDatabaseOperations

_empty = BaseDatabaseOperations.execute_sql_flush


@contextmanager
def guards_lifted(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """No trigger fires on this connection inside the block."""
    if connection.vendor == "sqlite":
        off, on = _sqlite_triggers(connection)
    else:
        off, on = ["SET session_replication_role = replica"], []
        on = ["SET session_replication_role = DEFAULT"]
    _run(connection, off)
    try:
        yield
    finally:
        _run(connection, on)


def empty_guarded(operations: BaseDatabaseOperations, sql_list: Any) -> None:
    """What empties the database between tests: the book would refuse it."""
    with guards_lifted(operations.connection):
        _empty(operations, sql_list)


def _sqlite_triggers(connection: BaseDatabaseWrapper) -> tuple[list[str], list[str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
    return [f"DROP TRIGGER {name}" for name, _ in triggers], [
        sql for _, sql in triggers
    ]


def _run(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
