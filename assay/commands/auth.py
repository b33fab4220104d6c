"""Logging in and out."""

import sys

import click

from assay.client import Client
from assay.commands.logins import forget_profile, store_profile
from assay.commands.output import row_of, show_one
from assay.commands.profiles import Profile, checked_endpoint, is_exposed
from assay.commands.session import Session
from assay.commands.shape import Command
from assay.protocol.errors import Invalid


@click.command(cls=Command)
@click.argument("token", required=False)
@click.option("--token", "token_option", help="The token; - reads standard input.")
@click.option("--endpoint", help="The server's address; kept with the token.")
@click.pass_obj
def login(
    session: Session, token: str | None, token_option: str | None, endpoint: str | None
) -> None:
    """Check a token and keep it.

    Make the token on your tokens page. Without TOKEN you are asked for it, hidden;
    `--token -` reads it from standard input, which keeps it out of your shell's
    history and the list of processes.
    """
    address = checked_endpoint(endpoint or session.profile().endpoint)
    profile = Profile(address, _secret(token_option or token))
    with Client(profile.endpoint, token=profile.token) as client:
        me = client.me()
    path = store_profile(profile)
    if is_exposed(address):
        session.say(f"Careful: {address} is not encrypted; the token can be read.")
    session.say(f"You are {me.handle} at {address}. The token is kept in {path}.")


def _secret(given: str | None) -> str:
    if given == "-":
        given = sys.stdin.readline()
    elif given is None and sys.stdin.isatty():
        given = click.prompt("Token", hide_input=True, err=True)
    secret = (given or "").strip()
    if not secret.isascii() or not secret.isprintable() or not secret:
        raise Invalid(
            "token_missing",
            "There is no token to log in with.",
            fix="Pipe it in: `assay auth login --token -`.",
            where="token",
        )
    return secret


@click.command(cls=Command)
@click.pass_obj
def whoami(session: Session) -> None:
    """Show who you are, and your balance."""
    with session.login() as client:
        me = client.me()
        row = {**row_of(me), "endpoint": client.endpoint, "asset": me.balance.asset}
    row["balance"] = me.balance.total
    columns = ["handle", "balance", "asset", "endpoint"]
    show_one(session, row, columns=columns, identity="handle")


@click.command(cls=Command)
@click.pass_obj
def logout(session: Session) -> None:
    """Forget the token that is kept.

    The token itself lives until it is revoked on your tokens page.
    """
    known = forget_profile()
    session.say("Logged out." if known else "Nobody was logged in.")
