"""How the battery's attacks are tried: each returns whether it reached its aim."""

# an attacker calls the system as directly as it can
# ruff: noqa: S606

import ctypes
import mmap
import os
import socket
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

LIBC = ctypes.CDLL(None, use_errno=True)
Context = Mapping[str, Any]


def opens(path: str, flags: int = os.O_RDONLY) -> bool:
    os.close(os.open(path, flags))
    return True


def connects(family: int, address: Any) -> bool:
    with socket.socket(family) as end:
        end.settimeout(2)
        end.connect(address)
        return True


def done(call: Callable[..., object], *arguments: Any) -> bool:
    """That it comes back at all is the success."""
    call(*arguments)
    return True


def makes_socket(*arguments: int) -> bool:
    socket.socket(*arguments).close()
    return True


def writes(path: str) -> bool:
    wrote = Path(path).write_bytes(b"x") == 1
    Path(path).unlink()
    return wrote


def call(number: int, *arguments: Any) -> bool:
    ctypes.set_errno(0)
    return int(LIBC.syscall(number, *arguments)) >= 0


def starts(*command: str) -> bool:
    child = os.fork()
    if child == 0:
        try:
            os.execv(command[0], command)
        finally:
            os._exit(77)
    return os.waitpid(child, 0)[1] == 0


def executes_anonymous_file(_context: Context) -> bool:
    descriptor = os.memfd_create("x")
    os.write(descriptor, Path(sys.executable).read_bytes())
    return True


def kills(pid: int) -> bool:
    os.kill(pid, 0)
    return True


def ioctl(number: int) -> bool:
    return int(LIBC.ioctl(0, number, b"x")) == 0


def machine_code(code: bytes) -> bool:
    """mov eax, 20 (getpid of i386); int 0x80; ret."""
    page = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | 0x20, prot=7)
    page.write(code)
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    return int(ctypes.CFUNCTYPE(ctypes.c_int)(address)()) > 0
