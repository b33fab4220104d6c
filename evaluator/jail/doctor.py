"""Which layers of the jail hold on this host, found out by attacking each of them."""

import argparse
import json
import os
import platform
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import assay
import evaluator
from evaluator.jail import cgroup, landlock, rlimits, seccomp, view
from evaluator.jail.errors import JailBrokenError
from evaluator.jail.start import Cell, job_user, start
from evaluator.job import Limits

_ENTRY = (
    "import sys; sys.path[:0] = {paths!r}; "
    "from evaluator.jail.canary import main; main()"
)
# no whole second: the limit is rounded up to the next, and that is tried for real
_LIMITS = Limits(memory_bytes=256 << 20, cpu_seconds=0, wall_seconds=30, processes=16)
_PATIENCE_SECONDS = 60

_SEEING = ("file", "writing", "network", "process")
_USING = ("memory", "file_size", "descriptors", "threads", "processor")
_CALLING = ("sockets", "fork", "hidden_memory", "ptrace")


@dataclass(frozen=True)
class LayerReport:
    """One layer: whether it must hold, whether it does, and how that was seen."""

    name: str
    required: bool
    active: bool
    sentence: str


def examine() -> list[LayerReport]:
    """Attack every layer; takes some seconds, changes nothing, never raises."""
    with _ground() as context:
        return [
            _report("namespaces", context, _namespaces),
            _report("limits", context, _limits),
            _report("seccomp", context, _seccomp),
            _report("landlock", context, _landlock, required=False),
            _report("cgroup", context, _cgroup, required=False),
        ]


def main(argv: Sequence[str]) -> int:
    """Print what ``examine`` finds; 1 when a required layer is missing, else 0."""
    parser = argparse.ArgumentParser(prog="doctor", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON list")
    wanted = parser.parse_args(argv)
    reports = examine()
    text = json.dumps(list(map(asdict, reports))) if wanted.json else _table(reports)
    sys.stdout.write(text + "\n")
    return int(any(report.required and not report.active for report in reports))


def _table(reports: Sequence[LayerReport]) -> str:
    rows = []
    for report in reports:
        state = (
            "active" if report.active else "MISSING" if report.required else "absent"
        )
        need = "required" if report.required else "optional"
        rows.append(f"{report.name:<11} {need:<9} {state:<8} {report.sentence}")
    return "\n".join(rows)


Context = dict[str, Any]
Attack = Callable[[Context], str]


def _report(
    name: str, context: Context, attack: Attack, *, required: bool = True
) -> LayerReport:
    """``attack`` returns how the layer held, and raises when it did not."""
    try:
        return LayerReport(name, required, active=True, sentence=attack(context))
    except JailBrokenError as broken:
        sentence = broken.sentence
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        sentence = f"It cannot be examined: {error}."
    return LayerReport(name, required, active=False, sentence=sentence)


@contextmanager
def _ground() -> Iterator[Context]:
    """Things of the host that an attack may try to reach."""
    with (
        tempfile.TemporaryDirectory(prefix="assay-doctor-") as folder,
        socket.create_server(("127.0.0.1", 0)) as server,
    ):
        secret, scratch = Path(folder, "secret"), Path(folder, "scratch")
        secret.write_bytes(b"secret")
        scratch.touch()
        user = job_user()
        if user is not None:
            os.chown(scratch, user, user)
        yield {
            "folder": folder,
            "file": str(secret),
            "scratch": str(scratch),
            "port": server.getsockname()[1],
            "pid": os.getpid(),
            "memory": 2 * _LIMITS.memory_bytes,
            "file_size": _LIMITS.file_bytes,
            "threads": 2 * _LIMITS.processes,
            "burn": 1.2,
        }


def _namespaces(context: Context) -> str:
    return _compare(_SEEING, context, lambda wanted: _jailed(wanted, seccomp=None))


def _limits(context: Context) -> str:
    sealing = {**context, "sealing": rlimits.sealing(_LIMITS)}
    return _compare(
        _USING, context, lambda wanted: _jailed({**sealing, **wanted}, seccomp=None)
    )


def _seccomp(context: Context) -> str:
    machine = platform.machine()
    if not seccomp.supported(machine):
        raise JailBrokenError("layer_missing", f"No filter knows {machine}.")
    outer = seccomp.outer_filter(machine)
    return _compare(
        _CALLING,
        context,
        lambda wanted: _jailed({**wanted, "seccomp": True}, seccomp=outer),
    )


def _landlock(context: Context) -> str:
    version = landlock.version()
    if not version:
        raise JailBrokenError(
            "layer_missing", "The kernel has no Landlock, or lsm= leaves it out."
        )
    held = _compare(
        ("file", "writing"),
        context,
        lambda wanted: _outside({**wanted, "landlock": True}),
    )
    return f"{held} Version {version}."


def _cgroup(context: Context) -> str:
    with cgroup.group(_LIMITS.memory_bytes, _LIMITS.processes) as group:
        if not group.folders:
            raise JailBrokenError("layer_missing", f"{group.reason}.")
        doors = [str(door) for door in group.doors]
        return _compare(
            ("touched_memory",),
            context,
            lambda wanted: _outside({**wanted, "cgroups": doors}),
        )


def _compare(
    attacks: Sequence[str],
    context: Context,
    behind: Callable[[Context], Mapping[str, bool]],
) -> str:
    """Every attack must work outside and none behind the layer.

    Raises:
        JailBrokenError: one worked behind it, or one does not work at all.
    """
    wanted = {**context, "attacks": attacks}
    held = behind(wanted)
    reached = [name for name in attacks if held.get(name)]
    if reached:
        raise JailBrokenError("layer_missing", f"Not stopped: {', '.join(reached)}.")
    free = _outside(wanted)
    dead = [name for name in attacks if not free.get(name)]
    if dead:
        sentence = f"Not proved: {', '.join(dead)} fails without the layer, too."
        raise JailBrokenError("layer_missing", sentence)
    return f"Stopped: {', '.join(attacks)}."


def _outside(context: Context) -> dict[str, bool]:
    paths = [str(Path(m.__path__[0]).resolve().parent) for m in (assay, evaluator)]
    answered = subprocess.run(
        [sys.executable, *_command(paths, context)],
        capture_output=True,
        timeout=_PATIENCE_SECONDS,
        check=False,
    )
    return _answers(answered.stdout)


def _jailed(context: Context, *, seccomp: bytes | None) -> dict[str, bool]:
    """The same in a cell that is built as for a model, with this filter."""
    inside = {**context, "scratch": str(view.OUTPUTS)}
    binds = [*view.platform_binds(), *view.package_binds()]
    binds.append(view.Bind(Path(context["scratch"]), view.OUTPUTS, writable=True))
    cell = Cell(
        folder=Path(context["folder"]),
        binds=binds,
        command=[str(view.interpreter()), *_command([str(view.CODE)], inside)],
        rlimits=rlimits.before(_LIMITS, 0),
        seccomp=seccomp,
    )
    running = start(cell)
    try:
        said, noise = running.process.communicate(timeout=_PATIENCE_SECONDS)
    finally:
        running.kill()
        running.close()
    if not said:
        sentence = f"The canary says nothing: {noise.decode('utf-8', 'replace')[-300:]}"
        raise JailBrokenError("layer_missing", sentence)
    return _answers(said)


def behind_walls(
    context: Context, attacks: Sequence[str], filter_: bytes | None
) -> dict[str, bool]:
    """What these attacks reach in a cell with this filter, prepared as it says."""
    user = job_user()
    if user is not None:
        os.chown(context["scratch"], user, user)
    return _jailed({**context, "attacks": list(attacks)}, seccomp=filter_)


def _command(paths: Sequence[str], context: Context) -> list[str]:
    entry = _ENTRY.format(paths=list(paths))
    return ["-I", "-S", "-B", "-c", entry, json.dumps(context)]


def _answers(said: bytes) -> dict[str, bool]:
    lines = (line.split() for line in said.decode("utf-8").splitlines())
    return {name: reached == "1" for name, reached in lines}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
