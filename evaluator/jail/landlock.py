"""Landlock: the process gives up every file but those named, whatever it is shown.

Raw system calls (linux/landlock.h), since no package for it is small enough. Before
ABI 8 it binds the calling thread and the threads it makes later: call it early.
"""

import ctypes
import os
import stat
import struct
from collections.abc import Iterable
from pathlib import Path

# the same numbers on every processor
_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446
_ASK_VERSION, _PATH_BENEATH, _SET_NO_NEW_PRIVILEGES = 1, 1, 38

_WRITE_FILE, _READ_FILE, _READ_DIRECTORY, _TRUNCATE = 1 << 1, 1 << 2, 1 << 3, 1 << 14
_OF_FILES = _WRITE_FILE | _READ_FILE | _TRUNCATE
_READ = _READ_FILE | _READ_DIRECTORY
_WRITE = _WRITE_FILE | _TRUNCATE

_TCP = 0b11  # bind, connect
_SCOPES = 0b11  # abstract sockets, signals
# how many kinds of file access each version of the interface knows
_KINDS = {1: 13, 2: 14, 3: 15, 4: 15}
_KINDS_SINCE_5 = 16


def version() -> int:
    """The kernel's Landlock version; 0 when it has none or it is switched off."""
    answer = ctypes.CDLL(None).syscall(_CREATE, None, 0, _ASK_VERSION)
    return max(int(answer), 0)


def restrict(*, readable: Iterable[Path], writable: Iterable[Path]) -> int:
    """Leave this thread only these files, and no execution; returns the version.

    Returns 0, and changes nothing, on a kernel without Landlock.

    Raises:
        OSError: the kernel has Landlock and refused.
    """
    abi = version()
    if not abi:
        return 0
    libc = ctypes.CDLL(None, use_errno=True)
    handled = (1 << _KINDS.get(abi, _KINDS_SINCE_5)) - 1
    ruleset = _checked(libc.syscall(_CREATE, *_attributes(abi, handled), 0))
    for path in readable:
        _add(libc, ruleset, path, _READ & handled)
    for path in writable:
        _add(libc, ruleset, path, (_READ | _WRITE) & handled)
    _checked(libc.prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0))
    _checked(libc.syscall(_RESTRICT, ruleset, 0))
    os.close(ruleset)
    return abi


def _attributes(abi: int, handled: int) -> tuple[bytes, int]:
    size = 8 if abi < 4 else 16 if abi < 6 else 24
    return struct.pack("<QQQ", handled, _TCP, _SCOPES)[:size], size


def _add(libc: ctypes.CDLL, ruleset: int, path: Path, access: int) -> None:
    if not path.exists():
        return
    if not stat.S_ISDIR(path.stat().st_mode):
        access &= _OF_FILES
    opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    rule = struct.pack("<Qi", access, opened)
    _checked(libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0))
    os.close(opened)


def _checked(answer: int) -> int:
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"landlock was refused: {os.strerror(number)}")
    return answer
