"""Creating a competition and carrying it through."""

from datetime import UTC, datetime
from pathlib import Path

import click

from assay.client.records import Competition
from assay.commands.competition import SHOW
from assay.commands.moments import read_moment
from assay.commands.output import row_of, show_one
from assay.commands.sending import send_files
from assay.commands.session import Session
from assay.commands.shape import Command
from assay.commands.specfile import read_spec


@click.command(cls=Command)
@click.argument("spec", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def create(session: Session, spec: Path) -> None:
    """Create a competition from a file.

    SPEC is a TOML file that names the data and attachments beside it. Every row is
    checked here before anything is sent. The new competition is a draft: stake on
    it, then open it.
    """
    local = read_spec(spec, now=datetime.now(UTC))
    with session.login() as client:
        digests = send_files(session, client, local.paths())
        made = client.competitions.create(local.body(digests))
    session.say(f"{made.slug} is a draft. Next: `assay stake add {made.slug} AMOUNT`.")
    _show(session, made)


@click.command("open", cls=Command)
@click.argument("slug")
@click.pass_obj
def open_competition(session: Session, slug: str) -> None:
    """Let miners in.

    The rules are frozen and hashed; the stake must have reached its minimum and the
    base model must have been measured.
    """
    with session.login() as client:
        _show(session, client.competitions.open(slug))


@click.command(cls=Command)
@click.argument("slug")
@click.argument("time")
@click.pass_obj
def deadline(session: Session, slug: str, time: str) -> None:
    """Move the deadline.

    TIME is ISO 8601 with a zone, such as 2030-05-01T12:00:00Z, or from now: +90s,
    +30m, +2h, +7d. Miners plan by the deadline, so it moves later; only test
    platforms let it come earlier.
    """
    moment = read_moment(time, now=datetime.now(UTC), where="TIME")
    with session.login() as client:
        _show(session, client.competitions.move_deadline(slug, moment))


@click.command(cls=Command)
@click.argument("slug")
@click.pass_obj
def cancel(session: Session, slug: str) -> None:
    """End it and give stakes back.

    This is possible as long as nobody has submitted.
    """
    session.confirm(f"Cancel {slug} for good?")
    with session.login() as client:
        _show(session, client.competitions.cancel(slug))


def _show(session: Session, competition: Competition) -> None:
    columns = [name for name in SHOW if name not in {"summary", "baseline", "king"}]
    show_one(session, row_of(competition), columns=columns, identity="slug")
