"""The facts that a published model is found by, read from its terms and lineage."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from assay.protocol import terms as udl
from assay.protocol.errors import Invalid
from assay.protocol.money import parse_amount
from catalogue.models import Listing, Model, Parent
from ledger.wallets import platform_asset

FINEST = Decimal("0.000001")


@dataclass(frozen=True)
class Scored:
    """What a competition found out: the task type, and the score on its final board."""

    task: str
    score: float | None


def enter(model: Model, *, scored: Scored | None, now: datetime) -> Listing:
    """Put a model that is published now into the catalogue."""
    return Listing.objects.create(
        model=model,
        published_at=now,
        size=model.size,
        base=_root(model),
        task=scored.task if scored else "",
        score=scored.score if scored else None,
        **terms_facts(model, now),
    )


def terms_facts(model: Model, now: datetime) -> dict[str, Any]:
    """What its terms allow on that day, and for what."""
    terms = udl.read_tags(model.terms).terms
    granted = model.created_at.date()

    def decided(use: udl.Use) -> udl.Decision:
        return udl.decide(terms, use, on=now.date(), granted=granted)

    commercial = decided(udl.Use.COMMERCIAL)
    share = commercial.revenue_share
    price = _units(commercial)
    return {
        "commercial": commercial.allowed and price is not None,
        "price": price or 0,
        "period": commercial.period or "",
        "share": None if share is None else share.quantize(FINEST),
        "derivation": decided(udl.Use.DERIVATION).allowed,
        "training": decided(udl.Use.TRAINING).allowed,
    }


def _units(decision: udl.Decision) -> int | None:
    if decision.price is None:
        return 0
    try:
        return parse_amount(f"{decision.price:f}", platform_asset())
    except Invalid:  # finer than the asset: it has no price that could be paid
        return None


def _root(model: Model) -> str:
    """The oldest ancestor by first-named parents, or the model itself."""
    found, seen = model, {model.pk}
    while True:
        edge = (
            Parent.objects.filter(child=found)
            .select_related("parent__owner")
            .order_by("id")
            .first()
        )
        if edge is None or edge.parent_id in seen:
            return found.reference
        found = edge.parent
        seen.add(found.pk)
