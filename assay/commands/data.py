"""Fetching what a miner starts from."""

from collections.abc import Callable
from pathlib import Path

import click

from assay.client import Client
from assay.client.records import RemoteFile
from assay.commands.output import row_of, show_list
from assay.commands.progress import Advance, byte_bar
from assay.commands.session import Session
from assay.commands.shape import Command

BASE = "base"


@click.command(cls=Command)
@click.argument("slug")
@click.argument(
    "folder", type=click.Path(file_okay=False, path_type=Path), required=False
)
@click.option("--base", is_flag=True, help="The base model too, into FOLDER/base.")
@click.pass_obj
def data(session: Session, slug: str, folder: Path | None, *, base: bool) -> None:
    """Download the public files.

    The sample with its answers, the starter kit and whatever else the sponsor
    attached go into FOLDER, which is ./SLUG when not given. Files that are there
    and right are kept; a download that was cut off goes on where it stopped.
    """
    target = folder or Path(slug)
    with session.client() as client:
        files = client.competitions.files(slug)
        rows = fetch_all(
            session,
            slug,
            files,
            lambda more: client.competitions.download(slug, target, on_progress=more),
        )
        if base:
            rows += fetch_base(session, client, slug, target / BASE)
    show_list(session, rows, columns=["path", "size", "sha256"], identity="path")


def fetch_all(
    session: Session,
    title: str,
    files: tuple[RemoteFile, ...],
    fetch: Callable[[Advance], tuple[Path, ...]],
) -> list[dict[str, object]]:
    """Run a download under a bar; returns a row for each file, by local path."""
    total = sum(file.size for file in files)
    with byte_bar(session, title, total) as advance:
        paths = fetch(advance)
    return [
        {**row_of(file), "path": str(path)}
        for file, path in zip(files, paths, strict=True)
    ]


def fetch_base(
    session: Session, client: Client, slug: str, folder: Path
) -> list[dict[str, object]]:
    """Download the competition's base model; returns a row for each file."""
    reference = client.competitions.show(slug).base_model
    files = client.models.show(reference).files
    return fetch_all(
        session,
        reference,
        files,
        lambda more: client.models.download(reference, folder, on_progress=more),
    )
