"""Where bytes lie: a folder or an S3 bucket, behind the same verbs; settings pick."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from storage.address import BucketAddress
from storage.stores.disk import Disk
from storage.stores.store import Draft, PartTarget, Staging, Store

__all__ = ["Disk", "Draft", "PartTarget", "Staging", "Store", "current"]


def current() -> Store:
    """The store that ``STORAGE_URL`` names."""
    address = settings.STORAGE_BUCKET
    return Disk(Path(settings.STORAGE_PATH)) if address is None else _bucket(address)


@lru_cache(maxsize=4)
def _bucket(address: BucketAddress) -> Store:
    # By name: boto3 is an extra of the installation, and takes half a second.
    try:
        made: Store = import_string("storage.stores.bucket.Bucket")(address)
    except ImportError as error:
        msg = f"STORAGE_URL names a bucket; install the extra s3, for {error.name}."
        raise ImproperlyConfigured(msg) from error
    return made
