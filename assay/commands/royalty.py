"""Income from royalties, and repeating anybody's payment."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import click

from assay.client.records import Payment
from assay.commands.moments import read_moment
from assay.commands.output import limit_option, row_of, show_list, show_one, some
from assay.commands.session import Session
from assay.commands.shape import Command
from assay.protocol import payments
from assay.protocol.errors import Conflict

LIST = ["at", "model", "amount", "asset", "status", "payer", "licensed_model", "use"]
TOTALS = ["name", "payments", "paid", "held", "asset"]
SHARE = ["id", "model", "giver", "taker", "parts", "from_moment", "status"]
SPLIT = ["payee", "model", "fraction", "amount"]


def _filters(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say which royalties are meant."""
    for name, text in (
        ("--until", "Before this moment, such as 2030-05-01T00:00:00Z."),
        ("--since", "From this moment on."),
        ("--payer", "Paid by this licensee."),
        ("--model", "For your share in this model, owner/name."),
    ):
        command = click.option(name, default="", help=text)(command)
    return command


@click.command("list", cls=Command)
@_filters
@limit_option
@click.pass_obj
def list_royalties(session: Session, /, limit: int, **words: str) -> None:
    """List what royalties brought you."""
    with session.login() as client:
        found = some(session, client.royalties.list(_only(words)), limit)
    rows = [row_of(one) for one in found]
    show_list(session, rows, columns=LIST, identity="payment")


@click.command(cls=Command)
@click.option(
    "--by",
    type=click.Choice(["model", "month", "payer"]),
    default="model",
    show_default=True,
    help="What to sum by.",
)
@_filters
@click.pass_obj
def totals(session: Session, /, by: str, **words: str) -> None:
    """Sum up what royalties brought you."""
    with session.login() as client:
        found = client.royalties.totals(by=by, only=_only(words))
    show_list(session, [row_of(one) for one in found], columns=TOTALS, identity="name")


@click.command(cls=Command)
@click.argument("payment_id", metavar="PAYMENT")
@click.pass_obj
def verify(session: Session, payment_id: str) -> None:
    """Recompute any payment from public data.

    Fetches its record, repeats the draw and the split here, and compares every part
    with what was paid. Exits with 3 when anything differs.
    """
    with session.client() as client:
        payment = client.royalties.payment(payment_id)
    rows = check_payment(payment)
    show_list(session, rows, columns=SPLIT, identity="payee")
    session.say(
        f"Recomputed: {len(rows)} parts and the fee of {payment.fee} sum to "
        f"{payment.record['amount']} base units, to the last one as paid."
    )


def check_payment(payment: Payment) -> list[dict[str, Any]]:
    """The parts as recomputed here.

    Raises:
        Conflict: ``payment_differs``.
        Invalid: the record is none.
    """
    record = payments.read_record(payment.record)
    settled = payments.settle(record)
    rows = [
        {
            "payee": due.payee,
            "model": due.model,
            "fraction": f"{due.fraction.numerator}/{due.fraction.denominator}",
            "amount": str(part.amount),
        }
        for due, part in zip(settled.entitlements, settled.parts, strict=True)
    ]
    digest = record.digest()
    checks = {
        "the parts": sorted(map(str, rows)) == sorted(map(str, payment.parts)),
        "the fee": str(settled.fee) == payment.fee,
        "the record's digest": digest == payment.record_digest,
        "the digest in the ledger": digest in payment.transfer_memo,
        "the payment's id": record.payment == payment.payment,
    }
    wrong = [name for name, holds in checks.items() if not holds]
    if wrong:
        raise Conflict(
            "payment_differs",
            f"Recomputed, these differ from what is published: {', '.join(wrong)}.",
            fix="Report it: the platform paid otherwise than its rules say.",
        )
    return rows


@click.command(cls=Command)
@click.argument("reference")
@click.argument("taker")
@click.argument("parts", type=click.IntRange(1, 10**9))
@click.option("--from", "start", default="", help="From this moment on; now if empty.")
@click.pass_obj
def give(session: Session, reference: str, taker: str, parts: int, start: str) -> None:
    """Offer parts of your share to somebody.

    REFERENCE is the model's owner/name. They count for TAKER once accepted.
    """
    session.confirm(f"Offer {parts} parts of {reference} to {taker}?")
    with session.login() as client:
        made = client.royalties.offer(
            reference, taker=taker, parts=parts, from_moment=_moment(start) or None
        )
    show_one(session, row_of(made), columns=SHARE, identity="id")


@click.command(cls=Command)
@click.pass_obj
def offers(session: Session) -> None:
    """List offers of shares that wait."""
    with session.login() as client:
        rows = [row_of(one) for one in client.royalties.offers()]
    show_list(session, rows, columns=SHARE, identity="id")


@click.command(cls=Command)
@click.argument("offer_id", metavar="ID")
@click.pass_obj
def take(session: Session, offer_id: str) -> None:
    """Accept a share that is offered to you."""
    with session.login() as client:
        row = row_of(client.royalties.decide(offer_id, "accept"))
    show_one(session, row, columns=SHARE, identity="id")


@click.command(cls=Command)
@click.argument("offer_id", metavar="ID")
@click.pass_obj
def decline(session: Session, offer_id: str) -> None:
    """Decline an offer, or take yours back."""
    with session.login() as client:
        row = row_of(client.royalties.decide(offer_id, "withdraw"))
    show_one(session, row, columns=SHARE, identity="id")


def _only(words: dict[str, str]) -> dict[str, str]:
    moments = {name: _moment(words[name]) for name in ("since", "until")}
    return {**words, **moments}


def _moment(text: str) -> str:
    if not text:
        return ""
    return read_moment(text, now=datetime.now(UTC), where="moment").isoformat()
