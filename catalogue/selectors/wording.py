"""Terms in words, as they are carried out here."""

from collections.abc import Mapping

from assay.protocol.terms import explain, read_tags

PAYEE = "its contributors by their parts, after what its parents are owed"


def terms_in_words(tags: Mapping[str, str]) -> list[str]:
    """The terms as full sentences; the split pays, whatever address they name."""
    return explain(read_tags(tags).terms, payee=PAYEE)
