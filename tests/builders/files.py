"""Where stored bytes lie on the disk of a test."""

from pathlib import Path

from django.conf import settings

from storage.stores.disk import Disk


def disk() -> Disk:
    """The disk of the settings."""
    return Disk(Path(settings.STORAGE_PATH))


def path_of(sha256: str) -> Path:
    """Where a blob lies, whether or not it exists."""
    return disk().path(sha256)
