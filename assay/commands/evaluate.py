"""Scoring a model here, before anybody else does."""

import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

import click

from assay.client import Client
from assay.client.records import Competition
from assay.commands.check import ADAPTER, COMPETITION, FOLDER
from assay.commands.competition import baseline_text
from assay.commands.data import BASE, fetch_all
from assay.commands.folder import kind_of, visible_files
from assay.commands.local_scoring import (
    LocalModel,
    evaluator_command,
    require_evaluator,
    score_here,
)
from assay.commands.output import show_list, show_one
from assay.commands.progress import count_bar
from assay.commands.session import Session
from assay.commands.shape import Command
from assay.commands.texts import byte_count
from assay.commands.using import Used, limits_in_words, measured
from assay.protocol.errors import Invalid
from assay.protocol.scoring import Score
from assay.protocol.statistics.pairing import compare

SAMPLE = "sample.jsonl"
BASELINE = "baseline"
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SHOW = ["metric", "score", "low", "high", "count", "baseline", "baseline_split"]
SLICE = ["column", "name", "count", "value", "low", "high"]
PAIRED = [
    "against",
    "against_score",
    "difference",
    "difference_low",
    "difference_high",
    "p_value",
    "better_on",
    "worse_on",
]


@click.command(cls=Command)
@click.argument("path", type=FOLDER)
@COMPETITION
@click.option(
    "--data",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where `competition data --base` put things; ./SLUG when not given.",
)
@click.option(
    "--against",
    metavar="baseline|FOLDER|SUBMISSION",
    help="Score this too, and compare the two example by example.",
)
@ADAPTER
@click.pass_obj
def evaluate(
    session: Session,
    path: Path,
    slug: str,
    folder: Path | None,
    against: str | None,
    *,
    adapter: bool,
) -> None:
    """Score a model here, on the sample.

    The engine and the scorer are those of the platform, so the same files score the
    same there; the hidden splits hold other questions. PATH is the folder of a
    model or adapter.

    With --against, the base model, another folder or an earlier submission is scored
    on the same examples: the difference of two models on the same examples is surer
    than two scores.
    """
    require_evaluator()
    base, sample = _fetched(slug, folder, BASE), _fetched(slug, folder, SAMPLE)
    kind = "adapter" if adapter else kind_of(visible_files(path))
    ours = LocalModel(folder=path, kind=kind, base=base)
    with TemporaryDirectory(prefix="assay-") as scratch:
        with session.client() as client:
            rival = rival_of(session, client, against, base, Path(scratch))
            competition = client.competitions.show(slug)
        with measured() as used:
            found = _scored(session, competition, sample, ours)
        paired: dict[str, object] = {}
        if rival is not None:
            other = _scored(session, competition, sample, rival)
            paired = compared(against or "", found, other)
            session.say(verdict(against or "", paired))
    for sentence in limits_in_words(competition, used, found.count):
        session.say(sentence)
    show_score(session, competition, found, {**paired, **_used(used)})


def _scored(
    session: Session, competition: Competition, sample: Path, model: LocalModel
) -> Score:
    with count_bar(session, competition.slug) as on_progress:
        return score_here(
            competition,
            sample,
            model,
            command=evaluator_command(),
            on_progress=on_progress,
        )


def _used(used: Used) -> dict[str, object]:
    return {"seconds": used.seconds, "peak_memory": byte_count(used.peak_bytes)}


def verdict(against: str, paired: Mapping[str, object]) -> str:
    """Such as "Better than baseline by 2.1 ± 0.8 points"; half a 95 % interval."""
    gap, low, high = (
        100 * float(str(paired[name]))
        for name in ("difference", "difference_low", "difference_high")
    )
    direction = "Better" if gap > 0 else "Worse" if gap < 0 else "No better"
    sure = "" if low > 0 or high < 0 else ", which may be luck"
    spread = (high - low) / 2
    return f"{direction} than {against} by {abs(gap):.1f} ± {spread:.1f} points{sure}."


def rival_of(
    session: Session, client: Client, against: str | None, base: Path, scratch: Path
) -> LocalModel | None:
    """The model to compare with; a submission's files go into ``scratch``.

    Raises:
        Invalid: ``rival_missing``.
    """
    if against is None:
        return None
    if against == BASELINE:
        return LocalModel(folder=base, kind="full", base=base)
    if ID.fullmatch(against):
        reference = client.submissions.show(against).model
        model = client.models.show(reference)
        fetch_all(
            session,
            reference,
            model.files,
            lambda more: client.models.download(reference, scratch, on_progress=more),
        )
        return LocalModel(folder=scratch, kind=model.kind, base=base)
    folder = Path(against)
    if not folder.is_dir():
        raise Invalid(
            "rival_missing",
            f"{against} is not a folder.",
            fix="Name `baseline`, a submission's id, or the folder of a model.",
            where="--against",
        )
    return LocalModel(folder=folder, kind=kind_of(visible_files(folder)), base=base)


def compared(against: str, ours: Score, theirs: Score) -> dict[str, object]:
    """The paired comparison of two scores on the same examples, as columns.

    On what each example is worth by itself, whatever the metric.
    """
    found = compare(ours.values, theirs.values)
    values = (against, theirs.value, found.difference, found.low, found.high)
    more = (found.p_value, found.wins, found.losses)
    return dict(zip(PAIRED, (*values, *more), strict=True))


def _fetched(slug: str, folder: Path | None, name: str) -> Path:
    place = (folder or Path(slug)) / name
    if place.exists():
        return place
    raise Invalid(
        "data_missing",
        f"{place} is not there.",
        fix=f"Fetch it with: assay competition data {slug} {place.parent} --base",
        where=str(place),
    )


def show_score(
    session: Session,
    competition: Competition,
    found: Score,
    paired: Mapping[str, object] = MappingProxyType({}),
) -> None:
    """Print a score with its interval, beside the baseline where that is known.

    ``paired`` are the columns of a comparison, where one was asked for.
    """
    baseline = competition.baseline
    row: dict[str, object] = {
        "metric": competition.metric,
        "score": found.value,
        "low": found.low,
        "high": found.high,
        "count": found.count,
        "baseline": baseline_text(baseline),
        "baseline_split": "hidden" if baseline else "",
    }
    if session.format != "table":
        row["baseline"] = asdict(baseline) if baseline else None
    if session.format == "json":
        row["slices"] = [asdict(one) for one in found.slices]
    columns = [*SHOW, *paired]
    show_one(session, {**row, **paired}, columns=columns, identity="score")
    if found.slices and session.format == "table" and not session.quiet:
        click.echo()
        rows = [asdict(one) for one in found.slices]
        show_list(session, rows, columns=SLICE, identity="name")
