"""Terms from a preset and a few choices, for whoever does not write tags by hand."""

from dataclasses import dataclass, replace
from decimal import Decimal

from assay.protocol.errors import Invalid
from assay.protocol.terms.grammar import parse_number
from assay.protocol.terms.model import Fee, Terms, for_fee, for_share
from assay.protocol.terms.presets import PRESETS, Preset
from assay.protocol.terms.vocabulary import Condition, Period


@dataclass(frozen=True, slots=True)
class Choices:
    """What may be changed of a preset; amounts are plain decimals, '' is unchanged."""

    fee: str = ""
    period: Period = Period.ONE_TIME
    share: str = ""
    currency: str = ""
    payment_address: str = ""
    expiry_years: int | None = None


def build(name: str, choices: Choices) -> Preset:
    """The preset of that name with its price, payee and end as chosen.

    Raises:
        Invalid: ``preset_unknown``, ``preset_choice`` when the preset has no such
            price, or ``terms_…`` for a value that cannot be.
    """
    if name not in PRESETS:
        raise Invalid(
            "preset_unknown",
            f"There is no preset {name[:40]!r}.",
            fix=f"Presets are {', '.join(PRESETS)}.",
            where="preset",
        )
    terms = PRESETS[name].terms
    if choices.fee:
        _require(name, terms, Condition.FEE, "fee")
        amount = _number(choices.fee, "fee")
        terms = replace(terms, commercial_use=for_fee(amount, choices.period))
    elif choices.period is not Period.ONE_TIME and terms.commercial_use.fee:
        fee: Fee = terms.commercial_use.fee
        terms = replace(terms, commercial_use=for_fee(fee.amount, choices.period))
    if choices.share:
        _require(name, terms, Condition.REVENUE_SHARE, "share")
        share = for_share(_number(choices.share, "share"))
        terms = replace(terms, commercial_use=share)
    terms = replace(
        terms,
        currency=choices.currency or None,
        payment_address=choices.payment_address or None,
        expiry_years=choices.expiry_years,
    )
    return Preset(name, terms)


def _require(name: str, terms: Terms, condition: Condition, where: str) -> None:
    if terms.commercial_use.condition is condition:
        return
    takers = [
        preset.name
        for preset in PRESETS.values()
        if preset.terms.commercial_use.condition is condition
    ]
    raise Invalid(
        "preset_choice",
        f"The preset {name} has no {where}.",
        fix=f"Leave the {where} out, or take {' or '.join(takers)}.",
        where=where,
    )


def _number(text: str, where: str) -> Decimal:
    try:
        return parse_number(text)
    except Invalid as refusal:
        raise Invalid(
            refusal.code, refusal.sentence, fix=refusal.fix, where=where
        ) from None
