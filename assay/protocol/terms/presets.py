"""Sets of terms that most people want, to start from.

Prices and shares in them are examples: change them with ``dataclasses.replace``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from assay.protocol.terms.model import (
    ALLOWED,
    WITH_CREDIT,
    WITH_PASSTHROUGH,
    Terms,
    for_fee,
    for_share,
)


@dataclass(frozen=True, slots=True)
class Preset:
    """Named terms, with a title and one sentence for a form."""

    title: str
    summary: str
    terms: Terms


PRESETS: Final[Mapping[str, Preset]] = MappingProxyType(
    {
        "open": Preset(
            "Open use",
            "Everything is free: using, selling, changing and training.",
            Terms(derivation=ALLOWED, commercial_use=ALLOWED, training=ALLOWED),
        ),
        "credit": Preset(
            "Share with credit",
            "Everything is free for whoever credits the makers.",
            Terms(derivation=WITH_CREDIT, commercial_use=WITH_CREDIT, training=ALLOWED),
        ),
        "share-alike": Preset(
            "Share alike with revenue share",
            "Derivatives stay under the same licence; commercial use owes 10 % of "
            "its revenue.",
            Terms(derivation=WITH_PASSTHROUGH, commercial_use=for_share(Decimal(10))),
        ),
        "paid-commercial": Preset(
            "Paid commercial use",
            "Changing is free with credit; commercial use costs a fee, once.",
            Terms(derivation=WITH_CREDIT, commercial_use=for_fee(Decimal(100))),
        ),
        "research-only": Preset(
            "Research only",
            "Non-commercial derivation only: no commercial use, no training.",
            Terms(unknown_rights_excluded=True),
        ),
    }
)
