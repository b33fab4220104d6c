"""Repeating what a receipt says, here, and comparing to the bit."""

import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from assay.client import Client
from assay.client.records import Competition
from assay.commands.check import FOLDER
from assay.commands.folder import kind_of, visible_files
from assay.commands.local_scoring import (
    LocalModel,
    engine_version,
    evaluator_command,
    outputs_here,
    read_outputs,
    require_evaluator,
)
from assay.commands.output import show_list, show_one
from assay.commands.progress import count_bar
from assay.commands.receipt import FILE, certificate_in, told_in, trusted_keys
from assay.commands.session import Session
from assay.commands.shape import Command
from assay.protocol import receipts
from assay.protocol.benchmarks import read_answers
from assay.protocol.errors import Conflict, Forbidden, Invalid, NotFound
from assay.protocol.manifest import ManifestFile
from assay.protocol.receipts import Receipt
from assay.protocol.receipts.comparing import arithmetic
from assay.protocol.receipts.sampling import drawn, sample_size
from assay.protocol.scoring import Output, score

SHOW = [
    "evaluation",
    "split",
    "examples",
    "repeated",
    "seed",
    "engine",
    "score",
]
DIFFERENCE = ["id", "receipt", "here"]
MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Given:
    """Where the caller has things already; None for what is to be fetched."""

    model: Path | None
    base: Path | None
    inputs: Path | None
    outputs: Path | None


@dataclass(frozen=True, slots=True)
class Bench:
    """All that a repetition needs, checked against the receipt."""

    receipt: Receipt
    competition: Competition
    model: LocalModel
    lines: Sequence[bytes]
    said: Sequence[Output] | None

    def picked(self, numbers: Iterable[int]) -> bytes:
        """The inputs of these examples, in the order of the file."""
        order = sorted(range(len(self.lines)), key=lambda at: _id(self.lines[at]))
        wanted = sorted(order[number] for number in numbers)
        return b"".join(self.lines[at] for at in wanted)


@click.command(cls=Command)
@click.argument("file", type=FILE)
@click.option("--sample", type=click.IntRange(min=1), help="How many examples.")
@click.option("--all", "everything", is_flag=True, help="Every example.")
@click.option("--seed", help="Which examples: any text; drawn afresh when not given.")
@click.option("--keys", "keys_file", type=FILE, help="Keys saved by `receipt keys`.")
@click.option("--model", type=FOLDER, help="The model's files, if you have them.")
@click.option("--base", type=FOLDER, help="The base model's files, likewise.")
@click.option("--inputs", type=FILE, help="The split's inputs, likewise.")
@click.option("--outputs", type=FILE, help="What the model said, likewise.")
@click.pass_obj
def recompute(
    session: Session,
    file: Path,
    *,
    sample: int | None,
    everything: bool,
    seed: str | None,
    keys_file: Path | None,
    model: Path | None,
    base: Path | None,
    inputs: Path | None,
    outputs: Path | None,
) -> None:
    """Repeat what a receipt says, and compare the bits.

    FILE is what `assay receipt get` saved. As many examples are drawn as it takes to
    catch tampering with 1 % of them with 99 %, or --sample K, or --all. Inputs are
    fetched once the sponsor has revealed the split. Exits with 3 when an example
    comes out otherwise, and lists those that do.
    """
    require_evaluator()
    receipt = receipts.check_receipt(
        certificate_in(file), trusted_keys(session, keys_file)
    )
    _require_engine(receipt)
    given = Given(model, base, inputs, outputs)
    with TemporaryDirectory(prefix="assay-receipt-") as scratch:
        with session.client() as client:
            bench = _set_up(client, receipt, told_in(file), given, Path(scratch))
        total = receipt.examples
        count = total if everything else min(sample or sample_size(total), total)
        drawn_by = seed if seed is not None else secrets.token_hex(8)
        numbers = drawn(examples=total, count=count, seed=drawn_by)
        if bench.said is None and count < total:
            raise _outputs_hidden(receipt)
        found = _repeated(session, bench, numbers)
        _compare(session, bench, found)
        worth = _score_again(session, bench, found, Path(scratch))
    row: dict[str, object] = {
        "evaluation": receipt.evaluation,
        "split": receipt.split,
        "examples": total,
        "repeated": count,
        "seed": drawn_by if count < total else "",
        "engine": receipt.engine,
        "score": worth,
    }
    show_one(session, row, columns=SHOW, identity="evaluation")
    session.say(
        f"{len(found)} of {receipt.examples} examples repeated: equal to the bit."
    )


def _require_engine(receipt: Receipt) -> None:
    here = engine_version()
    if arithmetic(here, receipt.precision) == arithmetic(
        receipt.engine, receipt.precision
    ):
        return
    raise Conflict(
        "engine_differs",
        f"The receipt was made by {receipt.engine}, and here runs {here}: their last "
        "bits may differ, so nothing would be proved.",
        fix="Repeat it on a machine with that processor and that version of torch.",
        where="engine",
    )


def _set_up(
    client: Client, receipt: Receipt, told: dict[str, str], given: Given, scratch: Path
) -> Bench:
    """Fetch what is not there yet, and hold all of it against the receipt."""
    competition = client.competitions.show(told["competition"])
    folder = given.model or _fetched(client, told["model"], scratch / "model")
    base = given.base or _fetched(client, competition.base_model, scratch / "base")
    inputs = given.inputs or _inputs(client, competition.slug, receipt, scratch)
    content = inputs.read_bytes()
    scorer = receipts.scorer_digest(
        task_type=competition.task_type,
        options=competition.task_options,
        metric=competition.metric,
    )
    here = {
        "weights": _weights(folder),
        "base": _weights(base),
        "data": sha256(content).hexdigest(),
        "scorer": scorer,
    }
    differing = receipts.differing_fields(receipt, here)
    if differing:
        raise Conflict(
            "receipt_of_something_else",
            f"What is here is not what the receipt is about: {', '.join(differing)}.",
            fix="Leave the options for folders and files out, and they are fetched.",
            where=differing[0],
        )
    kind = kind_of(visible_files(folder))
    lines = content.splitlines(keepends=True)
    said = _said(client, receipt, given.outputs)
    return Bench(receipt, competition, LocalModel(folder, kind, base), lines, said)


def _fetched(client: Client, reference: str, folder: Path) -> Path:
    try:
        client.models.download(reference, folder)
    except NotFound as refusal:
        raise Forbidden(
            "weights_hidden",
            f"The files of {reference} are not published, so you cannot run them.",
            fix="Its owner can; what earns something is published when it is paid.",
            where="--model",
        ) from refusal
    return folder


def _inputs(client: Client, slug: str, receipt: Receipt, scratch: Path) -> Path:
    target = scratch / "inputs.jsonl"
    if client.receipts.download_inputs(slug, receipt.split, target):
        return target
    raise Conflict(
        "inputs_hidden",
        f"The inputs of the {receipt.split} split of {slug} are hidden, so nobody but "
        "its evaluators can repeat this yet.",
        fix="Its sponsor may reveal them once the competition is settled: "
        f"`assay competition reveal {slug}`. If you have them, give --inputs.",
        where="--inputs",
    )


def _said(
    client: Client, receipt: Receipt, path: Path | None
) -> Sequence[Output] | None:
    """What the model said before, once it folds to the receipt's root."""
    try:
        content = (
            path.read_bytes() if path else client.receipts.outputs(receipt.evaluation)
        )
    except (Conflict, NotFound):
        return None
    found = read_outputs(content.splitlines())
    if receipts.root_of(found) != receipt.root:
        raise Conflict(
            "outputs_not_the_receipts",
            "The outputs that are kept are not those that the receipt was signed for.",
            where="root",
        )
    return found


def _outputs_hidden(receipt: Receipt) -> Conflict:
    return Conflict(
        "outputs_hidden",
        "Single examples cannot be compared while the outputs of the "
        f"{receipt.split} split are hidden.",
        fix="Repeat all of them: --all compares the root.",
        where="--sample",
    )


def _repeated(session: Session, bench: Bench, numbers: Sequence[int]) -> list[Output]:
    with count_bar(session, bench.competition.slug) as on_progress:
        return outputs_here(
            bench.competition,
            bench.picked(numbers),
            bench.model,
            command=evaluator_command(),
            on_progress=on_progress,
        )


def _compare(session: Session, bench: Bench, found: Sequence[Output]) -> None:
    """Hold what came out here against the receipt.

    Raises:
        Conflict: ``receipt_refuted``, after a table of what differs.
    """
    if bench.said is None:
        if receipts.root_of(found) == bench.receipt.root:
            return
        raise _refuted(bench, "at least one")
    before = {output.id: output.canonical() for output in bench.said}
    differing = [one for one in found if one.canonical() != before.get(one.id)]
    if not differing:
        return
    rows: list[dict[str, object]] = [
        {
            "id": one.id,
            "receipt": before.get(one.id, b"").decode(),
            "here": one.canonical().decode(),
        }
        for one in differing[:MOST_SHOWN]
    ]
    show_list(session, rows, columns=DIFFERENCE, identity="id")
    raise _refuted(bench, str(len(differing)))


def _refuted(bench: Bench, how_many: str) -> Conflict:
    return Conflict(
        "receipt_refuted",
        f"Here {how_many} of the examples come out otherwise than the receipt of "
        f"{bench.receipt.evaluation} says.",
        fix="Run it again; if it stays so, tell the platform's staff, or raise a "
        "challenge.",
        where="root",
    )


def _score_again(
    session: Session, bench: Bench, found: Sequence[Output], scratch: Path
) -> object:
    """The score of all outputs, once the answers were revealed; else nothing."""
    said = bench.said or (found if len(found) == bench.receipt.examples else None)
    target = scratch / "answers.jsonl"
    slug, split = bench.competition.slug, bench.receipt.split
    if said is None:
        return ""
    with session.client() as client:
        if not client.receipts.download_answers(slug, split, target):
            return ""
    with target.open("rb") as content:
        return score(bench.competition.metric, said, read_answers(content)).value


def _weights(folder: Path) -> str:
    return receipts.weights_digest(
        ManifestFile(name, path.stat().st_size, sha256(path.read_bytes()).hexdigest())
        for name, path in visible_files(folder).items()
    )


def _id(line: bytes) -> str:
    try:
        return str(json.loads(line)["id"])
    except (ValueError, KeyError, TypeError) as error:
        raise Invalid(
            "inputs_unreadable", "A line of the inputs is no example.", where="--inputs"
        ) from error
