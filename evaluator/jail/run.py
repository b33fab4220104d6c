"""One job in one jail, from its files to an outcome."""

import json
import os
import platform
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from evaluator.jail import cgroup, rlimits, seccomp, view
from evaluator.jail.errors import JailBrokenError
from evaluator.jail.folder import private_folder
from evaluator.jail.outcome import judge
from evaluator.jail.program import ENGINE, Program
from evaluator.jail.start import Cell, job_user, start
from evaluator.jail.supervise import OnProgress, supervise
from evaluator.jail.view import Bind
from evaluator.job import JailFailed, Job, Limits, Outcome

_ENTRY = (
    "import sys; sys.path[:0] = {paths!r}; "
    "from evaluator.jail.inside import main; main()"
)


def run_in_jail(job: Job, limits: Limits, on_progress: OnProgress) -> Outcome:
    """Run the engine on a job behind every required layer, or not at all.

    Args:
        job: its files are read here and may lie anywhere.
        limits: going over one of them is the model's failure.
        on_progress: called as (done, total) at least every two seconds, (0, 0) while
            nothing is known, and once at the end; returning False ends the run. What
            it raises ends the run too and comes out of here.
    """
    return run_program(ENGINE, job, limits, on_progress)


def run_program(
    program: Program, job: Job, limits: Limits, on_progress: OnProgress
) -> Outcome:
    """``run_in_jail`` for any program; nothing but the engine is run in production."""
    try:
        with private_folder() as folder:
            return _run(program, job, limits, on_progress, folder)
    except JailBrokenError as broken:
        return JailFailed(broken.code, broken.sentence)
    except OSError as error:
        return JailFailed("jail_broken", f"The jail cannot be built: {error}.")


def _run(
    program: Program, job: Job, limits: Limits, on_progress: OnProgress, folder: Path
) -> Outcome:
    machine = platform.machine()
    if not seccomp.supported(machine):
        sentence = f"The layer seccomp is missing: no filter knows {machine}."
        raise JailBrokenError("layer_missing", sentence)
    inside, binds = view.job_binds(job)
    mapped = sum(bind.source.stat().st_size for bind in binds)
    if job_user() is not None:
        binds = view.readable_binds(binds, _folder(folder / "copies"))
    opened = _outputs_file(folder)
    try:
        with cgroup.group(limits.memory_bytes, limits.processes) as group:
            cell = Cell(
                folder=folder,
                binds=[*_trusted_binds(program), *binds],
                command=_command(),
                rlimits=rlimits.before(limits, mapped),
                seccomp=seccomp.outer_filter(machine),
                cgroups=group.doors,
            )
            cell = _with_spec(cell, _spec(program, inside, limits, cell))
            ending = supervise(start(cell), limits, on_progress)
            return judge(ending, limits, opened, group)
    finally:
        os.close(opened)


def _outputs_file(folder: Path) -> int:
    """An open, empty file; reading through this descriptor follows no link."""
    path = folder / "outputs.jsonl"
    opened = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    user = job_user()
    if user is not None:
        os.fchown(opened, user, user)
    return opened


def _trusted_binds(program: Program) -> list[Bind]:
    extra = [Bind(path, view.CODE / path.name) for path in program.code]
    return [*view.platform_binds(), *view.package_binds(), *extra]


def _command() -> list[str]:
    paths = [str(path) for path in (view.CODE, *view.packages())]
    entry = _ENTRY.format(paths=paths)
    return [str(view.interpreter()), "-I", "-S", "-B", "-c", entry]


def _spec(program: Program, inside: Job, limits: Limits, cell: Cell) -> dict[str, Any]:
    modules = (*program.preload, *(program.adapters if inside.base_dir else ()))
    targets = [bind.target for bind in cell.binds]
    return {
        **{name: asdict(program)[name] for name in ("run", "fault", "version")},
        "job": inside.to_document(),
        "preload": modules,
        "before": dict(cell.rlimits),
        "sealing": rlimits.sealing(limits),
        "readable": [str(path) for path in (*targets, view.INSIDE, Path("/dev"))],
        "root": sorted(
            {path.parts[1] for path in (*targets, view.INSIDE, Path("/dev"))}
        ),
    }


def _with_spec(cell: Cell, spec: dict[str, Any]) -> Cell:
    path = cell.folder / "spec.json"
    path.write_text(json.dumps(spec), "utf-8")
    path.chmod(0o444)
    outputs = Bind(cell.folder / "outputs.jsonl", view.OUTPUTS, writable=True)
    return replace(cell, binds=[*cell.binds, Bind(path, view.SPEC), outputs])


def _folder(path: Path) -> Path:
    path.mkdir()
    return path
