"""A PostgreSQL server that loses nothing, and that can be killed and started again."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from config.stack.keeper import children_of
from tests.services.postgresql import (
    DURABLE,
    NOBODY,
    SETTINGS,
    answers,
    make_cluster,
    programs_in,
)
from tests.services.private import as_user, die_with_parent, private_folder

START_SECONDS = 60
MANY_CLIENTS = {"max_connections": "80"}


class Server:
    """A cluster in a folder; its parent is this process, which also buries it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._user = NOBODY if os.geteuid() == 0 else None
        self._programs = programs_in(folder, self._user) / "bin"
        self._process: subprocess.Popen[bytes] | None = None
        make_cluster(self._programs / "initdb", folder / "data", self._user)

    @property
    def url(self) -> str:
        """The ``DATABASE_URL`` of its superuser ``assay``."""
        return f"postgresql://assay@{quote(str(self._folder), safe='')}/assay"

    def start(self) -> None:
        """Return when it answers, after whatever recovery it needs."""
        deadline = time.monotonic() + START_SECONDS
        self._spawn()
        while not answers(self._folder):
            if time.monotonic() > deadline:
                said = (self._folder / "server.log").read_text(errors="replace")
                raise RuntimeError(f"PostgreSQL did not start:\n{said[-2000:]}")
            time.sleep(0.02)
            assert self._process is not None
            if self._process.poll() is not None:
                self._spawn()  # a killed server's last process still held its memory

    def _spawn(self) -> None:
        settings = SETTINGS | DURABLE | MANY_CLIENTS
        settings["unix_socket_directories"] = str(self._folder)
        options = [f"--{name}={value}" for name, value in settings.items()]
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._folder / "data", *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - one system call
                **as_user(self._user),
            )

    def kill(self) -> None:
        """Kill the postmaster and every backend at once, as a lost host would."""
        assert self._process is not None
        family = [self._process.pid, *children_of(self._process.pid)]
        for pid in family:  # backends have sessions of their own
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()

    def create_database(self) -> None:
        """Make the database that ``url`` names."""
        subprocess.run(
            [self._programs / "createdb", "-h", self._folder, "-U", "assay", "assay"],
            check=True,
            cwd=self._folder,
            **as_user(self._user),
        )

    def stop(self) -> None:
        """End it quickly."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(timeout=30)


@contextmanager
def durable_postgresql() -> Iterator[Server]:
    """A new server with an empty database, gone with the block."""
    with private_folder("faults") as folder:
        server = Server(folder)
        try:
            server.start()
            server.create_database()
            yield server
        finally:
            server.stop()
