"""The queue before SQLite's write lock: everyone's turn comes, and no turn is kept."""

import threading
import time

import pytest
from django.db import connection, transaction

from common.clock import now
from common.models import Pulse
from common.sqlite.base import DatabaseWrapper
from tests.services.threads import at_once

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor != "sqlite", reason="PostgreSQL has no one write lock"
    ),
]


def write(name: str) -> str:
    with transaction.atomic():
        Pulse.objects.update_or_create(name=name, defaults={"seen_at": now()})
    return name


def test_who_has_just_written_does_not_come_before_who_has_waited():
    turns: list[str] = []
    has_begun = threading.Event()

    def greedy() -> None:
        for _ in range(200):
            with transaction.atomic():
                has_begun.set()
                turns.append("greedy")
                time.sleep(0.005)
            if "waiting" in turns:
                return

    def waiting() -> None:
        has_begun.wait()
        with transaction.atomic():
            turns.append("waiting")

    at_once([greedy, waiting])

    assert "waiting" in turns[:6]


def test_a_transaction_that_breaks_leaves_the_queue():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        raise ZeroDivisionError

    assert at_once([lambda: write("one"), lambda: write("two")]) == ["one", "two"]


def test_a_connection_that_is_closed_in_a_transaction_leaves_the_queue():
    def vanish() -> None:
        connection.ensure_connection()
        connection.set_autocommit(
            False, force_begin_transaction_with_broken_autocommit=True
        )
        connection.close()

    at_once([vanish])

    assert at_once([lambda: write("one")]) == ["one"]


def test_a_database_in_memory_has_no_queue():
    wrapper = DatabaseWrapper(
        {**connection.settings_dict, "NAME": ":memory:"}, "memory"
    )
    wrapper.connect()
    try:
        with wrapper.cursor() as cursor:
            cursor.execute("SELECT 1")
        assert wrapper._places == ()
    finally:
        wrapper.close()
