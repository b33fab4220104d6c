"""How a model was made from a parent, and how that is written on one line."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from assay.protocol.errors import Invalid

# An external model is cited as ``ext:name``; handles hold no colon, so neither can
# be taken for the other.
EXTERNAL: Final = "ext:"


class Relation(StrEnum):
    """What was done to the parent."""

    ADAPTER = "adapter"
    FINE_TUNE = "fine_tune"
    MERGE = "merge"
    QUANTISED = "quantised"
    DISTILLED = "distilled"


@dataclass(frozen=True, slots=True)
class DeclaredParent:
    """A parent as its child's maker names it: ``owner/name`` or ``ext:name``."""

    reference: str
    relation: Relation | None = None

    @property
    def is_external(self) -> bool:
        """Whether it is no model of the catalogue."""
        return self.reference.startswith(EXTERNAL)


def declared_parent(text: str) -> DeclaredParent:
    """Read ``REFERENCE`` or ``REFERENCE:RELATION``.

    Raises:
        Invalid: ``relation_unknown``.
    """
    prefix = EXTERNAL if text.startswith(EXTERNAL) else ""
    reference, colon, word = text[len(prefix) :].partition(":")
    if not colon:
        return DeclaredParent(text)
    try:
        return DeclaredParent(prefix + reference, Relation(word))
    except ValueError as error:
        raise Invalid(
            "relation_unknown",
            f"There is no relation {word[:40]!r} to a parent.",
            fix=f"Use one of: {', '.join(Relation)}.",
            where="parents",
        ) from error
