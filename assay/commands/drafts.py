"""Competitions that are kept in files: begun, checked, pushed, launched, exported."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import click
import tomlkit

from assay.client import Client
from assay.client.records import Competition
from assay.commands.competition import SHOW
from assay.commands.data import fetch_all
from assay.commands.opening import Opening, open_when_measured
from assay.commands.output import row_of, show_list, show_one
from assay.commands.sending import send_files
from assay.commands.session import Session
from assay.commands.shape import Command
from assay.commands.specfile import NAME, NEEDED, OPTIONAL, LocalSpec, read_spec
from assay.commands.starting import TASK_TYPES, start_of, write_draft
from assay.commands.texts import iso
from assay.protocol.errors import Conflict, Invalid, NotFound

PLACE = click.argument(
    "place", type=click.Path(exists=True, path_type=Path), default=".", metavar="[DIR]"
)
FOLDER = click.Path(file_okay=False, path_type=Path)
SHOWN = [name for name in SHOW if name not in {"summary", "baseline", "king"}]
CHECKED = ["slug", "task_type", "metric", "prize_rule", "splits", "attachments"]
UNSTARTED = frozenset({"draft", "funded"})


@click.command(cls=Command)
@click.argument("folder", type=FOLDER, metavar="DIR")
@click.option(
    "--task-type",
    type=click.Choice(sorted(TASK_TYPES)),
    default="text_classification",
    show_default=True,
    help="What models are asked.",
)
@click.option(
    "--from",
    "harness",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="YAML",
    help="A task of lm-evaluation-harness to take type, metric and rows from.",
)
@click.pass_obj
def init(session: Session, folder: Path, task_type: str, harness: Path | None) -> None:
    """Begin a competition in a folder.

    DIR gets competition.toml, in which every field is explained, and splits with a
    few rows in the shape of the task type. It passes `competition validate` as it is:
    put your own rows and words in its place. With --from, the rows are those of the
    task: a tenth is the sample, three tenths are public and the rest is private.
    """
    start = start_of(harness) if harness else TASK_TYPES[task_type]
    written = write_draft(folder, start)
    session.say(f"Next: edit {folder / NAME}, then `assay competition validate`.")
    rows = [{"path": str(path), "size": path.stat().st_size} for path in written]
    show_list(session, rows, columns=["path", "size"], identity="path")


@click.command(cls=Command)
@PLACE
@click.pass_obj
def validate(session: Session, place: Path) -> None:
    """Check a competition's files.

    Fields, every row of every split, leaks between them, metric and prize rule;
    nothing is sent. DIR, or the file itself, is the current folder when not given.
    Exits with 3 when something is wrong.
    """
    local = read_spec(place, now=datetime.now(UTC))
    session.say("Nothing to mend here; `assay competition push` sends it.")
    row = {
        **local.fields,
        "splits": _counts(local),
        "attachments": [*local.attachments],
    }
    show_one(session, row, columns=CHECKED, identity="slug")


def _counts(local: LocalSpec) -> dict[str, int]:
    return {
        name: sum(1 for line in path.open("rb") if line.strip())
        for name, path in local.splits.items()
    }


@click.command(cls=Command)
@PLACE
@click.pass_obj
def push(session: Session, place: Path) -> None:
    """Create a draft, or bring it up to date.

    Until the competition opens, pushing again replaces what it says; what is staked
    stays. The base model is scored again only where its score may differ.
    """
    local = read_spec(place, now=datetime.now(UTC))
    with session.login() as client:
        made = _pushed(session, client, local)
    session.say(f"Next: `assay competition launch {place} --stake AMOUNT`.")
    show_one(session, row_of(made), columns=SHOWN, identity="slug")


def _pushed(session: Session, client: Client, local: LocalSpec) -> Competition:
    slug = str(local.fields["slug"])
    try:
        known = client.competitions.show(slug)
    except NotFound:
        known = None
    if known is not None and known.status not in UNSTARTED:
        raise Conflict(
            "draft_is_over",
            f"{slug} is {known.status}; its rules cannot change any more.",
            fix="Give the new one another slug.",
            where="slug",
        )
    digests = send_files(session, client, local.paths())
    body = local.body(digests)
    if known is None:
        session.say(f"{slug} is a new draft.")
        return client.competitions.create(body)
    session.say(f"{slug} was there; it now says what the files say.")
    return client.competitions.revise(body)


@click.command(cls=Command)
@PLACE
@click.option("--stake", "amount", help="Whole tokens to stake; its minimum else.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0),
    default=3600.0,
    show_default=True,
    help="The most seconds to wait for the base model's scores.",
)
@click.pass_obj
def launch(session: Session, place: Path, amount: str | None, timeout: float) -> None:
    """Push, stake, wait for the baseline, open.

    What is missing to its minimum is staked from your wallet, after asking. Cut off,
    run it again: what is done is not done twice.
    """
    local = read_spec(place, now=datetime.now(UTC))
    with session.login() as client:
        made = _pushed(session, client, local)
        if made.status == "draft":
            _stake(session, client, made, amount)
        opened = open_when_measured(session, client, made.slug, Opening(timeout))
    session.say(f"{opened.slug} is open until {iso(opened.deadline)}.")
    show_one(session, row_of(opened), columns=SHOWN, identity="slug")


def _stake(
    session: Session, client: Client, made: Competition, amount: str | None
) -> None:
    wanted = amount or made.minimum_stake
    session.confirm(f"Stake {wanted} {made.asset} on {made.slug}?")
    client.competitions.stake(made.slug, wanted, key=uuid4().hex)


@click.command(cls=Command)
@click.argument("slug")
@click.argument("folder", type=FOLDER, required=False)
@click.pass_obj
def export(session: Session, slug: str, folder: Path | None) -> None:
    """Write a competition as files, to keep or to copy.

    FOLDER, which is ./SLUG when not given, gets competition.toml, the attachments and
    the splits: all three of your own competition, the sample of another's, to which
    you add hidden splits of your own.
    """
    target = folder or Path(slug)
    if (target / NAME).exists():
        raise Invalid(
            "target_exists",
            f"{target / NAME} is there already.",
            fix="Choose another folder.",
            where=str(target),
        )
    with session.client() as client:
        competition = client.competitions.show(slug)
        rows = _fetched(session, client, slug, target, is_mine=competition.is_mine)
    attached = [str(row["path"]) for row in rows if "/files/" in f"/{row['path']}"]
    text = spec_text(competition, _attachments(attached, target))
    (target / NAME).write_text(text, encoding="utf-8")
    if not competition.is_mine:
        session.say("The hidden splits are its sponsor's: add your own to data/.")
    show_list(session, rows, columns=["path", "size", "sha256"], identity="path")


def _fetched(
    session: Session, client: Client, slug: str, target: Path, *, is_mine: bool
) -> list[dict[str, object]]:
    """The attachments into files/, the splits into data/."""
    areas = client.competitions
    files = areas.files(slug)
    rows = fetch_all(
        session,
        slug,
        files,
        lambda more: areas.download(slug, target / "files", on_progress=more),
    )
    if is_mine:
        splits = areas.splits(slug)
        rows += fetch_all(
            session,
            f"{slug} splits",
            splits,
            lambda more: areas.download_splits(slug, target / "data", on_progress=more),
        )
        return rows
    sample = target / "files" / "sample.jsonl"
    (target / "data").mkdir(parents=True, exist_ok=True)
    (target / "data" / "sample.jsonl").write_bytes(sample.read_bytes())
    return rows


def _attachments(paths: list[str], target: Path) -> dict[str, str]:
    """Path for miners by local file; the sample is a split, and attached by itself."""
    places = [Path(path).relative_to(target) for path in paths]
    named = {str(place.relative_to("files")): str(place) for place in places}
    named.pop("sample.jsonl", None)
    return named


def spec_text(competition: Competition, attachments: Mapping[str, str]) -> str:
    """A competition as the text of its file."""
    row: dict[str, Any] = row_of(competition)
    plain = {
        name: iso(row[name]) if isinstance(row[name], datetime) else row[name]
        for name in [*sorted(NEEDED), *sorted(OPTIONAL)]
        if name in row and name not in {"splits", "attachments"}
    }
    tables = {name: value for name, value in plain.items() if isinstance(value, dict)}
    values = {name: value for name, value in plain.items() if name not in tables}
    splits = {name: f"data/{name}.jsonl" for name in ("sample", "public", "private")}
    return tomlkit.dumps(
        {**values, **tables, "splits": splits, "attachments": dict(attachments)}
    )
