"""Stakes."""

from uuid import uuid4

import click

from assay.commands.output import limit_option, row_of, show_list, show_one, some
from assay.commands.session import Session
from assay.commands.shape import Command
from assay.protocol.errors import Unavailable

COLUMNS = [
    *("id", "staker", "purpose", "amount", "budget", "returned", "asset"),
    *("created_at", "withdrawn_at"),
]


@click.command(cls=Command)
@click.argument("slug")
@click.argument("amount")
@click.option("--key", default="", help="Names this stake: the same key stakes once.")
@click.option(
    "--for",
    "purpose",
    type=click.Choice(["prize", "budget"]),
    default="prize",
    show_default=True,
    help="What it is for; the budget pays evaluations.",
)
@click.pass_obj
def add(session: Session, slug: str, amount: str, key: str, purpose: str) -> None:
    """Stake from your wallet.

    AMOUNT is in whole tokens, such as 500 or 12.5. It stays in the competition's
    escrow until winners are paid or the competition is cancelled; the rules say which
    part of it pays for evaluations, and what the platform takes of awards. When an
    answer was lost, repeat the command with the --key that it names.
    """
    key = key or uuid4().hex
    try:
        with session.login() as client:
            terms = client.economics.stake_terms(slug, amount, purpose=purpose)
            session.say(" ".join(terms.sentences))
            made = client.competitions.stake(slug, amount, key=key, purpose=purpose)
    except Unavailable:
        session.say(f"Whether it was staked is not known; repeat it with --key {key}.")
        raise
    session.say(f"{made.amount} {made.asset} are staked on {made.competition}.")
    show_one(session, row_of(made), columns=COLUMNS, identity="id")


@click.command(cls=Command)
@click.argument("slug")
@limit_option
@click.pass_obj
def list_stakes(session: Session, slug: str, limit: int) -> None:
    """List a competition's stakes."""
    with session.client() as client:
        rows = [
            row_of(made)
            for made in some(session, client.competitions.stakes(slug), limit)
        ]
    show_list(session, rows, columns=COLUMNS, identity="id")


@click.command(cls=Command)
@click.argument("slug")
@click.argument("stake_id", metavar="ID")
@click.pass_obj
def withdraw(session: Session, slug: str, stake_id: str) -> None:
    """Take your stake back before the opening.

    ID is as in `assay stake list SLUG`. What evaluating the base model has cost is
    shared by the stakes' parts for evaluation; all else comes back. A competition
    that falls below its minimum is a draft again. Repeating it changes nothing.
    """
    with session.login() as client:
        made = client.competitions.withdraw_stake(slug, stake_id)
    session.say(f"{made.returned} {made.asset} are back in your wallet.")
    show_one(session, row_of(made), columns=COLUMNS, identity="id")
