"""What a store does: blobs by digest, and files on their way in, part by part.

A store keeps bytes and nothing else. Who may see them, which parts a file has and
what is still referenced is decided above it, from the database.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO, Protocol


@dataclass(frozen=True, slots=True)
class Draft:
    """Bytes that were written and hashed, and do not yet lie under their digest."""

    sha256: str
    size: int
    place: str


@dataclass(frozen=True, slots=True)
class Staging:
    """Where the parts of one unfinished upload gather.

    Args:
        session: the store's own name for it; empty when it needs none, or has none yet.
        part_size: bytes in every part but the last.
        part_count: how many parts there will be.
    """

    upload: str
    session: str
    part_size: int
    part_count: int


@dataclass(frozen=True, slots=True)
class PartTarget:
    """An address that takes the bytes of one part without any credentials."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stored:
    """Something that lies in the store, for whoever looks for what nobody needs."""

    name: str
    changed_at: datetime
    session: str = ""


class Store(Protocol):
    """A folder or a bucket."""

    def open(self, sha256: str) -> BinaryIO:
        """A blob for reading; it can seek.

        Raises:
            NotFound: there is none.
        """
        ...

    def write(self, pieces: Iterable[bytes]) -> Draft:
        """Write bytes down and hash them on the way."""
        ...

    def publish(self, draft: Draft) -> None:
        """Put a draft under its digest, at once and whole; it may lie there already."""
        ...

    def discard(self, draft: Draft) -> None:
        """Drop a draft that was not published."""
        ...

    def delete(self, sha256: str) -> None:
        """Delete a blob, if there is one."""
        ...

    def download_url(self, sha256: str, *, name: str, seconds: int) -> str | None:
        """An address where anyone may fetch a blob for a while; None: only from us."""
        ...

    def begin(self, staging: Staging) -> str:
        """See that there is room for the parts of an upload; returns the session.

        Called again it changes nothing, unless the store lost what there was.
        """
        ...

    def target(
        self, staging: Staging, number: int, sha256: str, size: int, seconds: int
    ) -> PartTarget | None:
        """Where a part with this digest can be sent directly; None: only through us."""
        ...

    def put_part(
        self, staging: Staging, number: int, content: memoryview, sha256: str
    ) -> None:
        """Keep one part, in place of an earlier try.

        Raises:
            NotFound: the upload was finished or given up meanwhile.
            Unavailable: the store is full, or cannot be reached.
        """
        ...

    def parts(self, staging: Staging) -> dict[int, str]:
        """The SHA-256 of each part that lies here whole."""
        ...

    def save_torn(self, staging: Staging, number: int, content: memoryview) -> None:
        """Keep the beginning of a part whose rest was lost, if the store can.

        Nothing in place of it forgets what there was.
        """
        ...

    def torn(self, staging: Staging) -> dict[int, int]:
        """How many bytes of which unfinished parts lie here."""
        ...

    def read_torn(self, staging: Staging, number: int) -> bytes:
        """The beginning of an unfinished part; empty when there is none."""
        ...

    def joined(self, staging: Staging) -> AbstractContextManager[Draft]:
        """All parts as one draft, which no late part can change any more.

        The draft is hashed from what lies in the store. What the context leaves
        unpublished can be joined again.

        Raises:
            NotFound: the upload was finished or given up meanwhile.
        """
        ...

    def reread(self, draft: Draft) -> BinaryIO:
        """A draft, for reading once from its beginning."""
        ...

    def drop(self, staging: Staging) -> None:
        """Forget the parts of an upload that is finished or given up."""
        ...

    def blobs(self) -> Iterator[Stored]:
        """Every blob that lies here, by digest."""
        ...

    def stagings(self) -> Iterator[Stored]:
        """Every upload that has something lying here, by its id."""
        ...

    def sweep(self, before: datetime) -> int:
        """Drop drafts that were begun before this time; returns how many."""
        ...

    def check(self) -> None:
        """Write something and take it away again.

        Raises:
            Unavailable: the store takes nothing.
        """
        ...
