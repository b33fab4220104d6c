"""A private folder and a child process: what every test server starts from."""

import ctypes
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

START_SECONDS = 30
SOCKET_PATH_LIMIT = 60  # the kernel's is 107, and the server adds a name of its own
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)


@contextmanager
def private_folder(name: str, parent: str = "") -> Iterator[Path]:
    """A new folder of mode 0700 with a short path, removed at the end."""
    parent = parent or tempfile.gettempdir()
    if len(parent) > SOCKET_PATH_LIMIT:
        parent = "/tmp"
    folder = Path(tempfile.mkdtemp(prefix=f"assay-{name}-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def child(
    command: Sequence[str | Path],
    *,
    log: Path,
    ready: Callable[[], bool],
    stop: signal.Signals,
    user: int | None = None,
) -> Iterator[None]:
    """Run a server until the block ends; it also dies when this process does.

    Args:
        ready: asked again and again until it says yes.
        stop: the signal that ends the server quickly.
        user: the numeric user and group to run as, when not our own.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C is for the test run, which then ends it
            preexec_fn=die_with_parent,  # noqa: PLW1509 - one system call, no lock
            **as_user(user),
        )
    try:
        _wait(process, ready, log)
        yield
    finally:
        _end(process, stop)


def as_user(user: int | None) -> dict[str, object]:
    """The arguments that make ``subprocess`` run something as that user."""
    if user is None:
        return {}
    return {"user": user, "group": user, "extra_groups": []}


def die_with_parent() -> None:
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _wait(process: subprocess.Popen, ready: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            said = log.read_text(errors="replace")[-2000:]
            raise RuntimeError(f"{process.args[0]} did not start:\n{said}")
        time.sleep(0.01)


def _end(process: subprocess.Popen, stop: signal.Signals) -> None:
    process.send_signal(stop)
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=10)
        return
    process.kill()
    process.wait()
