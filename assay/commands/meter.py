"""Pay by use from the command line: meters, and the vouchers that pay from them."""

from typing import Any
from uuid import uuid4

import click

from assay.client.records import Meter
from assay.commands.metering import kept, pending, recovered
from assay.commands.output import row_of, show_one
from assay.commands.session import Session
from assay.commands.shape import Command
from assay.protocol import vouchers
from assay.protocol.canonical import read_json

SHOW = ["id", "model", "licensee", "status", "price", "deposit", "spent", "asset"]
VOUCHER = ["meter", "lane", "calls", "amount", "signature"]


@click.command(cls=Command)
@click.argument("reference")
@click.argument("price", required=False)
@click.pass_obj
def price(session: Session, reference: str, price: str | None) -> None:
    """Show or set what a call costs.

    PRICE, in whole tokens, sets it for your model REFERENCE; 0 ends the offer.
    """
    if price is None:
        with session.client() as client:
            found = client.meters.tariff(reference)
    else:
        with session.login() as client:
            found = client.meters.set_tariff(reference, price)
    columns = ["model", "price", "asset"]
    show_one(session, row_of(found), columns=columns, identity="price")


@click.command("open", cls=Command)
@click.argument("reference")
@click.argument("deposit")
@click.pass_obj
def open_meter(session: Session, reference: str, deposit: str) -> None:
    """Prepay calls of a model.

    DEPOSIT is in whole tokens. A fresh key for its vouchers is kept in your config
    folder. When the answer is lost, run it again: nothing is paid twice.
    """
    session.confirm(f"Put {deposit} into a meter for {reference}?")
    with session.login() as client:
        notes, request = pending(reference, deposit)
        meter = client.meters.open(
            reference, public_key=notes.public_key, deposit=deposit, key=request
        )
    notes.price = int(meter.price_units)
    notes.open(meter.id)
    show_one(session, row_of(meter), columns=SHOW, identity="id")


@click.command(cls=Command)
@click.argument("meter_id", metavar="ID")
@click.pass_obj
def show(session: Session, meter_id: str) -> None:
    """Show a meter and its lanes."""
    with session.login() as client:
        row = row_of(client.meters.show(meter_id))
    show_one(session, row, columns=[*SHOW, "lanes"], identity="id")


@click.command(cls=Command)
@click.argument("meter_id", metavar="ID")
@click.argument("amount")
@click.option("--key", help="Makes a repetition safe.")
@click.pass_obj
def add(session: Session, meter_id: str, amount: str, key: str | None) -> None:
    """Put more into a meter."""
    with session.login() as client:
        row = row_of(client.meters.add(meter_id, amount, key=key or uuid4().hex))
    show_one(session, row, columns=SHOW, identity="id")


@click.command(cls=Command)
@click.argument("meter_id", metavar="ID")
@click.argument("calls", type=click.IntRange(1, vouchers.MAX_CALLS))
@click.option(
    "--lane",
    type=click.IntRange(0, vouchers.MAX_LANES - 1),
    default=0,
    show_default=True,
    help="Machines that count at the same time take one each.",
)
@click.pass_obj
def sign(session: Session, meter_id: str, calls: int, lane: int) -> None:
    """Sign a voucher for further calls.

    It is for all CALLS of the lane so far: hand it to whoever serves them, in place
    of all earlier ones. Nothing is sent.
    """
    notes = kept(meter_id)
    voucher = vouchers.next_voucher(
        notes.meter, lane=lane, calls=calls, last=notes.last(lane)
    )
    signed = vouchers.sign_voucher(notes.seed, voucher)
    notes.remember(signed)
    _show_voucher(session, signed)


@click.command(cls=Command)
@click.argument("file", type=click.File("rb"))
@click.pass_obj
def redeem(session: Session, file: Any) -> None:
    """Have a voucher paid out.

    FILE holds the voucher as `meter sign` printed it with --json; - reads it from
    standard input. The same voucher pays once.
    """
    found = read_json(file.read())
    signed = vouchers.read_voucher(found)
    with session.login() as client:
        made = client.meters.redeem(dict(signed.to_json()))
    row = {"payment": made.payment, "amount": made.amount, "asset": made.asset}
    show_one(session, row, columns=["payment", "amount", "asset"], identity="payment")


@click.command(cls=Command)
@click.argument("meter_id", metavar="ID")
@click.pass_obj
def sync(session: Session, meter_id: str) -> None:
    """Catch up with what was redeemed.

    Fetches the price and every lane's newest voucher and keeps those that your key
    signed: so lost notes are made good, and nothing is signed twice.
    """
    with session.login() as client:
        meter = client.meters.show(meter_id)
    recovered(meter)
    show_one(session, row_of(meter), columns=[*SHOW, "lanes"], identity="id")


@click.command(cls=Command)
@click.argument("meter_id", metavar="ID")
@click.pass_obj
def close(session: Session, meter_id: str) -> None:
    """Ask for the rest of a deposit.

    Last vouchers are taken for a while yet; then what is left comes back.
    """
    session.confirm(f"Close the meter {meter_id}?")
    with session.login() as client:
        meter: Meter = client.meters.close(meter_id)
    show_one(session, row_of(meter), columns=SHOW, identity="id")


def _show_voucher(session: Session, signed: vouchers.SignedVoucher) -> None:
    show_one(session, signed.to_json(), columns=VOUCHER, identity="signature")
