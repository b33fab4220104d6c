"""Scoring a model here: the platform's engine in a process of its own, our scorer.

The engine needs torch, which this package never imports; it is run as a program
that speaks on standard error: lines ``done/total``, and a last one
``code: sentence`` when it fails.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from assay.client.records import Competition
from assay.commands.failing import EvaluationFailed
from assay.protocol.benchmarks import read_answers, read_benchmark
from assay.protocol.errors import Invalid
from assay.protocol.scoring import Output, Score, score

OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class LocalModel:
    """A model to be scored: its folder, its kind and the base model's folder."""

    folder: Path
    kind: str
    base: Path

    def arguments(self) -> list[str]:
        """How the engine is told; the tokenizer is always the base model's."""
        role = "--base" if self.kind == "adapter" else "--tokenizer"
        return ["--model", str(self.folder), role, str(self.base)]


def require_evaluator() -> None:
    """Refuse when the engine is not installed; torch itself is not imported.

    Raises:
        Invalid: ``evaluator_missing``.
    """
    if find_spec("torch") is None or find_spec("evaluator") is None:
        raise Invalid(
            "evaluator_missing",
            "Scoring a model here needs the evaluator, which is not installed.",
            fix="Install it with: pip install 'assay[evaluator]'",
        )


def evaluator_command() -> list[str]:
    """The engine as a program; found where this process finds it."""
    return [sys.executable, "-P", "-m", "evaluator", "predict"]


def score_here(
    competition: Competition,
    sample: Path,
    model: LocalModel,
    *,
    command: Sequence[str],
    on_progress: OnProgress,
) -> Score:
    """The model's score on the sample, by the competition's own metric.

    Args:
        command: the engine's program.

    Raises:
        EvaluationFailed: the model cannot be scored.
        Invalid: the sample cannot be read.
    """
    with sample.open("rb") as content:
        benchmark = read_benchmark(
            task=competition.task_type,
            options=competition.task_options,
            content=content,
            split="sample",
        )
    found = outputs_here(
        competition, benchmark.inputs, model, command=command, on_progress=on_progress
    )
    return score(
        competition.metric, found, read_answers(benchmark.answers.splitlines())
    )


def outputs_here(
    competition: Competition,
    inputs: bytes,
    model: LocalModel,
    *,
    command: Sequence[str],
    on_progress: OnProgress,
) -> list[Output]:
    """What the model says of each input, JSON lines without answers.

    Raises:
        EvaluationFailed: the model cannot be run.
    """
    with TemporaryDirectory(prefix="assay-") as scratch:
        place, outputs = Path(scratch, "inputs.jsonl"), Path(scratch, "outputs.jsonl")
        place.write_bytes(inputs)
        job = ["--task", competition.task_type, *model.arguments()]
        job += ["--options", json.dumps(competition.task_options)]
        job += ["--inputs", str(place), "--outputs", str(outputs)]
        run_engine([*command, *job], on_progress)
        with outputs.open("rb") as lines:
            return read_outputs(lines)


def engine_version() -> str:
    """The version of the engine that runs here, which names the arithmetic."""
    ran = subprocess.run(
        [sys.executable, "-P", "-m", "evaluator", "version"],
        capture_output=True,
        text=True,
        check=True,
        env=_environment(os.environ),
    )
    return ran.stdout.strip()


def run_engine(command: Sequence[str], on_progress: OnProgress) -> None:
    """Run the engine to its end, passing its progress on.

    Raises:
        EvaluationFailed: it ended otherwise than well.
    """
    last = ""
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=_environment(os.environ),
    ) as engine:
        assert engine.stderr is not None
        for line in engine.stderr:
            progress = _progress(line)
            if progress is None:
                last = line.strip() or last
            else:
                on_progress(*progress)
    if engine.returncode:
        raise _failure(last, engine.returncode)


def _environment(own: Mapping[str, str]) -> dict[str, str]:
    """Our own, with the evaluator's place on the path: it need not be installed."""
    found = find_spec("evaluator")
    place = str(Path(found.origin).parents[1]) if found and found.origin else ""
    paths = [path for path in (place, own.get("PYTHONPATH", "")) if path]
    return {**own, "PYTHONPATH": os.pathsep.join(paths)}


def _progress(line: str) -> tuple[int, int] | None:
    done, slash, total = line.strip().partition("/")
    if slash and done.isdecimal() and total.isdecimal():
        return int(done), int(total)
    return None


def _failure(last: str, status: int) -> EvaluationFailed:
    code, colon, sentence = last.partition(": ")
    if colon and code.replace("_", "").isalnum() and code.islower():
        return EvaluationFailed(code, sentence)
    return EvaluationFailed(
        "engine_failed",
        f"The engine ended with status {status}: {last or 'it said nothing'}",
        fix="Run it again with --debug, or look at the model's files with "
        "`assay check`.",
    )


def read_outputs(lines: Iterable[bytes]) -> list[Output]:
    """Outputs as the engine writes them and the platform keeps them, JSON lines."""
    return [Output.of_row(json.loads(line)) for line in lines]
