"""Files on their way in, part by part."""

from uuid import UUID

from api.schemas.common import Answer, Count, Digest, Moment, RequestBody


class UploadBody(RequestBody):
    """The file that is to be sent."""

    sha256: Digest
    size: Count


class HeldAnswer(Answer):
    """The caller holds these bytes already; nothing need be sent."""

    held: bool = True


class UploadAnswer(Answer):
    """An upload under way. Parts count from 1; all but the last have `part_size`."""

    held: bool = False
    upload: UUID
    sha256: str
    size: int
    part_size: int
    part_count: int
    received: list[int]
    expires_at: Moment


class PartAnswer(Answer):
    """A part that has arrived, with the digest of what arrived."""

    number: int
    sha256: str


class BlobAnswer(Answer):
    """A file that is stored."""

    sha256: str
    size: int
