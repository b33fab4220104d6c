"""Looking at a model as the server will."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from assay.client.records import TermsPreview
from assay.commands.checking import LocalEntry, find_faults, preview_of
from assay.commands.failing import REFUSED
from assay.commands.folder import kind_of, visible_files
from assay.commands.output import show_list
from assay.commands.session import Session
from assay.commands.shape import Command
from assay.commands.termsfile import HELP, read_terms

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
COMPETITION = click.option(
    "-c", "--competition", "slug", required=True, help="The competition's slug."
)
ADAPTER = click.option(
    "--adapter", is_flag=True, help="It is an adapter; seen from its files otherwise."
)
PARENTS = click.option(
    "--parent",
    "parents",
    multiple=True,
    metavar="REF[:RELATION]",
    help="What it was derived from (owner/name or ext:name) and how: adapter, "
    "fine_tune, merge, quantised, distilled; the base model otherwise.",
)


@click.command(cls=Command)
@click.argument("path", type=FOLDER)
@COMPETITION
@click.option("--terms", "terms", help=HELP)
@PARENTS
@ADAPTER
@click.pass_context
def check(
    context: click.Context,
    path: Path,
    slug: str,
    terms: str | None,
    parents: Sequence[str],
    *,
    adapter: bool,
) -> None:
    """Find what the server would refuse.

    PATH is the folder of a model or adapter. Nothing is sent. Exits with 3 when
    there is something to mend.
    """
    session = context.ensure_object(Session)
    files = visible_files(path)
    entry = LocalEntry(
        files=files,
        kind="adapter" if adapter else kind_of(files),
        terms=read_terms(terms) if terms else None,
        parents=tuple(parents),
    )
    with session.client() as client:
        found = find_faults(client, slug, entry)
        if not found:
            _say_what_it_carries(session, preview_of(client, slug, entry))
    if not found:
        session.say(f"{len(files)} files of a {entry.kind} model: nothing to refuse.")
    rows = [asdict(finding) for finding in found]
    if found or session.format != "table":
        columns = ["path", "code", "sentence", "fix"]
        show_list(session, rows, columns=columns, identity="code")
    if found:
        context.exit(REFUSED)


def _say_what_it_carries(session: Session, left: TermsPreview) -> None:
    """What the entry owes upwards, and what its terms could say at most."""
    for one in left.owed:
        session.say(f"It owes {one.to} {one.percent} % of its income.")
    for duty in left.duties:
        session.say(f"Whoever uses it owes {duty.to}: {duty.duty}.")
    if left.same_as:
        session.say(f"Its terms have to be those of {' and '.join(left.same_as)}.")
    if left.ends:
        session.say(f"Its terms must end by {left.ends}.")
    closed = [
        use
        for use, is_open in (
            ("commercial use", left.commercial),
            ("training", left.training),
        )
        if not is_open
    ]
    if closed:
        session.say(f"Its parents do not let its terms allow {' or '.join(closed)}.")
