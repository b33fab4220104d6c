"""The catalogue."""

from pathlib import Path

import click

from assay.client.records import Model
from assay.commands.data import fetch_all
from assay.commands.output import limit_option, row_of, show_list, show_one, some
from assay.commands.session import Session
from assay.commands.shape import Command
from assay.commands.texts import byte_count

LIST = ["reference", "kind", "architecture", "is_base", "published_at"]
EXTERNAL = ["reference", "source", "digest", "licence", "stated_by"]
SHOW = [
    "reference",
    "kind",
    "architecture",
    "competition",
    "published_at",
    "contributors",
    "lineage",
    "duties",
    "files",
    "manifest_digest",
    "explained",
]


@click.command("list", cls=Command)
@click.option("--query", default="", help="Only those with these words.")
@click.option("--task", default="", help="Only those scored on this task type.")
@click.option("--base", default="", help="Only those derived from this owner/name.")
@click.option("--uses", default="", help="Uses that must be allowed, with commas.")
@click.option("--max-price", default="", help="Of commercial use up front; 0 is free.")
@click.option("--min-score", default="", help="At least this score, from 0 to 1.")
@click.option("--max-size", default="", help="At most so many bytes.")
@click.option(
    "--sort",
    type=click.Choice(["newest", "score", "price", "size"]),
    default="newest",
    show_default=True,
    help="What comes first.",
)
@limit_option
@click.pass_obj
def list_models(session: Session, /, limit: int, **wanted: str) -> None:
    """List published models."""
    with session.client() as client:
        found = some(session, client.models.list(**wanted), limit)
    rows = [row_of(model) for model in found]
    show_list(session, rows, columns=LIST, identity="reference")


@click.command(cls=Command)
@click.argument("reference")
@click.pass_obj
def show(session: Session, reference: str) -> None:
    """Show a model, its terms and lineage."""
    with session.client() as client:
        model = client.models.show(reference)
    row = row_of(model)
    if session.format != "json":
        row |= _in_words(model)
    show_one(session, row, columns=SHOW, identity="reference")


@click.command(cls=Command)
@click.argument("reference")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.pass_obj
def download(session: Session, reference: str, folder: Path) -> None:
    """Download a model's files.

    Each file appears in FOLDER only when its SHA-256 is right; a download that was
    cut off goes on where it stopped.
    """
    with session.client() as client:
        files = client.models.show(reference).files
        rows = fetch_all(
            session,
            reference,
            files,
            lambda more: client.models.download(reference, folder, on_progress=more),
        )
    show_list(session, rows, columns=["path", "size", "sha256"], identity="path")


@click.command("register-external", cls=Command)
@click.argument("name")
@click.option("--source", required=True, help="The https address where it is found.")
@click.option("--digest", required=True, help="SHA-256 of its weights.")
@click.option("--licence", required=True, help="Its licence's id, such as Apache-2.0.")
@click.pass_obj
def register_external(
    session: Session, name: str, source: str, digest: str, licence: str
) -> None:
    """State that a model exists elsewhere.

    It can then be named as a parent: ``--parent ext:NAME``. A statement is shown
    as yours, as not verified, and never changes.
    """
    with session.login() as client:
        made = client.models.register_external(
            name=name, source=source, digest=digest, licence=licence
        )
    show_one(session, row_of(made), columns=EXTERNAL, identity="reference")


@click.command("externals", cls=Command)
@click.option("--query", default="", help="Only those with these words.")
@limit_option
@click.pass_obj
def list_externals(session: Session, query: str, limit: int) -> None:
    """List models that are registered from elsewhere."""
    with session.client() as client:
        found = some(session, client.models.externals(query=query), limit)
    rows = [row_of(stated) for stated in found]
    show_list(session, rows, columns=EXTERNAL, identity="reference")


def _lineage(model: Model) -> str:
    """One clause an ancestor, the nearest first, as far as it may be seen."""
    lines = [
        f"{a.relation.replace('_', '-')} of {a.reference}"
        + (f" ({a.percent} %)" if a.percent != "0" else "")
        + (f", {a.depth} steps up" if a.depth > 1 else "")
        for a in model.lineage
    ]
    lines += [
        f"{e.relation.replace('_', '-')} of {e.reference} ({e.licence}, not verified)"
        for e in model.external_parents
    ]
    return "; ".join(lines)


def _in_words(model: Model) -> dict[str, str]:
    total = byte_count(sum(file.size for file in model.files))
    return {
        "contributors": ", ".join(f"{c.handle} {c.parts}" for c in model.contributors),
        "lineage": _lineage(model),
        "duties": ", ".join(f"{d.duty} to {d.to}" for d in model.duties),
        "files": f"{len(model.files)} files, {total}",
        "explained": " ".join(model.explained),
    }
