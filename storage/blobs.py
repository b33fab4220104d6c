"""The disk that holds blobs: written once, verified, moved into place by rename."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from assay.protocol.errors import Invalid, NotFound

CHUNK = 1 << 20


def path_of(sha256: str) -> Path:
    """Where a blob lies, whether or not it exists."""
    return Path(settings.STORAGE_PATH) / "blobs" / sha256[:2] / sha256


def open_blob(sha256: str) -> BinaryIO:
    """The blob, opened for reading.

    Raises:
        NotFound: no such blob is stored.
    """
    try:
        return path_of(sha256).open("rb")
    except FileNotFoundError as error:
        raise NotFound("blob_not_found", "There is no such file here.") from error


@dataclass(frozen=True)
class StoredFile:
    """A blob as random-access bytes, which inspection reads piece by piece."""

    sha256: str
    size: int

    def read(self, offset: int, length: int) -> bytes:
        """At most ``length`` bytes from ``offset``."""
        with open_blob(self.sha256) as file:
            file.seek(offset)
            return file.read(length)


def chunks(file: BinaryIO, length: int) -> Iterator[bytes]:
    """Up to ``length`` bytes of ``file``, a mebibyte at a time."""
    while length > 0 and (chunk := file.read(min(CHUNK, length))):
        length -= len(chunk)
        yield chunk


def write_blob(pieces: Iterable[bytes], sha256: str | None = None) -> tuple[str, int]:
    """Store bytes under their digest; returns digest and size.

    Args:
        sha256: what the digest must be; nothing is stored when it differs.

    Raises:
        Invalid: the bytes have another digest.
    """
    folder = Path(settings.STORAGE_PATH) / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    hasher, size = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
        try:
            for piece in pieces:
                hasher.update(piece)
                size += len(piece)
                file.write(piece)
            found = hasher.hexdigest()
            if sha256 is not None and found != sha256:
                raise Invalid(
                    "digest_mismatch",
                    f"The bytes that arrived have the SHA-256 {found}, not {sha256}.",
                    fix="Send the file again.",
                )
            file.flush()
            os.fsync(file.fileno())
            target = path_of(found)
            target.parent.mkdir(parents=True, exist_ok=True)
            Path(file.name).replace(target)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    return found, size


def part_path(upload_id: str, number: int) -> Path:
    """Where a part of an unfinished upload lies."""
    return Path(settings.STORAGE_PATH) / "uploads" / upload_id / str(number)


def write_part(upload_id: str, number: int, pieces: Iterable[bytes], size: int) -> str:
    """Store one part, replacing an earlier try; returns its digest.

    Raises:
        Invalid: it has another size; an earlier try stays as it was.
    """
    target = part_path(upload_id, number)
    target.parent.mkdir(parents=True, exist_ok=True)
    hasher, arrived = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as file:
        try:
            for piece in pieces:
                hasher.update(piece)
                arrived += len(piece)
                file.write(piece)
            if arrived != size:
                raise _part_length(number, arrived=arrived, size=size)
            file.flush()
            Path(file.name).replace(target)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    return hasher.hexdigest()


def _part_length(number: int, *, arrived: int, size: int) -> Invalid:
    found = f"{arrived} arrived" if arrived < size else "more arrived"
    return Invalid(
        "part_length_invalid",
        f"Part {number} has {size} bytes; {found}.",
        fix="Send the part again.",
    )


def read_parts(upload_id: str, count: int) -> Iterator[bytes]:
    """All parts of an upload, in order."""
    for number in range(1, count + 1):
        path = part_path(upload_id, number)
        with path.open("rb") as file:
            yield from chunks(file, path.stat().st_size)


def drop_parts(upload_id: str) -> None:
    """Forget the parts of an upload that is complete or given up."""
    shutil.rmtree(part_path(upload_id, 0).parent, ignore_errors=True)
