"""Two filters over system calls, assembled here as classic BPF (linux/seccomp.h).

The outer one is a deny-list that bubblewrap loads: trusted code is still importing.
The inner one is an allow-list that the jailed process puts on itself before it reads
a byte of the model: it can then read files, compute, write to what is open, and make
threads; it cannot start a process, open a socket or change a limit.
"""

import ctypes
import errno
import os
import platform
import struct

from evaluator.jail.syscalls import (
    AUDIT,
    HOSTILE,
    IPC,
    NEEDED,
    NETWORK,
    NUMBERS,
    REVIEWED,
)

Instruction = tuple[int, int, int, int]

# BPF operations: load a word, test it, mask it, end with a verdict
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _MASK, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
ALLOW, KILL = 0x7FFF0000, 0x80000000

_NUMBER_AT, _MACHINE_AT, _ARGUMENTS_AT = 0, 4, 16  # struct seccomp_data
_X32_BIT = 0x40000000

_NEW_NAMESPACES = 0x7E020080  # CLONE_NEWNS … CLONE_NEWNET and CLONE_NEWTIME
_THREAD = 0x00010000  # CLONE_THREAD
_SHARED_ANONYMOUS = 0x21  # memory that no limit on private data would count
_TERMINAL_INJECTION = (0x5412, 0x541C, 0x5423)  # TIOCSTI, TIOCLINUX, TIOCSETD
_HARMLESS_IOCTLS = (0x5401, 0x5450, 0x5451, 0x541B)  # TCGETS, FI(O)CLEX, FIONREAD
_HARMLESS_PRCTLS = (15, 16, 21, 0x53564D41)  # names, GET_SECCOMP, SET_VMA

_SET_NO_NEW_PRIVILEGES = 38
_MODE_FILTER, _EVERY_THREAD = 1, 1


def refuse(number: int) -> int:
    """The verdict that makes a call fail with this error number."""
    return 0x00050000 | number


def supported(machine: str) -> bool:
    """Whether the filters know this processor's system calls."""
    return machine in NUMBERS


def outer_filter(machine: str) -> bytes:
    """The deny-list, as the array of ``struct sock_filter`` that bubblewrap reads."""
    denied = {name: refuse(errno.EPERM) for name in HOSTILE}
    denied |= dict.fromkeys((*IPC, *NETWORK), refuse(errno.EACCES))
    program = _preamble(machine)
    program += _rule(machine, "clone", _no_flags(0, _NEW_NAMESPACES))
    program += _rule(machine, "ioctl", _none_of(1, _TERMINAL_INJECTION))
    program += _verdicts(machine, denied)
    return _packed([*program, _end(ALLOW)])


def inner_filter(machine: str) -> bytes:
    """The allow-list, for ``install``."""
    verdicts = dict.fromkeys(HOSTILE, KILL)
    verdicts |= dict.fromkeys((*IPC, *NETWORK), refuse(errno.EACCES))
    verdicts |= dict.fromkeys(NEEDED, ALLOW)
    program = _preamble(machine)
    program += _rule(machine, "clone", _threads_only())
    program += _rule(machine, "ioctl", _one_of(1, _HARMLESS_IOCTLS, errno.ENOTTY))
    program += _rule(machine, "prctl", _one_of(0, _HARMLESS_PRCTLS, errno.EPERM))
    program += _rule(machine, "prlimit64", _reading_only(2))
    program += _rule(machine, "mmap", _no_flags(3, _SHARED_ANONYMOUS, together=True))
    program += _verdicts(machine, verdicts)
    return _packed([*program, _end(refuse(errno.EPERM))])


def install(program: bytes) -> None:
    """Put a filter on every thread of this process, for good.

    Raises:
        OSError: the kernel refused.
    """
    libc = ctypes.CDLL(None, use_errno=True)

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))

    code = ctypes.create_string_buffer(program, len(program))
    described = Program(len(program) // 8, ctypes.cast(code, ctypes.c_void_p))
    if libc.prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "no_new_privs was refused")
    call = NUMBERS[platform.machine()]["seccomp"]
    if libc.syscall(call, _MODE_FILTER, _EVERY_THREAD, ctypes.byref(described)):
        number = ctypes.get_errno()
        raise OSError(number, f"seccomp was refused: {os.strerror(number)}")


def _end(verdict: int) -> Instruction:
    return (_RETURN, 0, 0, verdict)


def _load(argument: int, *, high: bool = False) -> Instruction:
    return (_LOAD, 0, 0, _ARGUMENTS_AT + 8 * argument + (4 if high else 0))


def _preamble(machine: str) -> list[Instruction]:
    """A foreign machine's calls kill; unreviewed and unreadable ones do not exist."""
    program = [
        (_LOAD, 0, 0, _MACHINE_AT),
        (_EQUAL, 1, 0, AUDIT[machine]),
        _end(KILL),
        (_LOAD, 0, 0, _NUMBER_AT),
        (_AT_LEAST, 0, 1, _X32_BIT),
        _end(KILL),
        (_AT_LEAST, 0, 1, REVIEWED + 1),
        _end(refuse(errno.ENOSYS)),
    ]
    # clone3 hides its flags behind a pointer; libraries fall back to clone
    return program + _verdicts(machine, {"clone3": refuse(errno.ENOSYS)})


def _rule(machine: str, name: str, body: list[Instruction]) -> list[Instruction]:
    """``body`` decides about one call; every path through it ends in a verdict."""
    return [(_EQUAL, 0, len(body), NUMBERS[machine][name]), *body]


def _verdicts(machine: str, verdicts: dict[str, int]) -> list[Instruction]:
    program: list[Instruction] = []
    for name, verdict in verdicts.items():
        if name in NUMBERS[machine]:
            program += _rule(machine, name, [_end(verdict)])
    return program


def _no_flags(
    argument: int, flags: int, *, together: bool = False
) -> list[Instruction]:
    test = (_EQUAL, 0, 1, flags) if together else (_ANY_BIT, 0, 1, flags)
    return [
        _load(argument),
        (_MASK, 0, 0, flags),
        test,
        _end(refuse(errno.EPERM)),
        _end(ALLOW),
    ]


def _threads_only() -> list[Instruction]:
    return [
        _load(0),
        (_ANY_BIT, 0, 1, _NEW_NAMESPACES),
        _end(refuse(errno.EPERM)),
        (_ANY_BIT, 0, 1, _THREAD),
        _end(ALLOW),
        _end(refuse(errno.EPERM)),
    ]


def _one_of(argument: int, values: tuple[int, ...], error: int) -> list[Instruction]:
    tests = [step for v in values for step in ((_EQUAL, 0, 1, v), _end(ALLOW))]
    return [_load(argument), *tests, _end(refuse(error))]


def _none_of(argument: int, values: tuple[int, ...]) -> list[Instruction]:
    denied = _end(refuse(errno.EPERM))
    tests = [step for v in values for step in ((_EQUAL, 0, 1, v), denied)]
    return [_load(argument), *tests, _end(ALLOW)]


def _reading_only(argument: int) -> list[Instruction]:
    """A pointer to a new value must be null, in both of its halves."""
    return [
        _load(argument),
        (_EQUAL, 0, 2, 0),
        _load(argument, high=True),
        (_EQUAL, 1, 0, 0),
        _end(refuse(errno.EPERM)),
        _end(ALLOW),
    ]


def _packed(program: list[Instruction]) -> bytes:
    return b"".join(struct.pack("<HBBI", *step) for step in program)
