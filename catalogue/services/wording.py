"""Terms as they are kept here: canonical, and in the asset that is paid."""

from collections.abc import Mapping
from dataclasses import replace

from assay.protocol import terms as udl
from assay.protocol.errors import Invalid
from ledger.wallets import platform_asset


def canonical_terms(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags as canonical UDL v0.2, in the asset that is paid here.

    Raises:
        Invalid: they cannot be read without an error, or ask for another currency.
    """
    reading = udl.read_tags(tags)
    errors = [d for d in reading.diagnostics if d.severity == "error"]
    if errors:
        raise Invalid(
            "terms_invalid",
            " ".join(d.sentence for d in errors),
            fix="`assay terms check FILE` shows each tag.",
            where=errors[0].tag,
        )
    return udl.write_tags(_in_our_asset(reading.terms))


def _in_our_asset(terms: udl.Terms) -> udl.Terms:
    """Terms that name no currency mean the asset in which they are sold."""
    symbol = platform_asset().symbol
    if terms.currency not in {None, symbol}:
        raise Invalid(
            "terms_currency_foreign",
            f"These terms ask for {terms.currency}; royalties here are paid in "
            f"{symbol}.",
            fix=f"Set Currency to {symbol}, or leave it out.",
            where="Currency",
        )
    return replace(terms, currency=symbol)
