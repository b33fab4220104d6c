"""Files on either side of the wire."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file that can be fetched; its content is named by ``sha256``."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A local file that the server holds: its digest, and how many bytes were sent."""

    sha256: str
    size: int
    sent: int
