"""The same terms under another licence text, where that text can say them.

Another id is another legal text, so nothing here happens by itself: whoever holds the
rights asks for it. What the other text cannot say is refused, never dropped.
"""

from collections.abc import Iterator
from dataclasses import replace

from assay.protocol.errors import Invalid
from assay.protocol.terms.model import (
    ALLOWED,
    V01,
    VERSIONS,
    Fee,
    Terms,
)
from assay.protocol.terms.names import Tag, slot_name
from assay.protocol.terms.vocabulary import Condition, Right
from assay.protocol.terms.writing import write_tags

_FIRST_WORDS = {
    Right.DERIVATION: frozenset(
        {
            Condition.CREDIT,
            Condition.INDICATION,
            Condition.PASSTHROUGH,
            Condition.REVENUE_SHARE,
        }
    ),
    Right.COMMERCIAL_USE: frozenset({Condition.ALLOWED, Condition.CREDIT}),
    Right.TRAINING: frozenset[Condition](),
}


def restate(terms: Terms, licence: str) -> Terms:
    """The same answers under ``licence``, one of the UDL's texts.

    A fee for commercial use becomes 0.1's ``License-Fee``, which is the same fee.

    Raises:
        Invalid: ``terms_not_sayable``, with the tag that the text has no word for.
    """
    if licence not in VERSIONS or terms.version is None:
        raise _unsayable(Tag.LICENSE, "it is no text of the UDL")
    if VERSIONS[licence] != "0.1":
        return replace(terms, licence=licence)
    moved = _with_first_fee(terms)
    for tag in _beyond_first(moved):
        raise _unsayable(tag, "UDL 0.1 has no word for it")
    return replace(moved, licence=licence)


def write_first_version(terms: Terms) -> dict[str, str]:
    """The terms in UDL 0.1's own words; reading them gives ``restate(terms, V01)``.

    Raises:
        Invalid: ``terms_not_sayable``.
    """
    tags = write_tags(restate(terms, V01))
    if Tag.EXPIRY in tags:
        tags["Expires"] = tags.pop(Tag.EXPIRY)
    return tags


def _with_first_fee(terms: Terms) -> Terms:
    fee: Fee | None = terms.commercial_use.fee
    if fee is None or terms.windows_of(Right.COMMERCIAL_USE):
        return terms
    return replace(terms, commercial_use=ALLOWED, licence_fee=fee)


def _beyond_first(terms: Terms) -> Iterator[str]:
    if terms.restricted:
        yield Tag.ACCESS
    if terms.access_fee is not None:
        yield Tag.ACCESS_FEE
    for right in Right:
        grant = terms.grant(right)
        if grant.allowed and grant.condition not in _FIRST_WORDS[right]:
            yield right
    for window in terms.windows:
        if window.grant.condition not in _FIRST_WORDS[window.key.right]:
            yield slot_name(window.key)


def _unsayable(tag: str, reason: str) -> Invalid:
    return Invalid(
        "terms_not_sayable",
        f"{tag} cannot be said under that licence: {reason}.",
        fix="Keep the licence that the terms were granted under.",
        where=tag,
    )
