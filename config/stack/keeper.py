"""Runs one program and lets none of its descendants outlive it, or us.

    python keeper.py LIFELINE,LOCK GRACE STOP_SIGNAL PROGRAM [ARGUMENT …]

LIFELINE is the reading end of a pipe whose other end only the supervisor holds: it
closes when the supervisor is gone, however it went, and then everything is killed
at once. LOCK is the supervisor's lock file, held here for as long as we live; the
program gets neither. SIGTERM asks the program to end by STOP_SIGNAL and kills it
after GRACE seconds. When the program has ended, whatever it left running is killed,
jails and pool processes included: as a "subreaper" the keeper inherits them.

Stands alone on the standard library, so that it starts in milliseconds.
"""

import ctypes
import os
import select
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36  # linux/prctl.h
LIBC = ctypes.CDLL(None, use_errno=True)


class Process(NamedTuple):
    """What the kernel says of one process."""

    pid: int
    state: str
    parent: int
    group: int
    session: int


def processes() -> Iterator[Process]:
    """All processes, zombies included (read from /proc/PID/stat)."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name, in brackets, may hold anything, brackets and spaces too.
            state, *numbers = stat.read_text().rpartition(")")[2].split()[:4]
        except OSError:  # it ended while we looked
            continue
        parent, group, session = map(int, numbers)
        yield Process(int(stat.parent.name), state, parent, group, session)


def children_of(pid: int) -> list[int]:
    """The direct children of a process."""
    return [process.pid for process in processes() if process.parent == pid]


def program_of(keeper: int) -> int | None:
    """The program that a keeper runs: unlike what it adopts, it leads a group here."""
    for process in processes():
        leads = process.pid == process.group and process.session == keeper
        if process.parent == keeper and leads:
            return process.pid
    return None


def wakeups() -> int:
    """A descriptor that becomes readable at each SIGTERM, SIGINT and SIGCHLD."""
    reading, writing = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
        signal.signal(number, lambda *_: None)
    return reading


def launch(command: Sequence[str]) -> int:
    """Start the program, which dies with this process; returns its pid."""
    keeper = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != keeper:  # it died before the line above
        os._exit(127)
    os.setpgid(0, 0)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, exec keeps that
    try:
        os.execvp(command[0], list(command))  # noqa: S606 - a list, and no shell
    except OSError as error:
        os.write(2, f"{command[0]}: {error.strerror}\n".encode())
        os._exit(127)


def reap(pid: int) -> int | None:
    """Bury the dead; returns the exit code of ``pid`` when it is among them."""
    code = None
    while True:
        try:
            buried, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return code
        if buried == 0:
            return code
        if buried == pid:
            ended = os.waitstatus_to_exitcode(status)
            code = ended if ended >= 0 else 128 - ended


def kill_descendants() -> None:
    """Kill all children, then those that we inherit from them, until none is left."""
    while left := children_of(os.getpid()):
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        os.waitpid(-1, 0)
        reap(0)


def keep(pid: int, *, lifeline: int, woken: int, grace: float, stop: int) -> int:
    """Wait for the program's end, or bring it about; returns its exit code."""
    deadline: float | None = None
    while (code := reap(pid)) is None:
        left = None if deadline is None else deadline - time.monotonic()
        if left is not None and left <= 0:
            return 128 + signal.SIGKILL
        ready, _, _ = select.select([lifeline, woken], [], [], left)
        if lifeline in ready:
            return 128 + signal.SIGKILL
        heard = os.read(woken, 512) if woken in ready else b""
        if deadline is None and {signal.SIGTERM, signal.SIGINT} & set(heard):
            deadline = time.monotonic() + grace
            os.kill(pid, stop)
    return code


def main(arguments: Sequence[str]) -> int:
    """Keep the program that the arguments name; returns its exit code."""
    private, grace, stop, *command = arguments
    lifeline, *_ = descriptors = [int(number) for number in private.split(",")]
    for descriptor in descriptors:
        os.set_inheritable(descriptor, False)
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1)
    woken = wakeups()
    try:
        return keep(
            launch(command),
            lifeline=lifeline,
            woken=woken,
            grace=float(grace),
            stop=int(stop),
        )
    finally:
        kill_descendants()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
