"""Small attacks, each of which succeeds where nothing stops it.

The doctor runs them outside and behind a layer; a layer holds when all of them work
outside and none works behind it. Answers come as lines ``name reached``.
"""

import ctypes
import json
import mmap
import os
import platform
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from evaluator.jail import battery, landlock, rlimits, seccomp

Context = Mapping[str, Any]
_MIB = 1 << 20
_STOPPED, _REACHED = 10, 11


def main() -> None:
    """Prepare as the first argument says, then try each attack that it names."""
    context: Context = json.loads(sys.argv[1])
    _prepare(context)
    for name in context["attacks"]:
        reached = _apart(name, context) if name in battery.SURVIVED else None
        if reached is None:
            reached = _tried(name, context)
        os.write(1, f"{name} {int(reached)}\n".encode())
    os._exit(0)


def _apart(name: str, context: Context) -> bool | None:
    """Whether it worked in a child, which it may replace; None without children."""
    try:
        child = os.fork()
    except OSError:
        return None
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_RDWR), 1)
        os._exit(_REACHED if _tried(name, context) else _STOPPED)
    status = os.waitpid(child, 0)[1]
    return os.WIFEXITED(status) and os.WEXITSTATUS(status) != _STOPPED


def _tried(name: str, context: Context) -> bool:
    attack = _ATTACKS.get(name) or battery.SURVIVED[name]
    try:
        return bool(attack(context))
    except (OSError, ValueError, StopIteration, MemoryError, RuntimeError):
        return False


def _prepare(context: Context) -> None:
    for door in context.get("cgroups", ()):
        Path(door).write_text("0", "ascii")
    if context.get("landlock"):
        landlock.restrict(readable=(), writable=())
    if "sealing" in context:
        rlimits.seal(context["sealing"])
    if context.get("seccomp"):
        seccomp.install(seccomp.inner_filter(platform.machine()))


def _file(context: Context) -> bool:
    return bool(Path(context["file"]).read_bytes())


def _writing(context: Context) -> bool:
    return Path(context["file"]).with_name("written").write_bytes(b"x") == 1


def _network(context: Context) -> bool:
    with socket.create_connection(("127.0.0.1", context["port"]), 5):
        return True


def _process(context: Context) -> bool:
    os.kill(context["pid"], 0)
    return True


def _memory(context: Context) -> bool:
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    with mmap.mmap(-1, context["memory"], flags):
        return True


def _file_size(context: Context) -> bool:
    opened = os.open(context["scratch"], os.O_WRONLY)
    return os.pwrite(opened, b"x", context["file_size"]) == 1


def _descriptors(_context: Context) -> bool:
    for _ in range(rlimits.DESCRIPTORS):
        os.dup(0)
    return True


def _threads(context: Context) -> bool:
    done = threading.Event()
    try:
        for _ in range(context["threads"]):
            threading.Thread(target=done.wait, daemon=True).start()
    finally:
        done.set()
    return True


def _processor(context: Context) -> bool:
    child = os.fork()
    if child == 0:
        while time.process_time() < context["burn"]:
            pass
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def _sockets(_context: Context) -> bool:
    for end in socket.socketpair():
        end.close()
    return True


def _fork(_context: Context) -> bool:
    child = os.fork()
    if child == 0:
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def _hidden_memory(_context: Context) -> bool:
    os.close(os.memfd_create("canary"))
    return True


def _ptrace(_context: Context) -> bool:
    return bool(ctypes.CDLL(None).ptrace(0, 0, 0, 0) == 0)


def _touched_memory(context: Context) -> bool:
    kept = [b"x" * _MIB for _ in range(context["memory"] // _MIB)]
    return len(kept) > 0


_ATTACKS: dict[str, Callable[[Context], bool]] = {
    "file": _file,
    "writing": _writing,
    "network": _network,
    "process": _process,
    "memory": _memory,
    "file_size": _file_size,
    "descriptors": _descriptors,
    "threads": _threads,
    "processor": _processor,
    "sockets": _sockets,
    "fork": _fork,
    "hidden_memory": _hidden_memory,
    "ptrace": _ptrace,
    "touched_memory": _touched_memory,
}
