"""The wallet."""

from uuid import uuid4

import click

from assay.commands.output import limit_option, row_of, show_list, show_one, some
from assay.commands.session import Session
from assay.commands.shape import Command

BALANCE = ["total", "held", "available", "asset"]
WITHDRAWAL = ["id", "amount", "asset", "destination", "status", "requested_at", "note"]


@click.command(cls=Command)
@click.pass_obj
def balance(session: Session) -> None:
    """Show your balance."""
    with session.login() as client:
        row = row_of(client.wallet.balance())
    show_one(session, row, columns=BALANCE, identity="total")


@click.command(cls=Command)
@limit_option
@click.option("--from", "start", default="", help="The first day, or a moment.")
@click.option("--to", "end", default="", help="The last day, or a moment.")
@click.pass_obj
def statement(session: Session, limit: int, start: str, end: str) -> None:
    """List what moved, newest first.

    Days are in UTC, and the last one belongs to the statement. For a spreadsheet:
    `assay wallet statement --from 2030-01-01 --to 2030-03-31 --limit 0 --format csv`.
    """
    with session.login() as client:
        found = client.wallet.statement(start=start, end=end)
        lines = some(session, found, limit)
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
@limit_option
@click.pass_obj
def holds(session: Session, limit: int) -> None:
    """List what is held, oldest first."""
    with session.login() as client:
        rows = [row_of(held) for held in some(session, client.wallet.holds(), limit)]
    columns = ["created_at", "amount", "asset", "expires_at", "memo"]
    show_list(session, rows, columns=columns, identity="id")


@click.command(cls=Command)
@click.pass_obj
def head(session: Session) -> None:
    """Show the head of the ledger's chain.

    Keep it: a platform that later shows a chain without it has rewritten its books.
    """
    with session.client() as client:
        row = row_of(client.wallet.ledger_head())
    show_one(session, row, columns=["number", "head", "transfer"], identity="head")


@click.command(cls=Command)
@click.argument("handle")
@click.argument("amount")
@click.option("-m", "--message", default="", help="A note that both of you see.")
@click.option("--key", help="Makes a repetition safe.")
@click.pass_obj
def send(
    session: Session, handle: str, amount: str, message: str, key: str | None
) -> None:
    """Send tokens to somebody.

    AMOUNT is in whole tokens. It arrives at once, and only its receiver can send it
    back.
    """
    session.confirm(f"Send {amount} to {handle}?")
    with session.login() as client:
        sent = client.wallet.send(handle, amount, memo=message, key=key or uuid4().hex)
    session.say(f"{sent.amount} {sent.balance.asset} went to {handle}.")
    row = {**row_of(sent), "available": sent.balance.available}
    row["asset"] = sent.balance.asset
    columns = ["transfer", "to", "amount", "asset", "available"]
    show_one(session, row, columns=columns, identity="transfer")


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


@click.command(cls=Command)
@click.argument("amount")
@click.option("--to", "destination", required=True, help="Where to, for the staff.")
@click.option("--key", help="Makes a repetition safe.")
@click.pass_obj
def withdraw(session: Session, amount: str, destination: str, key: str | None) -> None:
    """Ask to be paid out.

    AMOUNT, in whole tokens, is held until the platform's staff has paid it or refused.
    """
    session.confirm(f"Withdraw {amount} to {destination}?")
    with session.login() as client:
        made = client.royalties.withdraw(
            amount, destination=destination, key=key or uuid4().hex
        )
    show_one(session, row_of(made), columns=WITHDRAWAL, identity="id")


@click.command(cls=Command)
@limit_option
@click.pass_obj
def withdrawals(session: Session, limit: int) -> None:
    """List what you asked for."""
    with session.login() as client:
        found = some(session, client.royalties.withdrawals(), limit)
    rows = [row_of(one) for one in found]
    show_list(session, rows, columns=WITHDRAWAL, identity="id")
