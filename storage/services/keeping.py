"""Keeping bytes: one row a blob, one file a row, and who has shown to have them."""

from collections.abc import Iterable
from typing import BinaryIO

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from assay.protocol.errors import Invalid
from storage import stores
from storage.blobs import chunks
from storage.models import Blob, Holding

MAX_STORED = 20 * 2**30


def store_bytes(*, owner: User | None, content: bytes) -> Blob:
    """Keep a small content; without an owner it is held by nobody but the server."""
    return _store(owner, [content])


def store_file(*, owner: User | None, file: BinaryIO) -> Blob:
    """Keep what a file holds, a mebibyte at a time."""
    return _store(owner, chunks(file, MAX_STORED))


def _store(owner: User | None, pieces: Iterable[bytes]) -> Blob:
    store = stores.current()
    draft = store.write(pieces)
    try:
        return keep(owner=owner, draft=draft)
    except BaseException:
        store.discard(draft)
        raise


def keep(*, owner: User | None, draft: stores.Draft) -> Blob:
    """Put a draft under its digest, and note who sent it.

    The row is locked first, and the file moved while it is: whoever collects garbage
    deletes a file under the same lock, so that it is either here before the file
    or not at all.
    """
    with transaction.atomic():
        blob = Blob(pk=draft.sha256, size=draft.size, touched_at=timezone.now())
        Blob.objects.bulk_create(
            [blob],
            update_conflicts=True,
            unique_fields=["sha256"],
            update_fields=["touched_at", "doomed_at"],
        )
        stores.current().publish(draft)
        if owner is not None:
            Holding.objects.get_or_create(blob=blob, user=owner)
    return blob


def held_blob(*, owner: User, sha256: str, where: str = "") -> Blob:
    """A blob that this person has shown to hold.

    Raises:
        Invalid: they never sent it.
    """
    holding = (
        Holding.objects.select_related("blob")
        .filter(blob_id=sha256, user=owner)
        .first()
    )
    if holding is None:
        raise Invalid(
            "blob_not_held",
            f"You have not uploaded a file with the SHA-256 {sha256}.",
            fix="Upload it first.",
            where=where,
        )
    return holding.blob
