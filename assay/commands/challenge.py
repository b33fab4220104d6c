"""Challenges of entries that are to be paid."""

from uuid import uuid4

import click

from assay.commands.output import limit_option, row_of, show_list, show_one, some
from assay.commands.session import Session
from assay.commands.shape import Command
from assay.protocol.errors import Unavailable

LIST = ["id", "competition", "model", "kind", "challenger", "status", "created_at"]
SHOW = [*LIST, "grounds", "deposit", "asset", "evidence", "decided_by", "reason"]
KINDS = ["copied_weights", "leaked_data", "licence_violation", "irreproducible"]
REASON = click.option("--reason", required=True, help="Why; everyone can read it.")


@click.command("list", cls=Command)
@click.argument("slug", default="")
@limit_option
@click.pass_obj
def list_challenges(session: Session, slug: str, limit: int) -> None:
    """List challenges.

    With SLUG, all of that competition's; without, what staff has yet to decide.
    """
    with session.client() as client:
        found = some(session, client.challenges.list(competition=slug), limit)
    show_list(session, [row_of(row) for row in found], columns=LIST, identity="id")


@click.command(cls=Command)
@click.argument("challenge_id", metavar="ID")
@click.pass_obj
def show(session: Session, challenge_id: str) -> None:
    """Show one, its evidence and its decision."""
    with session.client() as client:
        found = client.challenges.show(challenge_id)
    show_one(session, row_of(found), columns=SHOW, identity="id")


@click.command("raise", cls=Command)
@click.argument("submission_id", metavar="SUBMISSION")
@click.option("--kind", required=True, type=click.Choice([*KINDS, "other"]))
@click.option("--grounds", required=True, help="What can be checked; it is public.")
@click.option("--key", default="", help="Names this challenge: the same key is one.")
@click.pass_obj
def raise_challenge(
    session: Session, submission_id: str, kind: str, grounds: str, key: str
) -> None:
    """Object to an entry that is to be paid.

    A deposit is held in your wallet: it comes back when the challenge is upheld, and
    goes to the entry's contributors when it is dismissed. An `irreproducible` one is
    decided by repeating the evaluation; the others by the platform's staff.
    """
    key = key or uuid4().hex
    session.confirm(f"Challenge {submission_id}, with a deposit that you may lose?")
    try:
        with session.login() as client:
            made = client.challenges.make(
                submission_id, kind=kind, grounds=grounds, key=key
            )
    except Unavailable:
        session.say(f"Whether it was raised is not known; repeat it with --key {key}.")
        raise
    session.say(f"{made.deposit} {made.asset} are held until it is decided.")
    show_one(session, row_of(made), columns=SHOW, identity="id")


@click.command(cls=Command)
@click.argument("challenge_id", metavar="ID")
@click.option("--uphold/--dismiss", "upheld", default=None, help="What you decide.")
@REASON
@click.pass_obj
def decide(
    session: Session, *, challenge_id: str, upheld: bool | None, reason: str
) -> None:
    """Uphold or dismiss one, as staff.

    Upheld, the entry is disqualified and the next in line moves up.
    """
    if upheld is None:
        raise click.UsageError("Say --uphold or --dismiss.")
    word = "Uphold" if upheld else "Dismiss"
    session.confirm(f"{word} {challenge_id} for good?")
    with session.login() as client:
        found = client.challenges.decide(challenge_id, upheld=upheld, reason=reason)
    show_one(session, row_of(found), columns=SHOW, identity="id")


@click.command(cls=Command)
@click.argument("submission_id", metavar="ID")
@REASON
@click.pass_obj
def disqualify(session: Session, submission_id: str, reason: str) -> None:
    """Strike an entry off the board, as staff."""
    session.confirm(f"Disqualify {submission_id} for good?")
    with session.login() as client:
        made = client.challenges.disqualify(submission_id, reason=reason)
    columns = ["submission", "model", "miner", "reason", "actor", "at"]
    show_one(session, row_of(made), columns=columns, identity="submission")
