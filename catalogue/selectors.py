"""Finding models, and what may be seen of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, QuerySet

from accounts.models import User
from assay.protocol.errors import Invalid, NotFound
from catalogue.models import Listing, Model, Parent
from common.paging import Page, keyset


@dataclass(frozen=True)
class Ancestor:
    """A model somewhere up the lineage."""

    model: Model
    percent: Decimal
    depth: int


ORDERS = {
    "newest": ("-published_at", "-model_id"),
    "score": ("-score", "-model_id"),
    "price": ("price", "-model_id"),
    "size": ("size", "-model_id"),
}


@dataclass(frozen=True)
class Wanted:
    """What is looked for; empty and None stand for anything.

    Attributes:
        query: words in names, owners and cards.
        uses: uses that the terms must allow: commercial, derivation, training.
        max_price: base units of commercial use up front; 0 is free of any fee.
        base: ``owner/name`` of the lineage's root.
        sort: one of ``ORDERS``; by score or price only those that have one are shown.
    """

    query: str = ""
    task: str = ""
    base: str = ""
    uses: tuple[str, ...] = ()
    max_price: int | None = None
    min_score: float | None = None
    max_size: int | None = None
    sort: str = "newest"


def published(
    *, wanted: Wanted | None = None, cursor: str | None = None, limit: int = 20
) -> Page[Model]:
    """Published models that fit, in the order that is wanted.

    Raises:
        Invalid: there is no such order or use.
    """
    wanted = wanted or Wanted()
    found = _fitting(wanted).select_related("model__owner")
    page = keyset(found, cursor=cursor, limit=limit, order=_order(wanted.sort))
    return Page([listing.model for listing in page.items], page.next_cursor)


def _order(sort: str) -> tuple[str, ...]:
    if sort not in ORDERS:
        raise Invalid(
            "sort_unknown",
            f"Models cannot be sorted by {sort!r}.",
            fix=f"Use one of: {', '.join(ORDERS)}.",
            where="sort",
        )
    return ORDERS[sort]


def _fitting(wanted: Wanted) -> QuerySet[Listing]:
    found = Listing.objects.all()
    for use in wanted.uses:
        if use not in {"commercial", "derivation", "training"}:
            raise Invalid("use_unknown", f"There is no use {use!r}.", where="use")
        found = found.filter(**{use: True})
    exact = {"task": wanted.task, "base": wanted.base}
    found = found.filter(**{name: value for name, value in exact.items() if value})
    bounds = {
        "price__lte": wanted.max_price,
        "score__gte": wanted.min_score,
        "size__lte": wanted.max_size,
    }
    found = found.filter(
        **{name: value for name, value in bounds.items() if value is not None}
    )
    if wanted.sort == "score":
        found = found.filter(score__isnull=False)
    if wanted.sort == "price" or wanted.max_price is not None:
        found = found.filter(commercial=True)
    if wanted.query:
        found = found.filter(
            Q(model__name__icontains=wanted.query)
            | Q(model__owner__username__icontains=wanted.query)
            | Q(model__card__icontains=wanted.query)
        )
    return found


def tasks() -> list[str]:
    """The task types that published models were scored on."""
    found = Listing.objects.exclude(task="").order_by("task")
    return list(found.values_list("task", flat=True).distinct())


def bases() -> list[str]:
    """The roots that published models descend from; a hundred at most."""
    found = Listing.objects.order_by("base").values_list("base", flat=True)
    return list(found.distinct()[:100])


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
