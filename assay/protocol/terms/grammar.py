"""The grammar of tag values, both ways: text to value, and value to canonical text.

Reads UDL 0.1 and 0.2, and the Studio dialect, which swaps the words and always writes
an amount (``Allowed-With-One-Time-Fee-0.01``, ``Allowed-With-Credit-0``).
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from assay.protocol.errors import Invalid
from assay.protocol.terms.bounds import (
    MAX_YEARS,
    is_address,
    is_currency,
    is_transaction,
)
from assay.protocol.terms.diagnostics import quoted
from assay.protocol.terms.model import (
    ALLOWED,
    CONDITIONS,
    DENIED,
    WITH_CREDIT,
    WITH_INDICATION,
    WITH_PASSTHROUGH,
    Fee,
    Grant,
    for_fee,
    for_share,
)
from assay.protocol.terms.vocabulary import PaymentMode, Period, Right

_NUMBER = r"(?P<number>(?:0|[1-9][0-9]*)(?:\.[0-9]+)?)"
_FEE = re.compile(rf"(?P<period>One-Time|Monthly)-{_NUMBER}")
_GRANT_FEE = re.compile(rf"Allowed-With-Fee-(?P<period>One-Time|Monthly)-{_NUMBER}")
_STUDIO_FEE = re.compile(rf"Allowed-With-(?P<period>One-Time|Monthly)-Fee-{_NUMBER}")
_SHARE = re.compile(rf"Allowed-With-RevenueShare-{_NUMBER}%")
_STUDIO_SHARE = re.compile(rf"Allowed-With-Revenue-Share-{_NUMBER}")
_WINDOW_VALUE = re.compile(r"(?:Before|After)-[0-9]+-Years?-.*", re.DOTALL)
_YEARS = re.compile(r"[1-9][0-9]{0,3}")
_MAX_TEXT = 200

_PERIODS: Final[Mapping[str, Period]] = {
    "One-Time": Period.ONE_TIME,
    "Monthly": Period.MONTHLY,
}
_PERIOD_WORDS: Final = {period: word for word, period in _PERIODS.items()}
_PLAIN_GRANTS: Final[Mapping[str, Grant]] = {
    "Allowed": ALLOWED,
    "Allowed-With-Credit": WITH_CREDIT,
    "Allowed-With-Indication": WITH_INDICATION,
    "Allowed-With-License-Passthrough": WITH_PASSTHROUGH,
    "Disallowed": DENIED,
}
_STUDIO_GRANTS: Final[Mapping[str, Grant]] = {
    "Allowed-With-Credit-0": WITH_CREDIT,
    "Allowed-With-Indication-0": WITH_INDICATION,
    "Allowed-With-License-Passthrough-0": WITH_PASSTHROUGH,
    "None": DENIED,
}
_GRANT_WORDS: Final = {grant.condition: word for word, grant in _PLAIN_GRANTS.items()}
_MODES: Final[Mapping[str, PaymentMode]] = {
    "random-distribution": PaymentMode.RANDOM,
    "global-distribution": PaymentMode.GLOBAL,
    "random": PaymentMode.RANDOM,
    "global": PaymentMode.GLOBAL,
    "single": PaymentMode.ADDRESS,
}
_CURRENCY_NAMES: Final = {"Arweave": "AR"}


class UnreadableError(Exception):
    """A value outside the grammar; carries a diagnostic's code and sentence."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


def parse_licence(text: str) -> str:
    """The licence's transaction id."""
    if not is_transaction(text):
        raise _unknown(text, "the id of a licence: 43 letters, digits, '-' and '_'")
    return text


def parse_access(text: str) -> bool:
    """True when access is restricted; one reader compares this in upper case."""
    if text.lower() not in {"restricted", "public"}:
        raise _unknown(text, "'Restricted' or 'Public'")
    return text.lower() == "restricted"


def parse_fee(text: str) -> Fee | None:
    """A fee outside a grant; None for the Studio dialect's ``None``."""
    if text == "None":
        return None
    found = _FEE.fullmatch(_bounded(text))
    if found is None:
        raise _unknown(text, "'One-Time-<amount>' or 'Monthly-<amount>'")
    return _fee(found)


def parse_grant(text: str, right: Right) -> Grant:
    """What ``text`` grants of ``right``."""
    grant = _any_grant(_bounded(text))
    if grant is None and _WINDOW_VALUE.fullmatch(text):
        raise UnreadableError(
            "window_as_value",
            f"{quoted(text)} is a time window written as a value; a window belongs "
            f"into the tag's name, as in 'After-2-Years-{right}'.",
        )
    if grant is None or grant.condition not in CONDITIONS[right]:
        raise _unknown(text, f"a value that {right} knows, such as 'Allowed'")
    return grant


def parse_unknown_rights(text: str) -> bool:
    """True when unknown rights are excluded."""
    if text != "Excluded":
        raise _unknown(text, "'Excluded'")
    return True


def parse_years(text: str) -> int:
    """A number of years from 1 to MAX_YEARS."""
    if _YEARS.fullmatch(text) is None:
        raise _unknown(text, f"a whole number of years from 1 to {MAX_YEARS}")
    return int(text)


def parse_currency(text: str) -> str:
    """A symbol or token id; ``Arweave`` is another word for AR."""
    if not is_currency(text):
        raise _unknown(text, "a symbol such as 'AR' or a token id")
    return _CURRENCY_NAMES.get(text, text)


def parse_address(text: str) -> str:
    """An address on the currency's chain."""
    if not is_address(text):
        raise _unknown(text, "an address")
    return text


def parse_mode(text: str) -> PaymentMode:
    """Who among the holders is paid; one reader compares this in upper case."""
    if text.lower() not in _MODES:
        raise _unknown(text, "'Random-Distribution' or 'Global-Distribution'")
    return _MODES[text.lower()]


def parse_number(text: str) -> Decimal:
    """A plain decimal, exactly, as amounts and shares are written.

    Raises:
        Invalid: ``terms_amount``.
    """
    if len(text) > _MAX_TEXT or re.fullmatch(_NUMBER, text) is None:
        raise Invalid(
            "terms_amount",
            f"{quoted(text)} is no amount.",
            fix="Write digits with at most one point, such as 12.5.",
        )
    return Decimal(text)


def mode_text(mode: PaymentMode) -> str:
    """Canonical text of a mode; Studio's word where UDL has none."""
    if mode is PaymentMode.ADDRESS:
        return "Single"
    return f"{mode.value.capitalize()}-Distribution"


def number_text(number: Decimal) -> str:
    """``number`` in full, with no exponent and no trailing zeros."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def fee_text(fee: Fee) -> str:
    """Canonical text of a fee outside a grant."""
    return f"{_PERIOD_WORDS[fee.period]}-{number_text(fee.amount)}"


def grant_text(grant: Grant) -> str:
    """Canonical UDL 0.2 text; a denial is ``Disallowed``, Studio's word for it."""
    if grant.fee is not None:
        return f"Allowed-With-Fee-{fee_text(grant.fee)}"
    if grant.share is not None:
        return f"Allowed-With-RevenueShare-{number_text(grant.share)}%"
    if grant.condition not in _GRANT_WORDS:
        raise Invalid("terms_grant", f"No tag can say {grant.condition}.")
    return _GRANT_WORDS[grant.condition]


def _any_grant(text: str) -> Grant | None:
    if text in _PLAIN_GRANTS:
        return _PLAIN_GRANTS[text]
    if text in _STUDIO_GRANTS:
        return _STUDIO_GRANTS[text]
    if fee := _GRANT_FEE.fullmatch(text) or _STUDIO_FEE.fullmatch(text):
        priced = _fee(fee)
        return for_fee(priced.amount, priced.period)
    if share := _SHARE.fullmatch(text) or _STUDIO_SHARE.fullmatch(text):
        return _share(share)
    return None


def _fee(found: re.Match[str]) -> Fee:
    try:
        return Fee(Decimal(found["number"]), _PERIODS[found["period"]])
    except Invalid as refusal:
        raise UnreadableError("amount", refusal.sentence) from refusal


def _share(found: re.Match[str]) -> Grant:
    try:
        return for_share(Decimal(found["number"]))
    except Invalid as refusal:
        raise UnreadableError("amount", refusal.sentence) from refusal


def _bounded(text: str) -> str:
    if len(text) > _MAX_TEXT:
        raise _unknown(text, f"at most {_MAX_TEXT} characters long")
    return text


def _unknown(text: str, expected: str) -> UnreadableError:
    return UnreadableError("value", f"{quoted(text)} is not {expected}.")
