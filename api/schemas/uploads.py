"""Files on their way in, part by part."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.schemas.common import Answer, Count, Digest, Moment, RequestBody


class CopyBody(RequestBody):
    """`length` bytes of the file from `at` on are those of `source` at `offset`."""

    at: Count
    length: Count
    source: Digest
    offset: Count


class UploadBody(RequestBody):
    """The file that is to be sent, and what of it other files have.

    Only files that you may read can be copied from: see `list_sources`.
    """

    sha256: Digest
    size: Count
    copies: Annotated[list[CopyBody], Field(max_length=20_000)] = []


class CopyAnswer(Answer):
    """As it was said when the upload began."""

    at: int
    length: int
    source: str
    offset: int


class SourceAnswer(Answer):
    """A file that a new one may copy from."""

    sha256: str
    size: int


class HeldAnswer(Answer):
    """The caller holds these bytes already; nothing need be sent."""

    held: bool = True


class TornPart(Answer):
    """A part of which only the first bytes arrived."""

    number: int
    bytes: int


class UploadAnswer(Answer):
    """An upload under way.

    What is sent are the `coming` bytes that `copies` leave out, one after another. Its
    parts count from 1; all but the last have `part_size`.
    """

    held: bool = False
    upload: UUID
    sha256: str
    size: int
    coming: int
    copies: list[CopyAnswer]
    part_size: int
    part_count: int
    received: list[int]
    torn: list[TornPart]
    expires_at: Moment


class WantedPart(RequestBody):
    """A part that is about to be sent, with the digest of its bytes."""

    number: Count
    sha256: Digest


class SignBody(RequestBody):
    """The parts that are about to be sent."""

    parts: Annotated[list[WantedPart], Field(min_length=1, max_length=100)]


class SignedPart(Answer):
    """Where a part goes: a PUT to `url` with these headers and no others.

    A `url` that begins with a slash is on this server, and takes the rest of a part
    that broke off when `?offset=N` is added.
    """

    number: int
    url: str
    headers: dict[str, str]


class SignedAnswer(Answer):
    """Links to send parts to; they need no token, and end."""

    parts: list[SignedPart]
    expires_at: Moment


class PartAnswer(Answer):
    """A part that has arrived, with the digest of what arrived."""

    number: int
    sha256: str


class BlobAnswer(Answer):
    """A file that is stored."""

    sha256: str
    size: int
