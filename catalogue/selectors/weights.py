"""Sketches, and what they show."""

from collections.abc import Collection, Iterable
from functools import lru_cache
from uuid import UUID

from django.db.models import Count

from assay.protocol.similarity import Sketch, unpack
from catalogue.models import Model, Resemblance, SketchKey, WeightSketch
from common.paging import Page, keyset
from storage.blobs import open_blob

MAX_CANDIDATES = 64


def sketch_of(model: Model) -> Sketch | None:
    """The model's sketch, once it is made."""
    row = WeightSketch.objects.filter(
        pk=model.pk, status=WeightSketch.Status.DONE
    ).first()
    return None if row is None or row.blob_id is None else _unpacked(row.blob_id)


@lru_cache(maxsize=32)
def _unpacked(sha256: str) -> Sketch:
    """Content-addressed, so that what was read once is right for ever."""
    with open_blob(sha256) as file:
        return unpack(file.read())


def resembling(model: Model, *, exclude: Collection[UUID] = ()) -> list[Model]:
    """Other people's models that share keys with this one, the most keys first.

    The cost grows with the models that share a key: by chance one in ten has one.
    """
    keys = SketchKey.objects.filter(sketch_id=model.pk).values("key")
    hits = (
        SketchKey.objects.filter(key__in=keys)
        .exclude(sketch_id=model.pk)
        .values("sketch_id")
        .annotate(shared=Count("key"))
        .order_by("-shared", "sketch_id")[: MAX_CANDIDATES + len(exclude)]
    )
    found = [hit["sketch_id"] for hit in hits if hit["sketch_id"] not in exclude]
    models = Model.objects.select_related("owner").in_bulk(found[:MAX_CANDIDATES])
    return [models[pk] for pk in found if pk in models]


def resemblances_of(model: Model) -> list[Resemblance]:
    """What a model looks derived from and does not declare, the strongest first."""
    return list(Resemblance.objects.filter(model=model).select_related("known__owner"))


def resemblances_by_model(models: Iterable[UUID]) -> dict[UUID, list[Resemblance]]:
    """The same for many models; one query for all of them."""
    found: dict[UUID, list[Resemblance]] = {}
    flags = Resemblance.objects.filter(model__in=list(models))
    for flag in flags.select_related("known__owner"):
        found.setdefault(flag.model_id, []).append(flag)
    return found


def weights_states(models: Iterable[UUID]) -> dict[UUID, str]:
    """How far the look at each model's weights is; one query for all of them."""
    rows = WeightSketch.objects.filter(pk__in=list(models))
    return dict(rows.values_list("pk", "status"))


def newest_resemblances(
    *, cursor: str | None = None, limit: int = 20
) -> Page[Resemblance]:
    """All flags, newest first, for those who look after the platform."""
    found = Resemblance.objects.select_related(
        "model__owner", "model__submission", "known__owner"
    )
    return keyset(found, cursor=cursor, limit=limit, order=["-created_at", "-id"])
