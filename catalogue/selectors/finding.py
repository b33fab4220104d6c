"""Finding models, and what may be seen of them."""

from django.db.models import Q

from accounts.models import User
from assay.protocol.errors import NotFound
from assay.protocol.lineage import EXTERNAL
from catalogue.models import ExternalModel, Model
from common.paging import Page, keyset


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
