"""Seeing where one stands in a competition, and what happens in it."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import click

from assay.client import Client
from assay.client.records import Event
from assay.commands.output import limit_option, row_of, show_list, show_one, some
from assay.commands.session import Session
from assay.commands.shape import Command
from assay.commands.texts import cell, iso, printable
from assay.protocol.errors import Conflict, Unavailable

LIMITS = [
    "competition",
    "used",
    "limit",
    "failures",
    "failure_limit",
    "next_at",
    "max_bytes",
    "max_seconds",
    "submission_fee",
    "deposit",
    "asset",
]
HISTORY = ["number", "at", "kind", "actor", "facts"]
RULES = [
    "competition",
    "status",
    "task_type",
    "metric",
    "base_model",
    "margin",
    "prize",
    "required_uses",
    "deadline",
    "challenge_hours",
    "daily_submissions",
    "max_bytes",
    "max_seconds",
    "rules_digest",
    "rules_accepted",
]
ENDED = frozenset({"settled", "cancelled"})


@click.command(cls=Command)
@click.argument("slug")
@click.pass_obj
def limits(session: Session, slug: str) -> None:
    """Show what you may still submit today."""
    with session.login() as client:
        quota, competition = (
            client.competitions.quota(slug),
            client.competitions.show(slug),
        )
    rest = row_of(competition)
    row = {"competition": slug, **row_of(quota)}
    row |= {name: rest[name] for name in LIMITS if name not in row}
    show_one(session, row, columns=LIMITS, identity="competition")


@click.command(cls=Command)
@click.argument("slug")
@limit_option
@click.pass_obj
def history(session: Session, slug: str, limit: int) -> None:
    """List what happened in public, oldest first.

    Each entry carries the hash of itself and all before it: keep the last one, and a
    history that was rewritten shows.
    """
    with session.client() as client:
        found = some(session, client.competitions.history(slug), limit)
    rows = [row_of(event) for event in found]
    show_list(session, rows, columns=HISTORY, identity="head")


@dataclass(frozen=True, slots=True)
class Look:
    """How often to look, in seconds, and how to wait between looks."""

    between: float
    sleep: Callable[[float], None] = time.sleep


@click.command(cls=Command)
@click.argument("slug")
@click.option(
    "--every",
    type=click.FloatRange(min=0.2, max=3600),
    default=5.0,
    show_default=True,
    help="Seconds between looks.",
)
@click.option("--from-start", is_flag=True, help="Begin with all that happened so far.")
@click.pass_obj
def watch(session: Session, slug: str, every: float, *, from_start: bool) -> None:
    """Follow what happens until it has ended.

    Each event is a line as it comes: scores, changes of the lead, deadlines, awards.
    As JSON each line is one document. Ctrl-C ends it.
    """
    with session.client() as client:
        for event in events(client, slug, Look(every), from_start=from_start):
            _print_event(session, event)


def events(
    client: Client, slug: str, look: Look, *, from_start: bool
) -> Iterator[Event]:
    """The competition's events as they come, until it is settled or cancelled.

    A server that is away for a while is waited for.
    """
    seen = -1 if from_start else _newest(client, slug)
    while True:
        try:
            ended = client.competitions.show(slug).status in ENDED
            fresh = [
                one for one in client.competitions.history(slug) if one.number > seen
            ]
        except Unavailable:
            look.sleep(look.between)
            continue
        yield from fresh
        seen = max([seen, *(one.number for one in fresh)])
        if ended:
            return
        look.sleep(look.between)


def _newest(client: Client, slug: str) -> int:
    return max((one.number for one in client.competitions.history(slug)), default=-1)


def _print_event(session: Session, event: Event) -> None:
    if session.quiet:
        click.echo(event.head)
    elif session.format == "json":
        click.echo(json.dumps(row_of(event), ensure_ascii=False, default=iso))
    else:
        words = f"{cell(event.at)}  {event.kind}  {event.actor}  {cell(event.facts)}"
        click.echo(printable(words).rstrip())
    sys.stdout.flush()


@click.command("show", cls=Command)
@click.argument("slug")
@click.pass_obj
def show_rules(session: Session, slug: str) -> None:
    """Show the rules, and whether you accepted them."""
    with session.client() as client:
        competition = client.competitions.show(slug)
    row = {"competition": slug, **row_of(competition)}
    show_one(session, row, columns=RULES, identity="rules_digest")


@click.command("accept", cls=Command)
@click.argument("slug")
@click.pass_obj
def accept_rules(session: Session, slug: str) -> None:
    """Accept the rules, to take part.

    The rules were frozen and hashed when the competition opened; `assay competition
    rules show SLUG` prints them with their digest. Nobody can submit before.
    """
    with session.login() as client:
        rules_digest = client.competitions.show(slug).rules_digest
        if not rules_digest:
            raise Conflict(
                "rules_not_frozen",
                f"{slug} is not open yet, so its rules can still change.",
                fix="Accept them once it is open.",
            )
        session.say(f"The rules of {slug} have the SHA-256 {rules_digest}.")
        session.confirm("Take part under these rules?")
        made = client.competitions.accept(slug, rules_digest)
    session.say(f"Next: `assay submit PATH -c {slug} --name NAME --terms TERMS`.")
    columns = ["competition", "rules_digest", "accepted_at"]
    show_one(session, row_of(made), columns=columns, identity="competition")
