"""The pages about what moved money, by the references of transfers."""

from collections.abc import Iterable
from uuid import UUID

from django.urls import reverse

from competitions.selectors import slugs_of

PAGES = {"licence": "licence", "pool": "pool"}
"""By kind of reference, the address that takes its id."""


def pages_of(references: Iterable[str]) -> dict[str, str]:
    """The address of each reference's page; those that have none are left out."""
    named = [reference.partition(":") for reference in set(references)]
    known = [(kind, key) for kind, _, key in named if _is_id(key)]
    slugs = slugs_of(key for kind, key in known if kind == "competition")
    competitions = {
        f"competition:{key}": reverse("competition", args=[slug])
        for key, slug in slugs.items()
    }
    others = {
        f"{kind}:{key}": reverse(PAGES[kind], args=[key])
        for kind, key in known
        if kind in PAGES
    }
    return competitions | others


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
