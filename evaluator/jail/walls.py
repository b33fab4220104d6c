"""Checks from inside that each layer stands; the model is not read until all do."""

import errno
import os
import resource
import socket
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from evaluator.jail import rlimits
from evaluator.jail.bubblewrap import ENVIRONMENT, HOSTNAME, USER
from evaluator.jail.errors import JailBrokenError

_FIRST_PROCESSES = 8
_DENIED = {errno.EPERM, errno.EACCES, errno.EROFS, errno.ENOENT}
# set by bubblewrap itself and by Python (PEP 538)
_OTHER_NAMES = {"PWD", "LC_CTYPE"}


def check_surroundings(
    limits: Mapping[str, int], root: Iterable[str], speech: int
) -> None:
    """Namespaces, outer filter and first limits, before anything is imported.

    Args:
        limits: at most these, by name.
        root: all that may be seen in the root folder.
        speech: the one descriptor besides the standard streams that may be open.

    Raises:
        JailBrokenError: ``layer_missing``, with a sentence that names the layer.
    """
    _check("namespaces", "other processes can be seen", os.getpid() < _FIRST_PROCESSES)
    _check("namespaces", "it has a user of the host", os.getuid() == USER)
    _check("namespaces", "it has the host's name", os.uname().nodename == HOSTNAME)
    strange = set(os.environ) - set(ENVIRONMENT) - _OTHER_NAMES
    _check("namespaces", f"it inherits {sorted(strange)}", not strange)
    strange = {path.name for path in Path("/").iterdir()} - set(root)
    _check("namespaces", f"it can see {sorted(strange)}", not strange)
    inherited = [fd for fd in range(3, rlimits.DESCRIPTORS) if _open(fd)]
    _check("namespaces", "it inherits open files", inherited == [speech])
    _check("namespaces", "its root can be written", _denied(_make_file))
    _check("seccomp", "a socket can be opened", _denied(socket.socket))
    _check_limits(limits)


def check_sealed(limits: Mapping[str, int]) -> None:
    """The inner filter and the last limits, just before the model is read.

    Raises:
        JailBrokenError: ``layer_missing``, with a sentence that names the layer.
    """
    _check_limits(limits)
    _check("seccomp", "a process can be started", _denied(_start_process))
    _check("seccomp", "hidden memory can be had", _denied(_hidden_memory))


def _check_limits(limits: Mapping[str, int]) -> None:
    timeless = {name: n for name, n in limits.items() if name != "RLIMIT_CPU"}
    above = rlimits.loose(timeless)
    unlimited = resource.getrlimit(resource.RLIMIT_CPU)[1] == resource.RLIM_INFINITY
    above += ["RLIMIT_CPU"] if unlimited else []
    _check("limits", f"{', '.join(above)} not set", not above)


def _check(layer: str, problem: str, holds: bool) -> None:  # noqa: FBT001
    if not holds:
        sentence = f"The layer {layer} is missing: inside the jail {problem}."
        raise JailBrokenError("layer_missing", sentence)


def _denied(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except OSError as error:
        return error.errno in _DENIED
    return False


def _make_file() -> None:
    Path("/made").write_bytes(b"")


def _start_process() -> None:
    if os.fork() == 0:
        os._exit(0)


def _hidden_memory() -> None:
    os.close(os.memfd_create("hidden"))


def _open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True
