"""What documents say of a model, wherever it was asked for."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One file: path, size in bytes, SHA-256 in hex."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ParentRecord:
    """A model it was derived from; ``digest`` is empty when that one is not public."""

    reference: str
    digest: str
    percent: str


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """A model as its documents tell of it.

    Attributes:
        reference: ``owner/name``.
        digest: SHA-256 of its manifest, in hex.
        page: address where it can be licensed.
        terms: canonical UDL tags.
        granted: when the terms began.
        card: markdown of its makers.
    """

    reference: str
    digest: str
    kind: str
    architecture: str
    page: str
    terms: dict[str, str]
    granted: datetime
    parents: tuple[ParentRecord, ...] = ()
    files: tuple[FileRecord, ...] = ()
    card: str = ""

    @property
    def owner(self) -> str:
        """Who granted the terms."""
        return self.reference.partition("/")[0]

    @property
    def name(self) -> str:
        """The model's name, without its owner."""
        return self.reference.partition("/")[2]
