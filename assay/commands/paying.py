"""Asking before an entry costs something."""

from dataclasses import replace

from assay.client import Client
from assay.client.records import Entry, Price, Submission
from assay.commands.session import Session
from assay.commands.texts import printable
from assay.protocol.errors import PaymentRequired


def agree(session: Session, client: Client, slug: str, *, pay: bool) -> bool:
    """Say what an entry costs before anything is sent, and ask who has to pay.

    Returns:
        Whether the caller agrees to pay; where nobody asks that of them, ``pay``.

    Raises:
        Abort: the answer is no.
        Invalid: there is nobody to ask.
    """
    price = client.submissions.price(slug)
    if price.payer == "pool":
        title = printable(price.pool_title)
        session.say(f"{_costs(price)} The pool “{title}” pays it for you.")
    if price.payer != "you":
        return pay
    said = f"{_costs(price)} You have {price.available} {price.asset}."
    if pay:
        session.say(said)
        return True
    session.confirm(f"{said} Pay it from your wallet?")
    return True


def submit_paid(
    session: Session, client: Client, slug: str, entry: Entry, *, pay: bool
) -> Submission:
    """Enter it; ask once more when the pool that was to pay has run out meanwhile."""
    try:
        return client.submissions.submit(slug, replace(entry, pay=pay))
    except PaymentRequired as refusal:
        session.confirm(f"{refusal.sentence} Pay it from your wallet?")
        return client.submissions.submit(slug, replace(entry, pay=True))


def _costs(price: Price) -> str:
    return (
        f"An entry costs a fee of {price.fee} and a deposit of {price.deposit} "
        f"{price.asset}, which comes back when it reaches the baseline."
    )
