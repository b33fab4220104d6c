"""Finding models, and what may be seen of them."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts.models import User
from assay.protocol.errors import Invalid, NotFound
from assay.protocol.lineage import EXTERNAL
from catalogue.models import ExternalModel, Listing, Model
from common.paging import Page, keyset

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
        owner: the handle of whose they are.
        sort: one of ``ORDERS``; by score or price only those that have one are shown.
    """

    query: str = ""
    task: str = ""
    base: str = ""
    owner: str = ""
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
    exact = {
        "task": wanted.task,
        "base": wanted.base,
        "model__owner__username": wanted.owner,
    }
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


def visible_to(viewer: User | None) -> Q:
    """``may_see`` as a condition on models."""
    published = Q(published_at__isnull=False)
    return published if viewer is None else published | Q(owner=viewer.pk)


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


def external_by_reference(reference: str) -> ExternalModel:
    """The statement cited as ``ext:name``; everyone may see every statement.

    Raises:
        NotFound: there is none.
    """
    found = ExternalModel.objects.filter(name=reference.removeprefix(EXTERNAL)).first()
    if found is None:
        raise NotFound(
            "external_model_not_found",
            f"No model elsewhere is registered as {reference}.",
            fix="Register it: `assay model register-external`.",
            where="parents",
        )
    return found


def external_models(
    *, query: str = "", cursor: str | None = None, limit: int = 20
) -> Page[ExternalModel]:
    """Statements about models elsewhere, newest first."""
    found = ExternalModel.objects.select_related("registered_by")
    if query:
        found = found.filter(Q(name__icontains=query) | Q(source__icontains=query))
    return keyset(found, cursor=cursor, limit=limit, order=["-created_at", "-id"])
