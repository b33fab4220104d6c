"""Pools that pay other people's submission fees and deposits."""

from typing import Any
from uuid import uuid4

import click

from assay.commands.output import limit_option, row_of, show_list, show_one, some
from assay.commands.session import Session
from assay.commands.shape import Command
from assay.protocol.errors import Unavailable

LIST = ["id", "title", "competition", "admits", "available", "asset", "status"]
SHOW = [
    *("id", "title", "owner", "competition", "status", "admits", "first", "admitted"),
    *("user_cap", "day_cap", "funded", "balance", "available", "held", "asset"),
]
PAYMENTS = [
    *("created_at", "competition", "miner", "model"),
    *("fee", "deposit", "state", "spent", "asset"),
]
FUNDINGS = ["funder", "amount", "returned", "asset", "created_at"]


@click.command("list", cls=Command)
@click.argument("slug", default="")
@limit_option
@click.pass_obj
def list_pools(session: Session, slug: str, limit: int) -> None:
    """List pools.

    With SLUG, those that pay for entries to that competition.
    """
    with session.client() as client:
        found = some(session, client.pools.list(competition=slug), limit)
    show_list(session, [row_of(pool) for pool in found], columns=LIST, identity="id")


@click.command(cls=Command)
@click.argument("pool_id", metavar="ID")
@click.pass_obj
def show(session: Session, pool_id: str) -> None:
    """Show whom a pool pays for, and what it has."""
    with session.client() as client:
        row = row_of(client.pools.show(pool_id))
    show_one(session, row, columns=SHOW, identity="id")


@click.command("open", cls=Command)
@click.argument("title")
@click.option("-c", "--competition", default="", help="Its slug; any without it.")
@click.option("--handle", "handles", multiple=True, help="Admit this one; repeatable.")
@click.option("--first", type=click.IntRange(min=1), help="Admit the first N users.")
@click.option("--user-cap", default="0", help="The most for one user; 0 is no cap.")
@click.option("--day-cap", default="0", help="The most in 24 hours; 0 is no cap.")
@click.pass_obj
def open_pool(session: Session, /, title: str, **given: Any) -> None:
    """Open a pool.

    It admits everybody, unless handles or a number of users are given. One for any
    competition needs both caps. It is empty: fund it with `assay pool fund`.
    """
    admits = "all"
    if given["handles"]:
        admits = "listed"
    elif given["first"]:
        admits = "first"
    spec = {**given, "title": title, "handles": list(given["handles"])}
    if not spec["first"]:
        del spec["first"]
    with session.login() as client:
        made = client.pools.open({**spec, "admits": admits})
    session.say(f"Next: `assay pool fund {made.id} AMOUNT`.")
    show_one(session, row_of(made), columns=SHOW, identity="id")


@click.command(cls=Command)
@click.argument("pool_id", metavar="ID")
@click.argument("amount")
@click.option("--key", default="", help="Names this: the same key gives once.")
@click.pass_obj
def fund(session: Session, pool_id: str, amount: str, key: str) -> None:
    """Put tokens from your wallet into a pool.

    What it has not spent comes back, in proportion, when its owner closes it.
    """
    key = key or uuid4().hex
    try:
        with session.login() as client:
            made = client.pools.fund(pool_id, amount, key=key)
    except Unavailable:
        session.say(f"Whether it arrived is not known; repeat it with --key {key}.")
        raise
    show_one(session, row_of(made), columns=["id", *FUNDINGS], identity="id")


@click.command(cls=Command)
@click.argument("pool_id", metavar="ID")
@click.pass_obj
def close(session: Session, pool_id: str) -> None:
    """Close your pool and give back what is left.

    While an entry that it paid for is undecided, it is closing.
    """
    session.confirm(f"Close the pool {pool_id} for good?")
    with session.login() as client:
        row = row_of(client.pools.close(pool_id))
    show_one(session, row, columns=SHOW, identity="id")


@click.command(cls=Command)
@click.argument("pool_id", metavar="ID")
@limit_option
@click.pass_obj
def payments(session: Session, pool_id: str, limit: int) -> None:
    """List what a pool has paid for whom."""
    with session.client() as client:
        found = some(session, client.pools.payments(pool_id), limit)
    rows = [row_of(dues) for dues in found]
    show_list(session, rows, columns=PAYMENTS, identity="submission")


@click.command(cls=Command)
@click.argument("pool_id", metavar="ID")
@limit_option
@click.pass_obj
def fundings(session: Session, pool_id: str, limit: int) -> None:
    """List who funded a pool."""
    with session.client() as client:
        found = some(session, client.pools.fundings(pool_id), limit)
    show_list(session, [row_of(one) for one in found], columns=FUNDINGS, identity="id")
