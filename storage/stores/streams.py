"""Streams between our reading and S3's."""

import hashlib
import io
from collections.abc import Callable, Iterable
from typing import Any, BinaryIO, cast

BUFFER = 2**20


class HashedPieces(io.RawIOBase):
    """Pieces as a file to read once, hashed on the way."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._rest = memoryview(b"")
        self._hasher = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        """Of all that was read."""
        return self._hasher.hexdigest()

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, length: int = -1, /) -> bytes:
        """Exactly ``length`` bytes, unless it ends before."""
        wanted: float = length if length >= 0 else float("inf")
        found = bytearray()
        while len(found) < wanted:
            if not self._rest:
                self._rest = memoryview(next(self._pieces, b""))
                if not self._rest:
                    break
            taken = self._rest[: int(min(wanted - len(found), len(self._rest)))]
            self._rest = self._rest[len(taken) :]
            found += taken
        self._hasher.update(found)
        self.size += len(found)
        return bytes(found)


class RangedObject(io.RawIOBase):
    """An object of known size, whose body can be had from any offset on."""

    def __init__(self, body_from: Callable[[int], Any], size: int) -> None:
        self._body_from, self._size = body_from, size
        self._body: Any = None
        self._offset = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is; another offset is another request."""
        return True

    def tell(self) -> int:
        """The offset."""
        return self._offset

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to an offset; the request follows with the next read."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._offset, io.SEEK_END: self._size}
        target = max(0, base[whence] + offset)
        if target != self._offset:
            self._drop()
        self._offset = target
        return target

    def readinto(self, buffer: Any, /) -> int:
        """Some bytes at the offset."""
        if self._offset >= self._size:
            return 0
        if self._body is None:
            self._body = self._body_from(self._offset)
        piece = self._body.read(len(buffer))
        buffer[: len(piece)] = piece
        self._offset += len(piece)
        return len(piece)

    def close(self) -> None:
        """Give the connection back."""
        self._drop()
        super().close()

    def _drop(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None


def buffered(raw: io.RawIOBase) -> BinaryIO:
    """The same as a file with a buffer of a mebibyte."""
    return cast("BinaryIO", io.BufferedReader(raw, BUFFER))
