"""The database wrapper, under the name by which Django looks for it.

SQLite's own waiting is unfair: of eight writers one was seen to wait for six seconds.
"""

import fcntl
import os
import time
from contextlib import suppress
from typing import Any

from django.db.backends.sqlite3 import base

LOOK_EVERY = 0.002  # seconds, for everyone alike, however long they have waited
FILES = ("next", "writer")


class DatabaseWrapper(base.DatabaseWrapper):
    """A transaction waits in a queue of two places, which are locks on files.

    Whoever is *next* keeps that place until they are the *writer*. So a writer that
    has just ended cannot come first again before those who have waited, and all who
    wait to be next have the same chance at every turn.
    """

    _places: tuple[int, ...] = ()
    _is_writer = False

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Open the database, and its queue; in memory there is nobody to wait for."""
        made = super().get_new_connection(conn_params)
        if not self._places and not self.is_in_memory_db():
            name, flags = conn_params["database"], os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
            self._places = tuple(
                os.open(f"{name}-{place}", flags, 0o600) for place in FILES
            )
        return made

    def _start_transaction_under_autocommit(self) -> None:
        self._stand_in_line()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._step_aside()
            raise

    def _stand_in_line(self) -> None:
        """Become the writer; when that takes too long, SQLite itself will say so."""
        if not self._places or self._is_writer:
            return
        until = time.monotonic() + self.settings_dict["OPTIONS"].get("timeout", 5)
        following, writer = self._places
        if _taken(following, until):
            self._is_writer = _taken(writer, until)
            fcntl.flock(following, fcntl.LOCK_UN)

    def _step_aside(self) -> None:
        if self._is_writer:
            self._is_writer = False
            fcntl.flock(self._places[1], fcntl.LOCK_UN)

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]
        self._step_aside()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._step_aside()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._step_aside()
            for place in self._places:
                os.close(place)
            self._places = ()


def _taken(place: int, until: float) -> bool:
    """Take the lock as soon as it is free; False when it was not, until then."""
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        if time.monotonic() >= until:
            return False
        time.sleep(LOOK_EVERY)
