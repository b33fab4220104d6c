"""From terms to tags, in the one canonical spelling."""

from assay.protocol.terms.grammar import fee_text, grant_text, mode_text
from assay.protocol.terms.model import DENIED, Terms, default_derivation
from assay.protocol.terms.names import Tag, slot_name
from assay.protocol.terms.vocabulary import PaymentMode, Right


def write_tags(terms: Terms) -> dict[str, str]:
    """The tags that say ``terms``; ``read_tags`` of them gives ``terms`` back.

    Values are spelt as UDL 0.2 spells them. The licence id stays the one that was
    granted: writing never moves a work to another legal text. What equals the
    licence's default is left out.
    """
    tags = {
        Tag.LICENSE: terms.licence,
        Tag.ACCESS: "Restricted" if terms.restricted else "",
        Tag.ACCESS_FEE: fee_text(terms.access_fee) if terms.access_fee else "",
        **{Tag(right.value): _right_text(terms, right) for right in Right},
        Tag.LICENSE_FEE: fee_text(terms.licence_fee) if terms.licence_fee else "",
        Tag.UNKNOWN_RIGHTS: "Excluded" if terms.unknown_rights_excluded else "",
        Tag.EXPIRY: str(terms.expiry_years or ""),
        Tag.CURRENCY: terms.currency or "",
        Tag.PAYMENT_ADDRESS: terms.payment_address or "",
        Tag.PAYMENT_MODE: _mode_text(terms.payment_mode),
    }
    said = {tag.value: text for tag, text in tags.items() if text}
    windows = {slot_name(w.key): grant_text(w.grant) for w in terms.windows}
    return said | windows


def _right_text(terms: Terms, right: Right) -> str:
    default = default_derivation(terms.licence) if right is Right.DERIVATION else DENIED
    grant = terms.grant(right)
    return "" if grant == default else grant_text(grant)


def _mode_text(mode: PaymentMode) -> str:
    return "" if mode is PaymentMode.ADDRESS else mode_text(mode)
