"""Entries and what became of them."""

from dataclasses import dataclass, field
from datetime import datetime

from assay.client.records.paymaster import Dues


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an evaluation has no score."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One split's evaluation, its progress and result."""

    split: str
    status: str
    score: float | None
    low: float | None
    high: float | None
    done: int
    total: int
    attempts: int
    seconds: float | None
    queued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    failure: Failure | None
    outputs_digest: str
    engine_version: str


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission with its evaluations; ``rank`` is on the board that counts now."""

    id: str
    status: str
    competition: str
    model: str
    miner: str
    message: str
    created_at: datetime
    evaluations: tuple[Evaluation, ...]
    rank: int | None
    dues: Dues | None = None

    @property
    def is_finished(self) -> bool:
        """Whether the public split has been decided, one way or the other."""
        return self.status in {"scored", "failed"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A submission to be made; the files were uploaded, ``files`` is SHA-256 by path.

    Attributes:
        kind: ``full`` or ``adapter``.
        terms: UDL tags.
        shares: integer parts by handle; the miner alone when empty.
        parents: ``owner/name`` of each parent; the base model when empty.
        pay: agree to pay fee and deposit where no pool does.
    """

    name: str
    kind: str
    files: dict[str, str]
    terms: dict[str, str]
    shares: dict[str, int] = field(default_factory=dict)
    parents: tuple[str, ...] = ()
    message: str = ""
    card: str = ""
    pay: bool = False
