"""Limits of the kernel on one process, in the two steps in which they are set.

``before`` binds everything from bubblewrap on. ``sealing`` binds the jailed process
once the libraries are imported, so that the model is charged for itself only.
"""

import resource
from collections.abc import Mapping

from evaluator.job import Limits

DESCRIPTORS = 256
# the libraries themselves and their address reservations, none of it private memory
_LIBRARIES = 4 << 30
_IMPORT_SECONDS = 300


def before(limits: Limits, file_bytes: int) -> dict[str, int]:
    """Limits by name for the launcher; ``file_bytes`` of job files may be mapped."""
    return {
        "RLIMIT_CORE": 0,
        "RLIMIT_NOFILE": DESCRIPTORS,
        "RLIMIT_FSIZE": limits.file_bytes,
        "RLIMIT_AS": limits.memory_bytes + 2 * file_bytes + _LIBRARIES,
        "RLIMIT_CPU": limits.cpu_seconds + _IMPORT_SECONDS,
        "RLIMIT_MEMLOCK": 0,
        "RLIMIT_MSGQUEUE": 0,
    }


def sealing(limits: Limits) -> dict[str, int]:
    """Limits by name for the jailed process; processor time counts from then on."""
    return {
        "RLIMIT_DATA": limits.memory_bytes,
        "RLIMIT_CPU": limits.cpu_seconds,
        # counted inside the jail's own user namespace, so the host's do not count
        "RLIMIT_NPROC": limits.processes,
    }


def seal(limits: Mapping[str, int]) -> None:
    """Set what ``sealing`` says on this process, for good."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    already = int(used.ru_utime + used.ru_stime) + 1
    for name, value in limits.items():
        soft = value + already if name == "RLIMIT_CPU" else value
        # the signal at the soft limit tells why; one that ignores it is killed
        hard = soft + 1 if name == "RLIMIT_CPU" else soft
        resource.setrlimit(getattr(resource, name), (soft, hard))


def loose(limits: Mapping[str, int]) -> list[str]:
    """The names of limits that this process has above what they should be."""
    return [
        name
        for name, value in limits.items()
        if not 0 <= resource.getrlimit(getattr(resource, name))[1] <= value
    ]
