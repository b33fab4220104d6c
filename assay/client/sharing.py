"""What of a file the server has already, in files that its sender may read."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from assay.client.transport import Transport
from assay.protocol import blocks
from assay.protocol.errors import Refusal

LEAST_SIZE = 4 * 2**20
"""Bytes; below, asking takes longer than sending."""
LEAST_SAVED = 2**20
MOST_COPIES = 20_000


@dataclass(frozen=True, slots=True)
class Copy:
    """``length`` bytes of the file from ``at`` on, in ``source`` from ``offset`` on."""

    at: int
    length: int
    source: str
    offset: int


class Sharing:
    """Finds what need not be sent. Block maps are fetched once for all files."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._maps: dict[str, dict[bytes, tuple[int, int]]] = {}

    def copies(self, path: Path, size: int) -> list[dict[str, Any]]:
        """The copies that spare sending; none when that is not worth it.

        A server that cannot say what it has is sent everything.
        """
        if size < LEAST_SIZE:
            return []
        try:
            sources = self._transport.get("/api/upload-sources")
            likely = [s["sha256"] for s in sources if size / 4 <= s["size"] <= size * 4]
            known = {sha256: self._map(sha256) for sha256 in likely}
        except Refusal:
            return []
        if not known:
            return []
        with path.open("rb") as file:
            found = list(joined(_shared(_LocalFile(file, size), known)))
        spared = sum(copy.length for copy in found)
        if spared < LEAST_SAVED or len(found) > MOST_COPIES:
            return []
        return [asdict(copy) for copy in found]

    def _map(self, sha256: str) -> dict[bytes, tuple[int, int]]:
        if sha256 not in self._maps:
            content = self._transport.content(
                f"/api/upload-sources/blocks?sha256={sha256}"
            )
            self._maps[sha256] = {
                digest: (span.offset, span.length)
                for span, digest in blocks.unpacked(content)
            }
        return self._maps[sha256]


class _LocalFile:
    """An open file as the protocol reads files."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self.size = file, size

    def read(self, offset: int, length: int) -> bytes:
        """At most so many bytes from an offset."""
        self._file.seek(offset)
        return self._file.read(length)


def _shared(
    file: _LocalFile, known: dict[str, dict[bytes, tuple[int, int]]]
) -> Iterator[Copy]:
    """The blocks that some source has, in the order of the file."""
    for span, digest in blocks.digests(file):
        for source, found in known.items():
            offset, length = found.get(digest, (0, -1))
            if length == span.length:
                yield Copy(span.offset, span.length, source, offset)
                break


def joined(copies: Iterator[Copy]) -> Iterator[Copy]:
    """The same with fewer: what follows on both sides is one copy."""
    last: Copy | None = None
    for copy in copies:
        if last is not None and _follows(last, copy):
            last = Copy(last.at, last.length + copy.length, last.source, last.offset)
            continue
        if last is not None:
            yield last
        last = copy
    if last is not None:
        yield last


def _follows(last: Copy, copy: Copy) -> bool:
    return (
        copy.source == last.source
        and copy.at == last.at + last.length
        and copy.offset == last.offset + last.length
    )
