"""Collecting garbage, and nothing that anybody needs.

A blob goes in two steps. When no row has named it for long it is *doomed*: its
holdings go, so that nobody can name it any more without sending it again. An hour
later it is looked at once more under a lock on its row, which whoever keeps a blob
takes too (``keeping.keep``): either they come first, and it stays, or its bytes and
its row go, and they put theirs down afterwards.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q

from assay.protocol.errors import Refusal
from storage import stores
from storage.models import Blob, Holding, Upload
from storage.selectors import unreferenced
from storage.services.uploading import give_up
from storage.stores.store import Stored

log = structlog.get_logger(__name__)

# Longer than any request that read a holding before it was taken away.
GRACE = timedelta(hours=1)
# What the server made itself is named within the transaction that made it.
OWN_UNUSED = timedelta(days=1)
STRAY = timedelta(days=1)
BATCH = 500


@dataclass
class Collected:
    """What went, or would go."""

    uploads: int = 0
    stagings: int = 0
    drafts: int = 0
    doomed: int = 0
    deleted: int = 0
    strays: int = 0
    freed_bytes: int = 0


def collect_garbage(*, now: datetime, dry_run: bool = False) -> Collected:
    """Give up abandoned uploads, and delete what nobody needs.

    Every step can be repeated, and run while uploads come in.
    """
    found = Collected()
    _collect_uploads(found, now, dry_run=dry_run)
    _collect_stagings(found, now, dry_run=dry_run)
    if not dry_run:
        found.drafts = stores.current().sweep(now - STRAY)
    _doom(found, now, dry_run=dry_run)
    _delete_doomed(found, now, dry_run=dry_run)
    _delete_strays(found, now, dry_run=dry_run)
    return found


def _collect_uploads(found: Collected, now: datetime, *, dry_run: bool) -> None:
    lapsed = Upload.objects.filter(status=Upload.Status.OPEN, expires_at__lte=now)
    for upload in lapsed.iterator():
        found.uploads += 1
        if not dry_run:
            give_up(upload)


def _collect_stagings(found: Collected, now: datetime, *, dry_run: bool) -> None:
    """Parts that lie there for no open upload: a server died, or began in vain."""
    store = stores.current()
    for staging in store.stagings():
        if staging.changed_at >= now - STRAY or _is_open(staging):
            continue
        found.stagings += 1
        if not dry_run:
            store.drop(stores.Staging(staging.name, staging.session, 1, 1))


def _is_open(staging: Stored) -> bool:
    try:
        upload = UUID(staging.name)
    except ValueError:
        return False
    rows = Upload.objects.filter(pk=upload, status=Upload.Status.OPEN)
    if staging.session:
        rows = rows.filter(session__in=("", staging.session))
    return rows.exists()


def _doom(found: Collected, now: datetime, *, dry_run: bool) -> None:
    unused = now - timedelta(days=settings.KEEP_UNUSED_DAYS)
    held = Q(holdings__isnull=False, touched_at__lt=unused)
    own = Q(holdings__isnull=True, touched_at__lt=now - OWN_UNUSED)
    old = unreferenced().filter(held | own, doomed_at__isnull=True).distinct()
    if dry_run:
        for size in old.values_list("size", flat=True):
            found.doomed += 1
            found.freed_bytes += size
        return
    while names := list(old.values_list("pk", flat=True)[:BATCH]):
        if not (doomed := _doom_batch(names, now, unused)):
            return  # all of them were needed again meanwhile; the next run looks
        found.doomed += doomed


def _doom_batch(names: list[str], now: datetime, unused: datetime) -> int:
    with transaction.atomic():
        rows = Blob.objects.select_for_update().filter(
            pk__in=names, doomed_at__isnull=True, touched_at__lt=now - OWN_UNUSED
        )
        locked = {blob.pk: blob for blob in rows.order_by("pk")}
        free = set(
            unreferenced().filter(pk__in=list(locked)).values_list("pk", flat=True)
        )
        fresh = {name for name in free if locked[name].touched_at >= unused}
        free -= set(
            Holding.objects.filter(blob_id__in=fresh).values_list("blob_id", flat=True)
        )
        Holding.objects.filter(blob_id__in=free).delete()
        return Blob.objects.filter(pk__in=free).update(doomed_at=now)


def _delete_doomed(found: Collected, now: datetime, *, dry_run: bool) -> None:
    ready = Blob.objects.filter(doomed_at__lt=now - GRACE)
    for name in list(ready.values_list("pk", flat=True)):
        if dry_run:
            found.deleted += 1
            continue
        with suppress(Refusal), transaction.atomic():  # the next run tries it again
            blob = ready.select_for_update().filter(pk=name).first()
            if blob is None:
                continue
            if not unreferenced().filter(pk=name).exists():
                ready.filter(pk=name).update(doomed_at=None)
                continue
            stores.current().delete(name)
            blob.delete()
            found.deleted += 1
            found.freed_bytes += blob.size


def _delete_strays(found: Collected, now: datetime, *, dry_run: bool) -> None:
    """Bytes without a row: a transaction that moved them here never committed."""
    for names in _batches(stores.current().blobs(), now - STRAY):
        known = set(Blob.objects.filter(pk__in=names).values_list("pk", flat=True))
        for name in names - known:
            if dry_run or _delete_stray(name, now):
                found.strays += 1


def _delete_stray(name: str, now: datetime) -> bool:
    """Delete bytes under a row made for it, so that nobody keeps the same meanwhile."""
    try:
        with transaction.atomic():
            row = Blob.objects.create(pk=name, size=0, doomed_at=now)
            stores.current().delete(name)
            row.delete()
    except (IntegrityError, Refusal):
        return False
    log.info("storage.stray_deleted", sha256=name)
    return True


def _batches(stored: Iterator[Stored], before: datetime) -> Iterator[set[str]]:
    names: set[str] = set()
    for one in stored:
        if one.changed_at < before:
            names.add(one.name)
        if len(names) == BATCH:
            yield names
            names = set()
    if names:
        yield names
