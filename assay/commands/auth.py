"""Logging in and out, and choosing among logins."""

import os
import re
import sys

import click

from assay.client import Client
from assay.commands.logins import forget_profile, store_profile, use_profile
from assay.commands.output import row_of, show_list, show_one
from assay.commands.profiles import (
    DEFAULT,
    Profile,
    StoredProfile,
    checked_endpoint,
    chosen_profile,
    is_exposed,
    profiles_path,
    stored_profiles,
)
from assay.commands.session import Session
from assay.commands.shape import Command
from assay.protocol.errors import Invalid, Unauthenticated

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")


@click.command(cls=Command)
@click.argument("token", required=False)
@click.option("--token", "token_option", help="The token; - reads standard input.")
@click.option("--endpoint", help="The server's address; kept with the token.")
@click.option("--no-keyring", is_flag=True, help="Keep the token in the file.")
@click.pass_obj
def login(
    session: Session,
    token: str | None,
    token_option: str | None,
    endpoint: str | None,
    *,
    no_keyring: bool,
) -> None:
    """Check a token and keep it.

    Make the token on your tokens page. Without TOKEN you are asked for it, hidden;
    `--token -` reads it from standard input, which keeps it out of your shell's
    history and the list of processes. It is kept in the system's keyring where there
    is one (with `pip install 'assay[keyring]'`), else in a file for you alone.

    `--profile NAME` keeps it beside other logins; the last one is used until another
    is chosen with `assay auth use NAME`, --profile or ASSAY_PROFILE.
    """
    name = _checked_name(_asked_name(session))
    address = checked_endpoint(endpoint or _address(name))
    profile = StoredProfile(name, address, _secret(token_option or token))
    with Client(address, token=profile.token) as client:
        me = client.me()
    kept = store_profile(profile, in_keyring=not no_keyring)
    if is_exposed(address):
        session.say(f"Careful: {address} is not encrypted; the token can be read.")
    place = "your keyring" if kept.is_in_keyring else str(profiles_path())
    session.say(f"You are {me.handle} at {address}. The token is kept in {place}.")


def _asked_name(session: Session) -> str:
    asked = session.profile_name or os.environ.get("ASSAY_PROFILE", "")
    return asked or stored_profiles().current


def _checked_name(name: str) -> str:
    if NAME.fullmatch(name):
        return name
    raise Invalid(
        "profile_name_malformed",
        f"{name!r} cannot be a profile's name.",
        fix="Use lower-case letters, digits, - and _; at most 32 of them.",
        where="--profile",
    )


def _address(name: str) -> str:
    """Where to log in when nobody says: as before, or as the environment has it."""
    return (
        os.environ.get("ASSAY_ENDPOINT", "") or stored_profiles().named(name).endpoint
    )


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
    known = forget_profile(chosen_profile(os.environ, session.profile_name).name)
    session.say("Logged out." if known else "Nobody was logged in.")


@click.command(cls=Command)
@click.pass_obj
def token(session: Session) -> None:
    """Print the token in use, for other programs.

    For a script or another client: `HF_TOKEN=$(assay auth token) hf auth whoami`.
    """
    profile: Profile = session.profile()
    if not profile.token:
        raise Unauthenticated(
            "login_required",
            f"You are not logged in at {profile.endpoint}.",
            fix="Log in with `assay auth login`.",
        )
    click.echo(profile.token)


@click.command(cls=Command)
@click.pass_obj
def profiles(session: Session) -> None:
    """List the logins that are kept."""
    stored = stored_profiles()
    rows = [
        {
            "profile": one.name,
            "endpoint": one.endpoint,
            "token_in": "keyring" if one.is_in_keyring else "file",
            "current": one.name == stored.current,
        }
        for one in stored.by_name.values()
    ]
    columns = ["profile", "endpoint", "token_in", "current"]
    show_list(session, rows, columns=columns, identity="profile")


@click.command(cls=Command)
@click.argument("name", default=DEFAULT)
@click.pass_obj
def use(session: Session, name: str) -> None:
    """Use another login from now on."""
    chosen = use_profile(name)
    session.say(f"From now on: {chosen.name}, at {chosen.endpoint}.")
