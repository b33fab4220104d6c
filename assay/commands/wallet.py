"""The wallet."""

from uuid import uuid4

import click

from assay.commands.output import limit_option, row_of, show_list, show_one, some
from assay.commands.session import Session
from assay.commands.shape import Command

BALANCE = ["total", "asset"]


@click.command(cls=Command)
@click.pass_obj
def balance(session: Session) -> None:
    """Show your balance."""
    with session.login() as client:
        row = row_of(client.wallet.balance())
    show_one(session, row, columns=BALANCE, identity="total")


@click.command(cls=Command)
@limit_option
@click.pass_obj
def statement(session: Session, limit: int) -> None:
    """List what moved, newest first."""
    with session.login() as client:
        lines = some(session, client.wallet.statement(), limit)
    columns = ["at", "kind", "amount", "running", "asset", "memo"]
    rows = [row_of(line) for line in lines]
    show_list(session, rows, columns=columns, identity="transfer")


@click.command(cls=Command)
@limit_option
@click.pass_obj
def deposits(session: Session, limit: int) -> None:
    """List fees and deposits of your entries.

    `spent` is what did not come back; `pool` names the pool that paid for you.
    """
    with session.login() as client:
        found = some(session, client.wallet.deposits(), limit)
    columns = ["created_at", "competition", "model", "fee", "deposit", "state"]
    columns += ["kept", "spent", "asset", "pool"]
    rows = [row_of(dues) for dues in found]
    show_list(session, rows, columns=columns, identity="submission")


@click.command(cls=Command)
@click.argument("amount")
@click.pass_obj
def faucet(session: Session, amount: str) -> None:
    """Get test tokens.

    AMOUNT is in whole tokens, such as 250 or 0.5. Only test platforms have a faucet.
    """
    with session.login() as client:
        gift = client.wallet.faucet(amount, key=uuid4().hex)
    session.say(f"{amount} {gift.balance.asset} arrived.")
    show_one(session, row_of(gift.balance), columns=BALANCE, identity="total")
