"""Buying uses of models."""

import json
import tomllib
from pathlib import Path
from typing import Any

import click

from assay.client import Client
from assay.client.records import Licence, Quote
from assay.commands.output import limit_option, row_of, show_list, show_one, some
from assay.commands.session import Session
from assay.commands.shape import Command
from assay.commands.texts import printable
from assay.protocol.errors import Invalid

QUOTE = [
    "id",
    "model",
    "use",
    "price",
    "asset",
    "seats",
    "period",
    "revenue_share",
    "duties",
    "reasons",
    "expires_at",
]
LIST = ["id", "model", "use", "status", "licensee", "issued_at", "valid_until"]
SEATS = click.option(
    "--seats",
    type=click.IntRange(1, 100_000),
    default=1,
    show_default=True,
    help="How many people use it; more than one is an organisation's.",
)
ORGANISATION = click.option(
    "--organisation",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="TOML with name, address, country, vat_id, email.",
)
USE = click.option(
    "--use", default="commercial", show_default=True, help="What it is for."
)
SAVE = click.option(
    "--save",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the certificate to this file.",
)


@click.command(cls=Command)
@click.argument("reference")
@USE
@SEATS
@ORGANISATION
@click.pass_obj
def quote(
    session: Session, reference: str, use: str, seats: int, organisation: Path | None
) -> None:
    """Ask for the price of a use.

    REFERENCE is a model's owner/name. Uses are commercial, derivation,
    commercial-derivation, training and access.
    """
    with session.login() as client:
        made = client.licences.quote(
            reference, use=use, seats=seats, organisation=_organisation(organisation)
        )
    row = row_of(made)
    show_one(session, row, columns=QUOTE, identity="id")


@click.command(cls=Command)
@click.argument("what", metavar="QUOTE_ID|REFERENCE")
@USE
@SEATS
@ORGANISATION
@SAVE
@click.pass_obj
def buy(
    session: Session,
    what: str,
    *,
    use: str,
    seats: int,
    organisation: Path | None,
    save: Path | None,
) -> None:
    """Pay for a use and get the licence.

    With a model's owner/name a price is asked for and shown first; a quote's id
    pays that quote. Paying the same quote twice pays it once.
    """
    with session.login() as client:
        asked = {"use": use, "seats": seats}
        quote_id = _quoted(session, client, what, asked, organisation)
        licence = client.licences.accept(quote_id)
    _show(session, licence, save)


@click.command("list", cls=Command)
@limit_option
@click.pass_obj
def list_licences(session: Session, limit: int) -> None:
    """List your licences."""
    with session.login() as client:
        rows = [
            row_of(licence) for licence in some(session, client.licences.list(), limit)
        ]
    show_list(session, rows, columns=LIST, identity="id")


@click.command(cls=Command)
@click.argument("licence_id", metavar="ID")
@SAVE
@click.pass_obj
def show(session: Session, licence_id: str, save: Path | None) -> None:
    """Show a licence and its royalty."""
    with session.login() as client:
        licence = client.licences.show(licence_id)
    _show(session, licence, save)


def _organisation(path: Path | None) -> dict[str, str] | None:
    """The organisation that a TOML file describes."""
    if path is None:
        return None
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise Invalid(
            "organisation_unreadable", f"{path} is no TOML: {error}.", where=str(path)
        ) from error
    return {name: str(value) for name, value in found.items()}


def _quoted(
    session: Session,
    client: Client,
    what: str,
    asked: dict[str, Any],
    organisation: Path | None,
) -> str:
    if "/" not in what:
        session.confirm(f"Pay the quote {what}?")
        return what
    firm = _organisation(organisation)
    made = client.licences.quote(what, organisation=firm, **asked)
    session.say(_price(made))
    session.confirm(f"Buy {made.use} use of {printable(made.model)}?")
    return made.id


def _price(made: Quote) -> str:
    often = {"monthly": " a month"}.get(made.period, "")
    share = f" and {made.revenue_share} % of revenue" if made.revenue_share else ""
    duties = f" Duties: {', '.join(made.duties)}." if made.duties else ""
    seats = f" for {made.seats} seats" if made.seats > 1 else ""
    renews = " It renews until you cancel." if often else ""
    price = f"{made.price} {made.asset}{often}{share}{seats}"
    return f"{made.use} use costs {price}.{renews}{duties}"


def _show(session: Session, licence: Licence, save: Path | None) -> None:
    if save is not None:
        save.write_text(json.dumps(licence.certificate, indent=2) + "\n", "utf-8")
        session.say(f"The certificate is in {save}; `assay licence verify` checks it.")
    row = row_of(licence)
    columns = list(LIST)
    if session.format != "json" and licence.royalty is not None:
        row["paid"] = f"{licence.royalty.amount} {licence.royalty.asset}"
        row["split"] = ", ".join(
            f"{part.payee} {part.amount} for {part.model}"
            for part in licence.royalty.parts
        )
        columns += ["paid", "split"]
    show_one(session, row, columns=columns, identity="id")


def unusable(path: Path, reason: str) -> Invalid:
    """The refusal of a file that should hold a certificate or keys."""
    return Invalid(
        "certificate_unreadable",
        f"{path} {reason}.",
        fix="Save certificates with `assay licence show ID --save FILE`, keys with "
        "`assay licence keys > FILE`.",
        where=str(path),
    )
