"""Starts bubblewrap behind a gate, and opens the gate once the walls are seen to stand.

supervisor -> launch.py (limits, cgroup, user) -> bwrap -> gate -> jailed command
"""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evaluator.jail import bubblewrap, launch
from evaluator.jail.errors import JailBrokenError
from evaluator.jail.view import Bind

START_SECONDS = 30.0
NAMESPACES = ("user", "pid", "net", "ipc", "uts", "mnt", "cgroup")
# systemd keeps these for services without a user of their own
_FIRST_USER, _USERS = 61184, 4000
_MOST_SAID = 4096
_LAST_WORDS_SECONDS = 5.0


@dataclass(frozen=True)
class Cell:
    """A jail to be started: what it sees, what it runs, what it may use."""

    folder: Path
    binds: Sequence[Bind]
    command: Sequence[str]
    rlimits: Mapping[str, int]
    seccomp: bytes | None
    cgroups: Sequence[Path] = field(default=())


@dataclass(frozen=True)
class Running:
    """A jail that runs: bubblewrap outside, and its first process inside.

    ``first`` is a pid descriptor, which never names another process.
    """

    process: subprocess.Popen[bytes]
    first: int

    def kill(self) -> None:
        """End every process of the jail; at once, and whatever they ignore.

        The death of a namespace's first process is the death of all in it. Killing
        bubblewrap alone is not enough: until its command starts, it is not watched.
        """
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.first, signal.SIGKILL)
        self.process.kill()

    def close(self) -> None:
        """Give back what was needed to watch it; it must have ended."""
        os.close(self.first)
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()


def job_user() -> int | None:
    """The user that a jail of this process runs as: nobody's, when we are root."""
    return _FIRST_USER + os.getpid() % _USERS if os.geteuid() == 0 else None


def start(cell: Cell) -> Running:
    """The running jail; its command has started and every namespace is its own.

    Raises:
        JailBrokenError: ``bwrap_*`` or ``layer_missing``; nothing is left running.
    """
    program = bubblewrap.find_bubblewrap()
    info, info_end = os.pipe()
    gate_end, gate = os.pipe()
    passed = [info_end, gate_end]
    if cell.seccomp is not None:
        passed.append(_filled_pipe(cell.seccomp))
    try:
        process = _spawn(_document(cell, program, passed), passed)
    finally:
        for end in passed:
            os.close(end)
    try:
        return _let_in(process, _child(info, process), gate)
    finally:
        os.close(info)
        os.close(gate)


def _let_in(process: subprocess.Popen[bytes], child: int, gate: int) -> Running:
    try:
        running = Running(process, os.pidfd_open(child))
    except ProcessLookupError:
        raise JailBrokenError("bwrap_failed", _why(process)) from None
    try:
        _verify_namespaces(child)
    except JailBrokenError:
        running.kill()
        process.communicate()
        running.close()
        raise
    os.write(gate, b"!")
    return running


def _filled_pipe(content: bytes) -> int:
    read, write = os.pipe()
    with os.fdopen(write, "wb") as end:
        end.write(content)
    return read


def _document(cell: Cell, program: Path, passed: Sequence[int]) -> Path:
    seccomp = passed[2] if cell.seccomp is not None else None
    document = cell.folder / "launch.json"
    words = {
        "program": str(program),
        "program_root": str(bubblewrap.folder_of(program)),
        "options": bubblewrap.options(info=passed[0], gate=passed[1], seccomp=seccomp),
        "binds": bubblewrap.bind_words(cell.binds),
        "ending": bubblewrap.ending(cell.command),
        "rlimits": dict(cell.rlimits),
        "cgroups": [str(path) for path in cell.cgroups],
        "uid": job_user(),
    }
    document.write_text(json.dumps(words), "utf-8")
    return document


def _spawn(document: Path, passed: Sequence[int]) -> subprocess.Popen[bytes]:
    script = Path(launch.__file__).resolve()
    return subprocess.Popen(
        [sys.executable, "-I", "-S", "-B", script, document],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={},
        cwd="/",
        pass_fds=tuple(passed),
        start_new_session=True,
    )


def _child(info: int, process: subprocess.Popen[bytes]) -> int:
    """The process id of the jail's first process, as bubblewrap tells it."""
    said = b""
    while select.select([info], [], [], START_SECONDS)[0]:
        piece = os.read(info, 4096)
        said += piece
        if not piece or said.rstrip().endswith(b"}"):
            break
    try:
        return int(json.loads(said)["child-pid"])
    except (ValueError, KeyError, TypeError):
        raise JailBrokenError("bwrap_failed", _why(process)) from None


def _verify_namespaces(child: int) -> None:
    ours, theirs = Path("/proc/self/ns"), Path(f"/proc/{child}/ns")
    for name in NAMESPACES:
        try:
            shared = (ours / name).readlink() == (theirs / name).readlink()
        except OSError as error:
            sentence = f"The {name} namespace of the jail cannot be checked: {error}."
            raise JailBrokenError("layer_missing", sentence) from None
        if shared:
            sentence = f"The layer namespaces is missing: {name} is the host's own."
            raise JailBrokenError("layer_missing", sentence)


def _why(process: subprocess.Popen[bytes]) -> str:
    process.kill()
    said = b""
    with contextlib.suppress(subprocess.TimeoutExpired):
        _, said = process.communicate(timeout=_LAST_WORDS_SECONDS)
    lines = said.decode("utf-8", "replace")[-_MOST_SAID:].strip().splitlines()
    reason = lines[-1] if lines else "it said nothing"
    return f"The layer namespaces is missing: bubblewrap does not start ({reason})."
