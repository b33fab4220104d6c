"""Scoring a model here, before anybody else does."""

from dataclasses import asdict
from pathlib import Path

import click

from assay.client.records import Competition
from assay.commands.check import ADAPTER, COMPETITION, FOLDER
from assay.commands.competition import baseline_text
from assay.commands.data import BASE
from assay.commands.folder import kind_of, visible_files
from assay.commands.local_scoring import (
    LocalModel,
    evaluator_command,
    require_evaluator,
    score_here,
)
from assay.commands.output import show_one
from assay.commands.progress import count_bar
from assay.commands.session import Session
from assay.commands.shape import Command
from assay.protocol.errors import Invalid
from assay.protocol.scoring import Score

SAMPLE = "sample.jsonl"
SHOW = ["metric", "score", "low", "high", "count", "baseline", "baseline_split"]


@click.command(cls=Command)
@click.argument("path", type=FOLDER)
@COMPETITION
@click.option(
    "--data",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where `competition data --base` put things; ./SLUG when not given.",
)
@ADAPTER
@click.pass_obj
def evaluate(
    session: Session, path: Path, slug: str, folder: Path | None, *, adapter: bool
) -> None:
    """Score a model here, on the sample.

    The engine and the scorer are those of the platform, so the same files score the
    same there; the hidden splits hold other questions. PATH is the folder of a
    model or adapter.
    """
    require_evaluator()
    model = LocalModel(
        folder=path,
        kind="adapter" if adapter else kind_of(visible_files(path)),
        base=_fetched(slug, folder, BASE),
    )
    sample = _fetched(slug, folder, SAMPLE)
    with session.client() as client:
        competition = client.competitions.show(slug)
    with count_bar(session, slug) as on_progress:
        found = score_here(
            competition,
            sample,
            model,
            command=evaluator_command(),
            on_progress=on_progress,
        )
    show_score(session, competition, found)


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


def show_score(session: Session, competition: Competition, found: Score) -> None:
    """Print a score with its interval, beside the baseline where that is known."""
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
    show_one(session, row, columns=SHOW, identity="score")
