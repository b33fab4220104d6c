"""Amounts between base units inside and decimal strings on the wire."""

from decimal import Decimal

from api.schemas.common import Balance
from assay.protocol.errors import Invalid
from assay.protocol.money import format_amount, parse_amount
from ledger.selectors import Position
from ledger.wallets import platform_asset


def read_amount(text: str, *, where: str = "amount") -> int:
    """The base units that a caller's decimal string names.

    Raises:
        Invalid: it names none; ``where`` says which field it is.
    """
    try:
        return parse_amount(text, platform_asset())
    except Invalid as refusal:
        refusal.where = where
        raise


def shown(units: int) -> str:
    """Base units as a decimal string."""
    return format_amount(units, platform_asset())


def symbol() -> str:
    """The symbol of the asset in which amounts are meant."""
    return platform_asset().symbol


def balance(position: Position) -> Balance:
    """How an account in the platform's asset stands."""
    return Balance(
        asset=symbol(),
        total=shown(position.balance),
        held=shown(position.held),
        available=shown(position.available),
    )


def exact(number: Decimal) -> str:
    """A decimal without exponent and spare zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
