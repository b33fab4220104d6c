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
SHOW = [
    "reference",
    "kind",
    "architecture",
    "competition",
    "published_at",
    "contributors",
    "parents",
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


def _in_words(model: Model) -> dict[str, str]:
    total = byte_count(sum(file.size for file in model.files))
    return {
        "contributors": ", ".join(f"{c.handle} {c.parts}" for c in model.contributors),
        "parents": ", ".join(f"{p.reference} {p.percent} %" for p in model.parents),
        "files": f"{len(model.files)} files, {total}",
        "explained": " ".join(model.explained),
    }
