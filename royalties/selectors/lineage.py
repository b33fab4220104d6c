"""A model's lineage as it stands at a moment: what a payment is split by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import CharField
from django.db.models.functions import Cast

from assay.protocol import terms as udl
from assay.protocol.canonical import digest
from assay.protocol.payments import LineageModel
from assay.protocol.waterfall import Node
from catalogue.models import Contributor, Model, Parent
from catalogue.selectors import ancestors
from royalties.models import ShareTransfer

Shares = dict[str, int]


@dataclass(frozen=True)
class Lineage:
    """A model and its ancestors, with the ids of the people behind the handles."""

    models: tuple[LineageModel, ...]
    people: Mapping[str, UUID]


def lineage_of(model: Model, *, at: datetime) -> Lineage:
    """The model and its ancestors, in a fixed number of queries a generation.

    Shares are the original ones with the transfers that count at ``at``; original
    holders come first, the largest first, then later ones as they came.
    """
    models = [model, *(ancestor.model for ancestor in ancestors(model))]
    shares, people = _holders(models, at)
    parents = _parents_of(models)
    lineage = tuple(
        LineageModel(
            node=Node(
                model=str(one.pk),
                shares=tuple(shares[one.pk].items()),
                parents=parents[one.pk],
            ),
            reference=one.reference,
            terms_digest=digest(one.terms),
            random=_is_random(one.terms),
        )
        for one in models
    )
    return Lineage(lineage, people)


def is_drawn(model: Model) -> bool:
    """Whether a payment for it has somebody drawn, by its terms or an ancestor's."""
    return _is_random(model.terms) or any(
        _is_random(ancestor.model.terms) for ancestor in ancestors(model)
    )


def shares_of(models: Sequence[Model], *, at: datetime) -> dict[Any, Shares]:
    """Parts by handle of each model's holders at ``at``, by model id."""
    return _holders(models, at)[0]


def _holders(
    models: Sequence[Model], at: datetime
) -> tuple[dict[Any, Shares], dict[str, UUID]]:
    found: dict[Any, Shares] = {model.pk: {} for model in models}
    # As text, an id that stands in thousands of rows is not made thousands of times.
    known = {text: found[pk] for pk in found for text in (pk.hex, str(pk))}
    people: dict[str, UUID] = {}
    original = Contributor.objects.filter(model__in=list(found)).order_by(
        "-parts", "id"
    )
    named = original.annotate(of=Cast("model_id", CharField()))
    rows = named.values_list("of", "user__username", "user_id", "parts")
    for text, handle, user_id, parts in rows.iterator(chunk_size=5000):
        known[text][handle] = parts
        people[handle] = user_id
    moved = ShareTransfer.objects.filter(
        model__in=list(found),
        status=ShareTransfer.Status.ACCEPTED,
        from_moment__lte=at,
    )
    for one in moved.select_related("giver", "taker"):
        shares = found[one.model_id]
        giver, taker = one.giver.username, one.taker.username
        shares[giver] -= one.parts
        shares[taker] = shares.get(taker, 0) + one.parts
        people[taker] = one.taker_id
    held = {
        pk: {handle: parts for handle, parts in shares.items() if parts}
        for pk, shares in found.items()
    }
    return held, people


def _parents_of(models: Sequence[Model]) -> dict[Any, Any]:
    found: dict[Any, list[Any]] = {model.pk: [] for model in models}
    edges = Parent.objects.filter(child__in=list(found)).order_by("id")
    for edge in edges:
        percent = edge.revenue_percent.normalize()
        found[edge.child_id].append((str(edge.parent_id), percent))
    return {pk: tuple(parents) for pk, parents in found.items()}


def _is_random(tags: Mapping[str, str]) -> bool:
    return udl.read_tags(tags).terms.payment_mode is udl.PaymentMode.RANDOM
