"""Sending what differs: which blobs a new file may copy from, and copying it.

A file may copy only from blobs that its sender could read anyway: those they hold, and
those that the caller says are open to them. So nothing about other bytes can be
learned here, not even whether they exist.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import astuple, dataclass
from typing import BinaryIO

from accounts.models import User
from assay.protocol import blocks
from assay.protocol.errors import Invalid
from storage.blobs import chunks, open_blob
from storage.models import Blob, BlockMap, Holding, Upload

LEAST_SIZE = 2**20
MOST_SIZE = 4 * 2**30
MOST_OWN = 4
MOST_COPIES = 20_000


@dataclass(frozen=True, slots=True)
class Copy:
    """``length`` bytes of the new file from ``at`` on are those of another blob."""

    at: int
    length: int
    source: str
    offset: int


class _BlobFile:
    """An open blob as the protocol reads files."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self.size = file, size

    def read(self, offset: int, length: int) -> bytes:
        """At most so many bytes from an offset."""
        self._file.seek(offset)
        return self._file.read(length)


def own_sources(owner: User) -> list[Blob]:
    """What somebody sent lately, which their next file may resemble."""
    held = Blob.objects.filter(
        holdings__user=owner, size__gte=LEAST_SIZE, size__lte=MOST_SIZE
    )
    return list(held.order_by("-touched_at")[:MOST_OWN])


def may_copy(owner: User, sha256: str, opened: Collection[str]) -> bool:
    """Whether somebody holds a blob, or it is among those open to them."""
    held = Holding.objects.filter(user=owner, blob_id=sha256)
    return sha256 in opened or held.exists()


def block_map(blob: Blob) -> bytes:
    """The digests of a blob's blocks, for whoever may read the blob."""
    known = BlockMap.objects.filter(blob=blob).first()
    if known is not None:
        return bytes(known.content)
    with open_blob(blob.pk) as file:
        content = blocks.packed(blocks.digests(_BlobFile(file, blob.size)))
    BlockMap.objects.get_or_create(blob=blob, defaults={"content": content})
    return content


def checked_recipe(
    *, owner: User, size: int, copies: Sequence[Copy], opened: Collection[str]
) -> list[tuple[int, int, str, int]]:
    """The copies as an upload keeps them.

    Raises:
        Invalid: they overlap, lie outside, or copy from what is not open to the owner.
    """
    if len(copies) > MOST_COPIES:
        raise _wrong(f"There are {len(copies)} copies; {MOST_COPIES} is the most.")
    sources = {copy.source for copy in copies}
    for source in sources:
        if not may_copy(owner, source, opened):
            raise Invalid(
                "source_not_open",
                f"You cannot copy from a file with the SHA-256 {source}.",
                fix="Send the bytes instead.",
                where="copies",
            )
    sizes = dict(Blob.objects.filter(pk__in=sources).values_list("pk", "size"))
    end = 0
    for copy in copies:
        if copy.at < end or copy.length < 1:
            raise _wrong("The copies overlap, or are not in order.")
        end = copy.at + copy.length
        if copy.offset + copy.length > sizes.get(copy.source, 0):
            raise _wrong("A copy goes beyond the end of its source.")
    if end > size:
        raise _wrong("A copy goes beyond the end of the file.")
    return [astuple(copy) for copy in copies]


def _wrong(sentence: str) -> Invalid:
    fix = "Send the file without copies."
    return Invalid("copies_invalid", sentence, fix=fix, where="copies")


def assembled(upload: Upload, sent: BinaryIO) -> Iterator[bytes]:
    """The file of an upload: what was sent, and between it what is copied."""
    end = 0
    with ExitStack() as opened:
        files: dict[str, BinaryIO] = {}
        for at, length, source, offset in upload.recipe:
            yield from chunks(sent, at - end)
            if source not in files:
                files[source] = opened.enter_context(open_blob(source))
            files[source].seek(offset)
            yield from chunks(files[source], length)
            end = at + length
        yield from chunks(sent, upload.size - end)
