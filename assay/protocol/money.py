"""Amounts of money as whole base units, read from and written for people."""

import re
from dataclasses import dataclass

from assay.protocol.errors import Invalid

MAX_UNITS = 10**48 - 1
"""The largest amount anywhere: 24 digits before and 24 after the point."""

_LONGEST_TEXT = 100  # far past MAX_UNITS; keeps hostile input out of int()
_PLAIN = re.compile(r"([0-9]+)(?:\.([0-9]+))?")
_AROUND = " \t\r\n"  # what copying adds; a wider space hides what was meant
_FIX = "Write digits with at most one point, such as 12.5."


@dataclass(frozen=True, slots=True)
class Asset:
    """A token or currency; one whole is ``10 ** decimals`` base units."""

    symbol: str
    decimals: int

    def __post_init__(self) -> None:
        if not 0 <= self.decimals <= 24:
            raise Invalid(
                "asset_decimals",
                f"{self.symbol} has {self.decimals} decimals; 0 to 24 are possible.",
            )


def parse_amount(text: str, asset: Asset) -> int:
    """Return the base units that ``text`` names, exactly.

    Plain spaces and line ends around it are dropped.

    Raises:
        Invalid: with a code ``amount_…`` for anything but plain digits with an
            optional point, for more decimals than the asset has, and for more
            than ``MAX_UNITS``.
    """
    text = text.strip(_AROUND)
    match = _PLAIN.fullmatch(text)
    if match is None:
        raise _unreadable(text)
    whole, decimals = match[1], match[2] or ""
    if len(decimals) > asset.decimals:
        raise Invalid(
            "amount_too_precise",
            f"{_shown(text)} has more decimals than {asset.symbol} has"
            f" ({asset.decimals}).",
            fix=f"Give at most {asset.decimals} digits after the point.",
        )
    if len(text) > _LONGEST_TEXT:
        raise _too_large(text, asset)
    units = int(whole + decimals.ljust(asset.decimals, "0"))
    if units > MAX_UNITS:
        raise _too_large(text, asset)
    return units


def format_amount(units: int, asset: Asset) -> str:
    """Write base units as a decimal without symbol, separators or spare zeros.

    ``parse_amount`` reads the same number back; a negative balance gets a minus.
    """
    whole, rest = divmod(abs(units), 10**asset.decimals)
    decimals = str(rest).rjust(asset.decimals, "0").rstrip("0") if rest else ""
    sign = "-" if units < 0 else ""
    return f"{sign}{whole}.{decimals}" if decimals else f"{sign}{whole}"


def _unreadable(text: str) -> Invalid:
    if not text:
        return Invalid("amount_empty", "The amount is empty.", fix=_FIX)
    if re.fullmatch(r"-[0-9.]+", text):
        return Invalid(
            "amount_negative",
            f"{_shown(text)} is negative; an amount never is.",
            fix="Give the amount without a minus.",
        )
    if re.fullmatch(r"[+-]?[0-9.]+[eE][+-]?[0-9]+", text):
        return Invalid(
            "amount_exponent", f"{_shown(text)} is written with an exponent.", fix=_FIX
        )
    if re.fullmatch(r"[0-9][0-9.,_' \u00a0\u202f]*", text):
        return Invalid(
            "amount_separators",
            f"{_shown(text)} has separators, which could mean two things.",
            fix=_FIX,
        )
    return Invalid("amount_not_a_number", f"{_shown(text)} is not an amount.", fix=_FIX)


def _too_large(text: str, asset: Asset) -> Invalid:
    limit = format_amount(MAX_UNITS, asset)
    return Invalid(
        "amount_too_large",
        f"{_shown(text)} {asset.symbol} is more than the limit of {limit}.",
    )


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:60]}…")
