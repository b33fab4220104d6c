"""Tags beside the UDL that StreamVault writes: they may narrow terms, and never widen.

Source: the values that its writer knows. ``License-AI-Use`` is ``allow-train``,
``allow-generate`` or ``deny``; ``License-Fee-Unit`` is ``one-time``, ``per-month``,
``per-stream`` or ``per-download``; ``License-Attribution`` is ``required`` or
``optional``. What is said only there grants nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from assay.protocol.terms.diagnostics import quoted
from assay.protocol.terms.model import Grant, Terms, Window
from assay.protocol.terms.names import Tag
from assay.protocol.terms.sheet import Sheet
from assay.protocol.terms.vocabulary import Condition, Period, Right

NEIGHBOURS: Final = frozenset(
    {
        "license-uri",
        "license-use",
        "license-ai-use",
        "license-fee-unit",
        "license-fee-recipient",
        "license-attribution",
        "license-currency",
        "license-revshare-bps",
    }
)
_UNITS: Final[Mapping[str, Period]] = {
    "one-time": Period.ONE_TIME,
    "per-month": Period.MONTHLY,
}
_CREDITED: Final = Grant(Condition.CREDIT)
# Training has no way to say "with credit", so a demand for it closes training.
_UNDER_CREDIT: Final[Mapping[Right, Grant]] = {
    Right.DERIVATION: _CREDITED,
    Right.COMMERCIAL_USE: _CREDITED,
    Right.TRAINING: Grant(Condition.DENIED),
}

Beside = Sequence[tuple[str, str]]
"""Names and values of neighbours, as they were written."""


def narrow(terms: Terms, beside: Beside, sheet: Sheet) -> Terms:
    """``terms`` with what the neighbours take away; the rest goes on ``sheet``."""
    for name, value in beside:
        folded = name.lower()
        if folded == "license-ai-use" and value != "allow-train":
            _close(sheet, Tag.TRAINING, "denied_elsewhere", name, value)
        elif _disagrees(folded, value, terms):
            _close(sheet, _LIMITED[folded], "elsewhere", name, value)
        elif folded == "license-attribution" and value != "optional":
            terms = _credited(terms)
            sentence = f"{quoted(name)} asks for credit, so credit is owed."
            sheet.warn("credit_elsewhere", name, sentence, "Allowed-With-Credit")
        else:
            sheet.note(
                "not_a_licence_tag",
                name,
                f"{quoted(name)} is no licence tag; it has no effect.",
            )
    return terms


_LIMITED: Final[Mapping[str, Tag]] = {
    "license-fee-unit": Tag.LICENSE_FEE,
    "license-currency": Tag.CURRENCY,
    "license-fee-recipient": Tag.PAYMENT_ADDRESS,
}


def _disagrees(folded: str, value: str, terms: Terms) -> bool:
    if folded == "license-fee-unit":
        fee = terms.licence_fee
        return fee is not None and _UNITS.get(value) is not fee.period
    if folded == "license-currency":
        return value != (terms.currency or "U")
    return folded == "license-fee-recipient" and value != terms.payment_address


def _close(sheet: Sheet, tag: Tag, code: str, name: str, value: str) -> None:
    sentence = (
        f"{quoted(name)} says {quoted(value)}, which '{tag}' does not; what it limits "
        "is closed."
    )
    sheet.warn(code, name, sentence, f"{tag} = Disallowed")
    sheet.faults.add(tag)


def _credited(terms: Terms) -> Terms:
    return replace(
        terms,
        derivation=_with_credit(Right.DERIVATION, terms.derivation),
        commercial_use=_with_credit(Right.COMMERCIAL_USE, terms.commercial_use),
        training=_with_credit(Right.TRAINING, terms.training),
        windows=tuple(
            Window(window.key, _with_credit(window.key.right, window.grant))
            for window in terms.windows
        ),
    )


def _with_credit(right: Right, grant: Grant) -> Grant:
    return _UNDER_CREDIT[right] if grant.condition is Condition.ALLOWED else grant
