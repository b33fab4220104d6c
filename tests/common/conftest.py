"""A broker that is there, and one that is not."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis
from celery import current_app
from kombu.exceptions import OperationalError

# What was taken from a queue: the task's name, its arguments and its headers.
Message = tuple[str, dict[str, Any], dict[str, Any]]


@pytest.fixture
def broker(valkey: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[redis.Redis]:
    """An empty one that jobs are published to; the value is a plain client of it."""
    with redis.Redis(unix_socket_path=urlsplit(valkey).path) as client:
        client.flushall()
        monkeypatch.setattr(current_app.conf, "broker_url", valkey)
        yield client


@pytest.fixture
def no_broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing listens where jobs are published to."""
    url = f"redis+socket://{tmp_path}/nobody.sock"
    monkeypatch.setattr(current_app.conf, "broker_url", url)


@pytest.fixture
def received(valkey: str) -> Callable[[str], list[Message]]:
    """Take all that waits in a queue, as a worker would; both are empty at first."""
    with redis.Redis(unix_socket_path=urlsplit(valkey).path) as client:
        client.flushall()

    def take(queue: str) -> list[Message]:
        found: list[Message] = []
        with current_app.connection_for_read(valkey) as connection:
            inbox = connection.SimpleQueue(queue)
            while True:
                try:
                    message = inbox.get(block=False)
                except (inbox.Empty, OperationalError):
                    return found
                message.ack()
                _, arguments, _ = message.payload
                found.append((message.headers["task"], arguments, message.headers))

    return take
