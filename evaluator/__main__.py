"""Score a model locally with the engine that the platform uses.

    python -m evaluator predict --task text_classification --model DIR \\
        --options '{"labels": […]}' --inputs FILE --outputs FILE

Progress goes to standard error as lines ``done/total``, the engine's version to
standard output. Exit status: 0 done, 1 the model's fault, 2 anything else.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from assay.protocol.errors import Refusal
from assay.protocol.signatures import key_id, public_key
from evaluator import signing
from evaluator.engine import ENGINE_VERSION, ModelFault, run
from evaluator.jail import run_in_jail
from evaluator.job import JailFailed, Job, Limits, Measured, ModelFailed
from evaluator.server import Server
from evaluator.settings import read_settings

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
MODEL_FAULT, OTHER_FAULT = 1, 2
_LIMITS = Limits(memory_bytes=8 << 30, cpu_seconds=3600, wall_seconds=4 * 3600)


@click.group()
def main() -> None:
    """Runs weights on inputs; knows no answers."""


@main.command()
@click.option("--task", required=True, help="multiple_choice or text_classification.")
@click.option("--model", required=True, type=FOLDER, help="The model's files.")
@click.option("--base", type=FOLDER, help="The base model, when MODEL is an adapter.")
@click.option("--tokenizer", type=FOLDER, help="Default: the base, else the model.")
@click.option("--inputs", required=True, type=FILE, help="JSON lines.")
@click.option("--outputs", required=True, type=click.Path(path_type=Path))
@click.option("--options", default="{}", help="The task's options as JSON.")
@click.option("--jail", is_flag=True, help="Run it as the platform does, contained.")
def predict(
    *,
    task: str,
    model: Path,
    base: Path | None,
    tokenizer: Path | None,
    inputs: Path,
    outputs: Path,
    options: str,
    jail: bool,
) -> None:
    """Write a model's log-probabilities for INPUTS to OUTPUTS."""
    job = Job(
        task_type=task,
        options=_read_options(options),
        model_dir=model,
        base_dir=base,
        inputs=inputs,
        tokenizer_dir=tokenizer or base or model,
    )
    version = _contained(job, outputs) if jail else _plain(job, outputs)
    click.echo(version)


@main.command()
def version() -> None:
    """Print the engine's version, which names the arithmetic."""
    click.echo(ENGINE_VERSION)


@main.command()
@click.option("--rotate", is_flag=True, help="Make a new key in its place.")
def key(*, rotate: bool) -> None:
    """Print the id of this host's key, which signs receipts; make it if need be.

    Reads the same environment as the worker, and registers the key.
    """
    try:
        settings = read_settings(os.environ)
        with Server(settings.endpoint, settings.token, "key") as server:
            if rotate:
                name = signing.rotate(server, settings.key)
            else:
                seed = signing.load_key(settings.key)
                signing.introduce(server, seed)
                name = key_id(public_key(seed))
    except Refusal as refusal:
        _end(refusal.code, str(refusal), OTHER_FAULT)
    click.echo(name)


def _read_options(text: str) -> dict[str, Any]:
    try:
        options = json.loads(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--options") from error
    if not isinstance(options, dict):
        raise click.BadParameter("a JSON object is needed", param_hint="--options")
    return options


def _progress(done: int, total: int) -> bool:
    click.echo(f"{done}/{total}", err=True)
    return True


def _plain(job: Job, outputs: Path) -> str:
    try:
        run(job, outputs, _progress)
    except Refusal as refusal:
        fault = MODEL_FAULT if isinstance(refusal, ModelFault) else OTHER_FAULT
        _end(refusal.code, str(refusal), fault)
    return ENGINE_VERSION


def _contained(job: Job, outputs: Path) -> str:
    outcome = run_in_jail(job, _LIMITS, _progress)
    match outcome:
        case ModelFailed(code, sentence, _):
            _end(code, sentence, MODEL_FAULT)
        case JailFailed(code, sentence):
            _end(code, sentence, OTHER_FAULT)
        case Measured():
            _write(outcome, outputs)
            return outcome.engine_version
    raise AssertionError(outcome)


def _write(measured: Measured, outputs: Path) -> None:
    rows = (output.to_row() for output in measured.outputs)
    outputs.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


def _end(code: str, sentence: str, status: int) -> NoReturn:
    click.echo(f"{code}: {sentence}", err=True)
    sys.exit(status)


if __name__ == "__main__":
    main()
