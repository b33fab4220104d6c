"""Where bytes lie: a folder or an S3 bucket, behind the same verbs; settings pick."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from storage.address import BucketAddress
from storage.stores.bucket import Bucket
from storage.stores.disk import Disk
from storage.stores.store import Draft, PartTarget, Staging, Store

__all__ = ["Bucket", "Disk", "Draft", "PartTarget", "Staging", "Store", "current"]


def current() -> Store:
    """The store that ``STORAGE_URL`` names."""
    address = settings.STORAGE_BUCKET
    return Disk(Path(settings.STORAGE_PATH)) if address is None else _bucket(address)


@lru_cache(maxsize=4)
def _bucket(address: BucketAddress) -> Bucket:
    return Bucket(address)
