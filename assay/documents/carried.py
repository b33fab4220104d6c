"""What was read out of a document; none of it is proven by the document itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from assay.protocol.errors import Invalid
from assay.protocol.terms import V02, VERSIONS, Terms, read_tags

NAMES = {"0.1": "udl-0.1", "0.2": "udl-0.2"}


@dataclass(frozen=True, slots=True)
class CarriedParent:
    """A parent that a document names; the digest is empty when it says none."""

    reference: str
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Carried:
    """Terms and origin as a document states them.

    Attributes:
        document: ``weights``, ``card``, ``bom`` or ``terms``.
        tags: UDL tags as they stand there; None when there are none.
        licence: an SPDX expression or Hub id, for what is not under the UDL.
        granted: the day on which the terms began, if it is said.
    """

    document: str
    tags: Mapping[str, str] | None = None
    licence: str = ""
    model: str = ""
    digest: str = ""
    page: str = ""
    granted: date | None = None
    parents: tuple[CarriedParent, ...] = ()


def licence_name(terms: Terms) -> str:
    """How a document names the licence of ``terms``: ``udl-0.2``."""
    return NAMES[VERSIONS.get(terms.licence, VERSIONS[V02])]


def check_sayable(tags: Mapping[str, str]) -> Terms:
    """The terms of a model whose documents are to be written.

    Raises:
        Invalid: ``terms_…`` when a tag is in error; such terms are not handed on.
    """
    return read_tags(tags).checked()


def day_of(text: object) -> date | None:
    """A day from its ISO text; None when it is not one."""
    try:
        return date.fromisoformat(str(text)[:10]) if text else None
    except ValueError:
        return None


def tags_of(found: object) -> dict[str, str] | None:
    """Tags out of a parsed document; None when there are none.

    Raises:
        Invalid: ``terms_not_text`` when one is no text.
    """
    if not isinstance(found, Mapping) or not found:
        return None
    for name, value in found.items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise Invalid(
                "terms_not_text",
                f"The tag {str(name)[:60]!r} does not hold a text.",
                where=str(name)[:60],
            )
    return dict(found)


def parents_of(found: object) -> tuple[CarriedParent, ...]:
    """Parents out of a parsed list; entries of another shape are left out."""
    if not isinstance(found, list):
        return ()
    return tuple(
        CarriedParent(entry["reference"], str(entry.get("digest", "")))
        for entry in found
        if isinstance(entry, Mapping) and isinstance(entry.get("reference"), str)
    )
