"""Stakes."""

from uuid import uuid4

import click

from assay.commands.output import limit_option, row_of, show_list, show_one, some
from assay.commands.session import Session
from assay.commands.shape import Command

COLUMNS = ["staker", "amount", "returned", "asset", "created_at"]


@click.command(cls=Command)
@click.argument("slug")
@click.argument("amount")
@click.pass_obj
def add(session: Session, slug: str, amount: str) -> None:
    """Stake from your wallet.

    AMOUNT is in whole tokens, such as 500 or 12.5. It stays in the competition's
    escrow until winners are paid or the competition is cancelled.
    """
    with session.login() as client:
        made = client.competitions.stake(slug, amount, key=uuid4().hex)
    session.say(f"{made.amount} {made.asset} are staked on {made.competition}.")
    show_one(session, row_of(made), columns=["id", *COLUMNS], identity="id")


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
