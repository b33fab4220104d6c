"""A cgroup for one jail: all of its memory and processes, where the host allows it.

Both layouts are known: version 2 (a folder beside or below ours, when the memory
controller was delegated to it) and version 1 (a folder below ours).
"""

import contextlib
import itertools
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PREFIX = "assay-jail-"
_names = itertools.count(1)
# a group whose last process was killed stays busy until the kernel has reaped it
_REMOVAL_SECONDS = 2.0


@dataclass(frozen=True)
class Group:
    """One group that exists; ``folders`` is empty when the host allows none."""

    folders: tuple[Path, ...]
    reason: str = ""

    @property
    def doors(self) -> tuple[Path, ...]:
        """The files through which a process enters."""
        return tuple(folder / "cgroup.procs" for folder in self.folders)

    def ran_out_of_memory(self) -> bool:
        """Whether the kernel killed a process of the group for its memory."""
        return any(map(_kills, self.folders))


@contextlib.contextmanager
def group(memory_bytes: int, processes: int) -> Iterator[Group]:
    """A group with these limits while the block runs; empty where none is allowed."""
    name = f"{_PREFIX}{os.getpid()}-{next(_names)}"
    made, reasons = [], []
    for parent, limits in _places(memory_bytes, processes):
        _sweep(parent)
        try:
            made.append(_make(parent / name, limits))
        except OSError as error:
            reasons.append(f"{parent}: {error.strerror}")
        if made and "memory.max" in limits:
            break
    reason = "; ".join(reasons) or "no memory controller is delegated to this process"
    try:
        yield Group(tuple(made), "" if made else reason)
    finally:
        for folder in made:
            _remove(folder)


def _places(memory_bytes: int, processes: int) -> Iterator[tuple[Path, dict[str, int]]]:
    """Folders to try, the best first, each with the limits by file name."""
    for own, controllers in _own_groups():
        if controllers == "":
            limits = {"memory.max": memory_bytes, "memory.swap.max": 0}
            limits |= {"memory.oom.group": 1, "pids.max": processes + 8}
            yield from ((place, limits) for place in _delegated(own))
        elif controllers == "memory":
            yield own, {"memory.limit_in_bytes": memory_bytes}
        elif controllers == "pids":
            yield own, {"pids.max": processes + 8}


def _own_groups() -> Iterator[tuple[Path, str]]:
    for line in Path("/proc/self/cgroup").read_text("ascii").splitlines():
        _, controllers, path = line.split(":", 2)
        root = Path("/sys/fs/cgroup") / controllers
        own = root / path.lstrip("/")
        yield (own if own.is_dir() else root), controllers


def _delegated(own: Path) -> list[Path]:
    """Version 2: a parent may hold limits only if its children get the controller."""
    return [place for place in (own, own.parent) if _gives_memory(place)]


def _gives_memory(place: Path) -> bool:
    try:
        return "memory" in (place / "cgroup.subtree_control").read_text().split()
    except OSError:
        return False


def _make(folder: Path, limits: dict[str, int]) -> Path:
    folder.mkdir()
    try:
        for name, value in limits.items():
            if (folder / name).exists() or name in _NECESSARY:
                (folder / name).write_text(str(value), "ascii")
    except OSError:
        folder.rmdir()
        raise
    return folder


_NECESSARY = {"memory.max", "memory.limit_in_bytes"}


def _sweep(parent: Path) -> None:
    """Remove the groups of supervisors that were killed."""
    for folder in parent.glob(f"{_PREFIX}*-*"):
        owner = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if not Path("/proc", owner).exists():
            with contextlib.suppress(OSError):
                folder.rmdir()


def _kills(folder: Path) -> bool:
    for name in ("memory.events", "memory.oom_control"):
        with contextlib.suppress(OSError):
            words = (folder / name).read_text("ascii").split()
            counts = dict(zip(words[::2], words[1::2], strict=False))
            return int(counts.get("oom_kill", 0)) > 0
    return False


def _remove(folder: Path) -> None:
    deadline = time.monotonic() + _REMOVAL_SECONDS
    while time.monotonic() < deadline:
        try:
            folder.rmdir()
        except FileNotFoundError:
            return
        except OSError:
            time.sleep(0.01)
        else:
            return
