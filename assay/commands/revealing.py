"""Showing everybody the hidden data of a competition that is over."""

import click

from assay.commands.output import row_of, show_list
from assay.commands.session import Session
from assay.commands.shape import Command

SPLITS = ["public", "private"]


@click.command(cls=Command)
@click.argument("slug")
@click.option(
    "--split",
    "splits",
    type=click.Choice(SPLITS),
    multiple=True,
    help="Only this one; both when not given.",
)
@click.pass_obj
def reveal(session: Session, slug: str, splits: tuple[str, ...]) -> None:
    """Show everybody the hidden data.

    Inputs, answers and what each model said, for good, so that receipts and scores can
    be repeated by anyone. For the sponsor, once the competition is over.
    """
    session.confirm(f"Show everybody the hidden data of {slug} for good?")
    with session.login() as client:
        files = client.receipts.reveal(slug, splits or SPLITS)
    rows = [row_of(file) for file in files]
    show_list(session, rows, columns=["path", "size", "sha256"], identity="path")
