"""Finding models, and what may be seen of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.db.models import Q

from accounts.models import User
from assay.documents import FileRecord, ModelRecord, ParentRecord
from assay.protocol.errors import NotFound
from catalogue.models import Model, Parent
from common.paging import Page, keyset


@dataclass(frozen=True)
class Ancestor:
    """A model somewhere up the lineage."""

    model: Model
    percent: Decimal
    depth: int


def published(
    *, query: str = "", cursor: str | None = None, limit: int = 20
) -> Page[Model]:
    """Published models, newest first."""
    models = Model.objects.filter(published_at__isnull=False).select_related("owner")
    if query:
        models = models.filter(
            Q(name__icontains=query)
            | Q(owner__username__icontains=query)
            | Q(card__icontains=query)
        )
    return keyset(models, cursor=cursor, limit=limit, order=["-published_at", "-id"])


def may_see(model: Model, viewer: User | None) -> bool:
    """Whether the viewer may know of this model, its terms and its files."""
    return model.published_at is not None or (
        viewer is not None and viewer.pk == model.owner_id
    )


def model_by_reference(*, reference: str, viewer: User | None) -> Model:
    """The model cited as ``owner/name``.

    Raises:
        NotFound: there is none that the viewer may see.
    """
    owner, _, name = reference.partition("/")
    model = (
        Model.objects.select_related("owner")
        .filter(owner__username=owner, name=name)
        .first()
    )
    if model is None or not may_see(model, viewer):
        raise NotFound(
            "model_not_found",
            f"There is no model {reference} that you may see.",
            fix="Models are cited as owner/name.",
        )
    return model


def model_record(model: Model) -> ModelRecord:
    """What a model's documents say of it; bounded queries.

    A parent's digest is told only when that parent is published.
    """
    edges = model.parents.select_related("parent__owner").order_by("id")
    return ModelRecord(
        reference=model.reference,
        digest=model.manifest_digest,
        kind=model.kind,
        architecture=model.architecture,
        page=f"{settings.PUBLIC_URL}/models/{model.reference}",
        terms=dict(model.terms),
        granted=model.created_at,
        parents=tuple(
            ParentRecord(
                reference=edge.parent.reference,
                digest=edge.parent.manifest_digest if edge.parent.published_at else "",
                percent=f"{edge.revenue_percent.normalize():f}",
            )
            for edge in edges
        ),
        files=tuple(
            FileRecord(file.path, file.blob.size, file.blob_id)
            for file in model.files.select_related("blob")
        ),
        card=model.card,
    )


def ancestors(model: Model) -> list[Ancestor]:
    """Every model up the lineage, nearest first; one query a generation."""
    found: dict[object, Ancestor] = {}
    generation, depth = [model.pk], 1
    while generation:
        edges = list(_edges(generation))
        new = [edge for edge in edges if edge.parent_id not in found]
        for edge in new:
            found[edge.parent_id] = Ancestor(edge.parent, edge.revenue_percent, depth)
        generation, depth = [edge.parent_id for edge in new], depth + 1
    return list(found.values())


def children(model: Model, viewer: User | None) -> list[Model]:
    """Models derived from this one that the viewer may see, newest first."""
    derived = Model.objects.filter(parents__parent=model).select_related("owner")
    return [
        child for child in derived.order_by("-created_at") if may_see(child, viewer)
    ]


def _edges(children: Iterable[object]) -> Iterable[Parent]:
    return (
        Parent.objects.filter(child__in=list(children))
        .select_related("parent__owner")
        .order_by("id")
    )
