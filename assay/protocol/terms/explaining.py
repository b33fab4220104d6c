"""Terms in plain English, one fact a sentence."""

from collections.abc import Mapping
from typing import Final

from assay.protocol.terms.grammar import number_text
from assay.protocol.terms.model import Fee, Grant, Terms, Window
from assay.protocol.terms.vocabulary import Condition, PaymentMode, Period, Right, Side

_VERBS: Final[Mapping[Right, str]] = {
    Right.DERIVATION: "You may change it and build on it",
    Right.COMMERCIAL_USE: "You may use it commercially",
    Right.TRAINING: "You may train models on it",
}
_DENIALS: Final[Mapping[Right, str]] = {
    Right.DERIVATION: "You may not change it or build on it",
    Right.COMMERCIAL_USE: "You may not use it commercially",
    Right.TRAINING: "You may not train models on it",
}
_CONDITIONS: Final[Mapping[Condition, str]] = {
    Condition.NONCOMMERCIAL: " for non-commercial purposes only",
    Condition.ALLOWED: " for free",
    Condition.CREDIT: " for free, if you credit its makers",
    Condition.INDICATION: " for free, if you say what you changed",
    Condition.PASSTHROUGH: (
        " for free, if you put what you make under the same licence"
    ),
}
_MODES: Final[Mapping[PaymentMode, str]] = {
    PaymentMode.ADDRESS: "",
    PaymentMode.RANDOM: "One holder, drawn at random by holding, is paid.",
    PaymentMode.GLOBAL: "All holders are paid, in proportion to what they hold.",
}


def explain(terms: Terms) -> list[str]:
    """What ``terms`` let a person do, in full sentences, most asked first."""
    if terms.version is None:
        return ["No licence that is known here is named, so nothing is granted."]
    return [
        f"The work is under the Universal Data License {terms.version}.",
        _access(terms),
        *(sentence for right in Right for sentence in _right(terms, right)),
        *_licence_fee(terms),
        *_limits(terms),
        *_payment(terms),
    ]


def _access(terms: Terms) -> str:
    if terms.access_fee is not None:
        return f"You may copy and display it for {_price(terms, terms.access_fee)}."
    if terms.restricted:
        return "Access is restricted, and no fee is named that opens it."
    return "Anyone may copy it, display it and make it public, for free."


def _right(terms: Terms, right: Right) -> list[str]:
    plain = f"{_grant(terms, right, terms.grant(right))}."
    windows = [
        f"{_when(window)}: {_lower(_grant(terms, right, window.grant))}."
        for window in terms.windows_of(right)
    ]
    return [plain, *windows]


def _grant(terms: Terms, right: Right, grant: Grant) -> str:
    if not grant.allowed:
        return _DENIALS[right]
    if grant.fee is not None:
        return f"{_VERBS[right]} for {_price(terms, grant.fee)}"
    if grant.share is not None:
        share = number_text(grant.share)
        return f"{_VERBS[right]} for {share} % of the revenue you make with it"
    owes_fee = right is Right.COMMERCIAL_USE and terms.licence_fee is not None
    condition = _CONDITIONS[grant.condition]
    return _VERBS[right] + (
        condition.replace(" for free", "") if owes_fee else condition
    )


def _licence_fee(terms: Terms) -> list[str]:
    allowed = any(grant.allowed for grant in terms.grants_of(Right.COMMERCIAL_USE))
    if terms.licence_fee is None or not allowed:
        return []
    return [f"Commercial use costs {_price(terms, terms.licence_fee)}."]


def _limits(terms: Terms) -> list[str]:
    sentences = []
    if terms.unknown_rights_excluded:
        sentences.append("Kinds of use that nobody knows yet are not included.")
    if terms.expiry_years is not None:
        years = _years(terms.expiry_years)
        sentences.append(f"These terms end {years} after they were granted.")
    return sentences


def _payment(terms: Terms) -> list[str]:
    grants = [grant for right in Right for grant in terms.grants_of(right)]
    owed = any(grant.fee or grant.share for grant in grants)
    if not (owed or terms.access_fee or terms.licence_fee):
        return []
    payee = terms.payment_address or "whoever published the work"
    sentences = [f"Payment goes to {payee}.", _MODES[terms.payment_mode]]
    return [sentence for sentence in sentences if sentence]


def _price(terms: Terms, fee: Fee) -> str:
    often = "once" if fee.period is Period.ONE_TIME else "every month"
    return f"{number_text(fee.amount)} {terms.currency or 'U'}, paid {often}"


def _when(window: Window) -> str:
    years = _years(window.key.years)
    if window.key.side is Side.AFTER:
        return f"From {years} after the terms were granted"
    return f"Until {years} after the terms were granted"


def _years(count: int) -> str:
    return "one year" if count == 1 else f"{count} years"


def _lower(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]
