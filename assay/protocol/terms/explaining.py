"""Terms in plain words, one fact a sentence."""

from assay.protocol.terms.model import Grant, Terms
from assay.protocol.terms.sentences import Language, say
from assay.protocol.terms.vocabulary import PaymentMode, Right
from assay.protocol.terms.wording import condition_words, price_words, years_words


def explain(
    terms: Terms, *, language: Language = Language.ENGLISH, payee: str = ""
) -> list[str]:
    """What ``terms`` let a person do, in full sentences, most asked first.

    Args:
        payee: who is paid, in words, where the seller does not go by the tags.
    """
    if terms.version is None:
        return [say(language, "whole.unknown")]
    return [
        say(language, "whole.version", version=terms.version),
        _access(terms, language),
        *(sentence for right in Right for sentence in _right(terms, right, language)),
        *_licence_fee(terms, language),
        *_limits(terms, language),
        *_payment(terms, language, payee),
    ]


def _access(terms: Terms, language: Language) -> str:
    if terms.access_fee is not None:
        price = price_words(language, terms, terms.access_fee)
        return say(language, "access.fee", price=price)
    return say(language, "access.closed" if terms.restricted else "access.free")


def _right(terms: Terms, right: Right, language: Language) -> list[str]:
    plain = _clause(terms, right, terms.grant(right), language)
    windows = [
        say(
            language,
            f"window.{window.key.side.value}",
            years=years_words(language, window.key.years),
            clause=_lower(_clause(terms, right, window.grant, language)),
        )
        for window in terms.windows_of(right)
    ]
    return [say(language, "stop", clause=plain), *windows]


def _clause(terms: Terms, right: Right, grant: Grant, language: Language) -> str:
    if not grant.allowed:
        return say(language, f"may-not.{right.value}")
    clause = say(language, f"may.{right.value}")
    return clause + condition_words(language, terms, right, grant)


def _licence_fee(terms: Terms, language: Language) -> list[str]:
    allowed = any(grant.allowed for grant in terms.grants_of(Right.COMMERCIAL_USE))
    if terms.licence_fee is None or not allowed:
        return []
    price = price_words(language, terms, terms.licence_fee)
    return [say(language, "licence-fee", price=price)]


def _limits(terms: Terms, language: Language) -> list[str]:
    sentences = []
    if terms.unknown_rights_excluded:
        sentences.append(say(language, "unknown.excluded"))
    if terms.expiry_years is not None:
        years = years_words(language, terms.expiry_years)
        sentences.append(say(language, "expiry", years=years))
    return sentences


def _payment(terms: Terms, language: Language, payee: str) -> list[str]:
    grants = [grant for right in Right for grant in terms.grants_of(right)]
    owed = any(grant.fee or grant.share for grant in grants)
    if not (owed or terms.access_fee or terms.licence_fee):
        return []
    payee = payee or terms.payment_address or say(language, "pay.signer")
    sentences = [say(language, "pay.to", payee=payee)]
    if terms.payment_mode is not PaymentMode.ADDRESS:
        sentences.append(say(language, f"pay.{terms.payment_mode.value}"))
    return sentences


def _lower(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]
