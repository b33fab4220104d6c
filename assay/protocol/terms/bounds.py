"""What an amount, a number of years, an id or an address may look like."""

import re
from decimal import Decimal
from typing import Final

from assay.protocol.errors import Invalid

MAX_YEARS: Final = 9999
MAX_WHOLE_DIGITS: Final = 48
MAX_DECIMALS: Final = 30

_TRANSACTION = re.compile(r"[A-Za-z0-9_-]{43}")
_CURRENCY = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ADDRESS = re.compile(r"[A-Za-z0-9_:-]{1,128}")


def is_transaction(text: str) -> bool:
    """Whether ``text`` has the shape of a transaction id."""
    return _TRANSACTION.fullmatch(text) is not None


def is_currency(text: str) -> bool:
    """Whether ``text`` has the shape of a currency symbol or token id."""
    return _CURRENCY.fullmatch(text) is not None


def is_address(text: str) -> bool:
    """Whether ``text`` has the shape of an address on some chain."""
    return _ADDRESS.fullmatch(text) is not None


def check_years(years: int) -> None:
    """Raise Invalid ``terms_years`` unless 1 <= years <= MAX_YEARS."""
    if not 1 <= years <= MAX_YEARS:
        raise Invalid("terms_years", f"Years run from 1 to {MAX_YEARS}.")


def check_amount(amount: Decimal) -> None:
    """Raise Invalid ``terms_amount`` unless the amount is finite, positive, bounded."""
    if not amount.is_finite() or amount <= 0:
        raise Invalid("terms_amount", "An amount is a number greater than zero.")
    if amount.adjusted() >= MAX_WHOLE_DIGITS or _decimals(amount) > MAX_DECIMALS:
        raise Invalid(
            "terms_amount",
            f"An amount has at most {MAX_WHOLE_DIGITS} digits before the point "
            f"and {MAX_DECIMALS} after it.",
        )


def check_share(percent: Decimal) -> None:
    """Raise Invalid ``terms_share`` unless 0 < percent <= 100, with few decimals."""
    check_amount(percent)
    if percent > 100:
        raise Invalid("terms_share", "A revenue share is at most 100 percent.")


def _decimals(amount: Decimal) -> int:
    _, digits, exponent = amount.as_tuple()
    if not isinstance(exponent, int):  # only infinities and NaN have a letter here
        return 0
    text = "".join(map(str, digits))
    return -exponent - (len(text) - len(text.rstrip("0")))
