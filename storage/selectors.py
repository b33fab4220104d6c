"""What is stored, by whom, and what still needs it."""

from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, QuerySet, Sum

from accounts.models import User
from storage.models import Blob, BlockMap, Holding, Upload


def used_bytes(user: User) -> int:
    """The bytes that count for a person: what they hold, and what is on its way."""
    held = Blob.objects.filter(holdings__user=user).aggregate(bytes=Sum("size"))
    coming = Upload.objects.filter(owner=user, status=Upload.Status.OPEN)
    sizes = (held["bytes"], coming.aggregate(bytes=Sum("size"))["bytes"])
    return sum(size or 0 for size in sizes)


def unreferenced() -> QuerySet[Blob]:
    """Blobs that no row of any app names; a holding or a map of it is no need.

    Asked of every foreign key there is, so that a new one is not forgotten.
    """
    blobs = Blob.objects.all()
    for key in keys_to_blobs():
        rows = key.model._default_manager.filter(  # noqa: SLF001 - Django's spelling
            **{key.name: OuterRef("pk")}
        )
        blobs = blobs.filter(~Exists(rows))
    return blobs


def keys_to_blobs() -> list[models.ForeignKey[Any, Any]]:
    """Every foreign key by which a blob is needed, those without a way back too."""
    # ``related_objects`` leaves out those with ``related_name="+"``.
    relations = Blob._meta.get_fields(include_hidden=True)  # noqa: SLF001
    return [
        relation.field
        for relation in relations
        if isinstance(relation, models.ManyToOneRel)
        and relation.related_model not in {Holding, BlockMap}
    ]
