"""From the supervisor to bubblewrap: limits, cgroup, another user, then exec.

Run as a script with the path of a launch document; it imports nothing of ours. As
root it leaves root first: limits on processes do not bind root, and a way out of the
jail should end in a user who owns nothing. What that user could not reach on its own
(a virtual environment under /root) is mounted for it in a private mount namespace.
"""

import ctypes
import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

_NEW_MOUNTS, _BIND, _RECURSIVE, _PRIVATE = 0x00020000, 0x1000, 0x4000, 0x40000
_NO_SETUID, _NO_DEVICES = 0x2, 0x4
_DIE_WITH_PARENT = 1
_STAGE = Path("/tmp")  # noqa: S108  # covered by a private tmpfs, never the host's

FAILED = 71


def main(document: Path) -> None:
    """Become bubblewrap as the launch document says; returns only by exception."""
    launch: dict[str, Any] = json.loads(document.read_text("utf-8"))
    parent = os.getppid()
    for procs in launch["cgroups"]:
        Path(procs).write_text("0", "ascii")
    sources = [str(bind[1]) for bind in launch["binds"]]
    program = str(launch["program"])
    if launch["uid"] is not None:
        staged = _stage([launch["program_root"], *sources])
        program = str(staged[0] / Path(program).relative_to(launch["program_root"]))
        sources = list(map(str, staged[1:]))
        _become(launch["uid"])
    _die_with(parent)
    for name, value in launch["rlimits"].items():
        resource.setrlimit(getattr(resource, name), (value, value))
    binds = [
        word
        for (flag, _source, target), source in zip(
            launch["binds"], sources, strict=True
        )
        for word in (flag, source, target)
    ]
    command = [program, *launch["options"], *binds, *launch["ending"]]
    os.execve(program, command, {})  # noqa: S606


def _stage(sources: list[str]) -> list[Path]:
    """Mount each source under a folder that any user may enter; their new paths."""
    libc = ctypes.CDLL(None, use_errno=True)
    _checked(libc.unshare(_NEW_MOUNTS), "a private mount namespace")
    _mount(libc, "none", "/", _RECURSIVE | _PRIVATE)
    opened = [os.open(source, os.O_PATH | os.O_CLOEXEC) for source in sources]
    _mount(libc, "stage", str(_STAGE), _NO_SETUID | _NO_DEVICES, b"tmpfs")
    _STAGE.chmod(0o755)
    return [_staged(libc, number, fd) for number, fd in enumerate(opened)]


def _staged(libc: ctypes.CDLL, number: int, fd: int) -> Path:
    target = _STAGE / str(number)
    source = Path(f"/proc/self/fd/{fd}")
    if source.is_dir():
        target.mkdir()
    else:
        target.touch()
    _mount(libc, str(source), str(target), _BIND | _RECURSIVE)
    os.close(fd)
    return target


def _mount(
    libc: ctypes.CDLL,
    source: str,
    target: str,
    flags: int,
    kind: bytes | None = None,
) -> None:
    words = (os.fsencode(source), os.fsencode(target), kind)
    answer = libc.mount(*words, ctypes.c_ulong(flags), None)
    _checked(answer, f"mounting {source} on {target}")


def _become(uid: int) -> None:
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def _die_with(parent: int) -> None:
    """A supervisor that is killed takes the jail along, from the first moment."""
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        raise SystemExit(FAILED)


def _checked(answer: int, what: str) -> None:
    if answer:
        number = ctypes.get_errno()
        raise OSError(number, f"{what} was refused: {os.strerror(number)}")


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except (OSError, ValueError) as error:
        sys.stderr.write(f"launch: {error}\n")
        sys.exit(FAILED)
