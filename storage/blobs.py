"""Stored bytes as files: opened by digest, read in pieces, written and checked."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from storage import stores

CHUNK = 1 << 20


def open_blob(sha256: str) -> BinaryIO:
    """The blob, opened for reading.

    Raises:
        NotFound: no such blob is stored.
    """
    return stores.current().open(sha256)


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
