"""``python -m benchmarks.evaluator``: the engine beside lm-evaluation-harness.

Both answer the same requests in the same run, one thread each, in processes of their
own. Seconds are processor time of the answering alone, tokenizing included and loading
left out; memory is a whole process's peak. float64 is computed once and kept.
"""

import hashlib
import json
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from benchmarks.evaluator.prompts import JOBS, questions

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
HARNESS = "lm-eval==0.4.13"
MODEL = "smollm2-135m-instruct"
TARGETS = {"piqa": 3.0, "mix": 6.0, "piqa five-shot": 14.0}
Scores = Sequence[Sequence[float]]


@dataclass(frozen=True)
class Line:
    """One job: ours beside the harness at the batch size that suits it best."""

    job: str
    questions: int
    seconds: float
    harness_seconds: float
    harness_batch: int
    ratio: float
    target: float
    tokens_per_second: float
    share_of_limit: float
    peak_mib: float
    harness_peak_mib: float
    off_float64: float
    harness_off_float64: float
    answers_differ: int


@click.command()
@click.option("--scratch", type=click.Path(path_type=Path), default=Path("var"))
@click.option("--questions", "count", default=200, show_default=True)
@click.option("--batch", "batches", multiple=True, default=(1, 8, 32), type=int)
@click.option("--job", "jobs", multiple=True, default=JOBS, type=click.Choice(JOBS))
@click.option("--json", "report", type=click.Path(path_type=Path))
def main(
    scratch: Path,
    count: int,
    batches: Sequence[int],
    jobs: Sequence[str],
    report: Path | None,
) -> None:
    """Time the engine beside lm-evaluation-harness, and both against float64."""
    folder = scratch.resolve() / "bench-evaluator"
    folder.mkdir(parents=True, exist_ok=True)
    peer = _peer(folder / "harness")
    model = _model(scratch.resolve() / "cache" / "base_models")
    lines = []
    for job in jobs:
        path = folder / f"{job.replace(' ', '-')}-{count}.jsonl"
        rows = [json.dumps(row) + "\n" for row in questions(job, count)]
        path.write_text("".join(rows), "utf-8")
        lines.append(_line(job, model, path, peer, batches))
        _print(lines[-1])
    if report:
        document = [asdict(line) for line in lines]
        report.write_text(json.dumps(document, indent=2) + "\n", "utf-8")


def _peer(folder: Path) -> Path:
    """An environment with the harness on top of the libraries that run this."""
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        click.echo(f"Installing {HARNESS} into {folder} (once) ...")
        venv.create(folder, with_pip=True, clear=True)
        site = next(folder.glob("lib/python*/site-packages"))
        (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
        subprocess.run([python, "-m", "pip", "install", "-qq", HARNESS], check=True)
        (folder / "ready").touch()
    return python


def _model(cache: Path) -> Path:
    build = [sys.executable, "-m", "examples.base_models.prepare", str(cache)]
    subprocess.run(build, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    return cache / MODEL


def _run(command: Sequence[str | Path]) -> dict[str, Any]:
    done = subprocess.run(
        command, check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _line(
    job: str, model: Path, path: Path, peer: Path, batches: Sequence[int]
) -> Line:
    engine = [sys.executable, "-m", "benchmarks.evaluator.ours"]
    ours = _run([*engine, "float32", model, path])
    runs = {
        batch: _run([peer, HERE / "harness.py", model, path, str(batch)])
        for batch in batches
    }
    batch = min(runs, key=lambda size: float(runs[size]["cpu_seconds"]))
    best = runs[batch]
    truth = _float64([*engine, "float64", model, path], path)
    return Line(
        job=job,
        questions=len(ours["scores"]),
        seconds=ours["cpu_seconds"],
        harness_seconds=best["cpu_seconds"],
        harness_batch=batch,
        ratio=best["cpu_seconds"] / ours["cpu_seconds"],
        target=TARGETS[job],
        tokens_per_second=ours["tokens"] / ours["cpu_seconds"],
        share_of_limit=ours["flop"] / ours["cpu_seconds"] / ours["limit"],
        peak_mib=ours["peak_bytes"] / 2**20,
        harness_peak_mib=best["peak_bytes"] / 2**20,
        off_float64=_difference(ours["scores"], truth),
        harness_off_float64=_difference(best["scores"], truth),
        answers_differ=_differ(ours["scores"], best["scores"]),
    )


def _float64(command: Sequence[str | Path], path: Path) -> Scores:
    """Computed once for these questions and kept beside them."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    kept = path.parent / f"float64-{digest}.json"
    if not kept.exists():
        kept.write_text(json.dumps(_run(command)["scores"]), "utf-8")
    scores: Scores = json.loads(kept.read_text("utf-8"))
    return scores


def _difference(found: Scores, truth: Scores) -> float:
    return max(
        abs(ours - theirs)
        for row, other in zip(found, truth, strict=True)
        for ours, theirs in zip(row, other, strict=True)
    )


def _differ(found: Scores, other: Scores) -> int:
    """Questions whose likeliest choice is another one."""
    pairs = zip(found, other, strict=True)
    return sum(_likeliest(row) != _likeliest(twin) for row, twin in pairs)


def _likeliest(row: Sequence[float]) -> int:
    return max(range(len(row)), key=row.__getitem__)


def _print(line: Line) -> None:
    rows: Mapping[str, tuple[str, str, str]] = {
        "CPU seconds": (
            f"{line.seconds:.1f}",
            f"{line.harness_seconds:.1f}",
            f"{line.ratio:.1f} x (to reach: {line.target:g} x)",
        ),
        "tokens a second": (f"{line.tokens_per_second:.0f}", "", ""),
        "share of the limit": (f"{line.share_of_limit:.0%}", "", "to reach: 60%"),
        "peak memory, MiB": (
            f"{line.peak_mib:.0f}",
            f"{line.harness_peak_mib:.0f}",
            "",
        ),
        "off float64 by": (
            f"{line.off_float64:.1e}",
            f"{line.harness_off_float64:.1e}",
            "to reach: 2.0e-04",
        ),
        "answers that differ": (f"{line.answers_differ}", "", "to reach: 0"),
    }
    click.echo(f"\n{line.job}, {line.questions} questions")
    click.echo(f"{'':22}{'ours':>10}{'harness':>10}   (batch {line.harness_batch})")
    for name, (ours, peer, note) in rows.items():
        click.echo(f"{name:22}{ours:>10}{peer:>10}   {note}".rstrip())


if __name__ == "__main__":
    main()
