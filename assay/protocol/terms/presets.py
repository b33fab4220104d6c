"""Sets of terms that most people want, to start from.

Prices and shares in them are examples: change them with ``dataclasses.replace``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from assay.protocol.terms.grammar import number_text
from assay.protocol.terms.model import (
    ALLOWED,
    WITH_CREDIT,
    WITH_PASSTHROUGH,
    Terms,
    for_fee,
    for_share,
)
from assay.protocol.terms.sentences import Language, say
from assay.protocol.terms.wording import price_words


@dataclass(frozen=True, slots=True)
class Preset:
    """Named terms, with what is said about them."""

    name: str
    terms: Terms

    def title(self, language: Language = Language.ENGLISH) -> str:
        """A few words, for a form."""
        return self._say("title", language)

    def summary(self, language: Language = Language.ENGLISH) -> str:
        """One sentence, for a form."""
        return self._say("summary", language)

    def clause(self, language: Language = Language.ENGLISH) -> str:
        """All that is granted, in one sentence for a contract."""
        return self._say("clause", language)

    def _say(self, part: str, language: Language) -> str:
        fee, share = self.terms.commercial_use.fee, self.terms.commercial_use.share
        return say(
            language,
            f"preset.{self.name}.{part}",
            price=price_words(language, self.terms, fee) if fee else "",
            share=number_text(share) if share else "",
        )


_TERMS: Final[Mapping[str, Terms]] = {
    "open": Terms(derivation=ALLOWED, commercial_use=ALLOWED, training=ALLOWED),
    "credit": Terms(
        derivation=WITH_CREDIT, commercial_use=WITH_CREDIT, training=ALLOWED
    ),
    "share-alike": Terms(
        derivation=WITH_PASSTHROUGH,
        commercial_use=for_share(Decimal(10)),
        unknown_rights_excluded=True,  # what is owed for selling is owed for them too
    ),
    "paid-commercial": Terms(
        derivation=WITH_CREDIT,
        commercial_use=for_fee(Decimal(100)),
        unknown_rights_excluded=True,
    ),
    "research-only": Terms(unknown_rights_excluded=True),
}
PRESETS: Final[Mapping[str, Preset]] = MappingProxyType(
    {name: Preset(name, terms) for name, terms in _TERMS.items()}
)
