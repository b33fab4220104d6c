"""Prices, spans of years and conditions as pieces of sentences, in any language."""

from assay.protocol.terms.decision import Price
from assay.protocol.terms.grammar import number_text
from assay.protocol.terms.model import Fee, Grant, Terms
from assay.protocol.terms.sentences import Language, say
from assay.protocol.terms.vocabulary import Right

DEFAULT_CURRENCY = "U"


def price_words(language: Language, terms: Terms, fee: Fee | Price) -> str:
    """``fee`` with its currency and how often it is due."""
    return say(
        language,
        f"price.{fee.period.value}",
        amount=number_text(fee.amount),
        currency=terms.currency or DEFAULT_CURRENCY,
    )


def years_words(language: Language, count: int) -> str:
    """``count`` years."""
    return say(language, "years.one" if count == 1 else "years.many", count=count)


def condition_words(
    language: Language, terms: Terms, right: Right, grant: Grant
) -> str:
    """On which condition ``grant`` is given, to follow a clause; it is no denial."""
    if grant.fee is not None:
        return say(language, "on.fee", price=price_words(language, terms, grant.fee))
    if grant.share is not None:
        return say(language, "on.revenue-share", share=number_text(grant.share))
    owes_fee = right is Right.COMMERCIAL_USE and terms.licence_fee is not None
    return say(language, f"{'with' if owes_fee else 'on'}.{grant.condition.value}")
