"""Entries and what became of them."""

from dataclasses import dataclass, field
from datetime import datetime

from assay.client.records.challenges import Duty, Struck
from assay.client.records.models import CarriedDuty
from assay.client.records.paymaster import Dues


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an evaluation has no score."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class ReceiptBrief:
    """A receipt by its digest, its root, and the key that signed it."""

    digest: str
    root: str
    key_id: str


@dataclass(frozen=True, slots=True)
class Slice:
    """The score of the ``count`` examples whose ``column`` has the value ``name``."""

    column: str
    name: str
    count: int
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One split's evaluation, its progress and result.

    ``repeat`` is 0 for the one that counts; others only check its outputs.
    """

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
    repeat: int = 0
    id: str = ""
    receipt: ReceiptBrief | None = None
    slices: tuple[Slice, ...] = ()


@dataclass(frozen=True, slots=True)
class TensorMatch:
    """A tensor of the model beside one of the other; ``cosine`` is 1 when exact."""

    name: str
    other: str
    cosine: float
    exact: bool


@dataclass(frozen=True, slots=True)
class Resemblance:
    """A model that this one looks derived from, and does not declare."""

    known: str
    kind: str
    similarity: float
    share: float
    count: int
    matches: tuple[TensorMatch, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission with its evaluations; ``rank`` is on the board that counts now.

    ``duties`` are what it owes before it is paid, once it has earned something.
    """

    id: str
    status: str
    competition: str
    model: str
    miner: str
    message: str
    created_at: datetime
    evaluations: tuple[Evaluation, ...]
    rank: int | None
    duties: tuple[Duty, ...] = ()
    disqualified: Struck | None = None
    dues: Dues | None = None
    weights: str = "none"
    resemblances: tuple[Resemblance, ...] = ()

    @property
    def is_finished(self) -> bool:
        """Whether the public split has been decided, one way or the other."""
        return self.status in {"scored", "failed", "cancelled"}


@dataclass(frozen=True, slots=True)
class Owed:
    """Percent of the income that goes to a parent."""

    to: str
    percent: str


@dataclass(frozen=True, slots=True)
class LineageConflict:
    """Why an entry would be refused; ``path`` names those who do not go together."""

    path: tuple[str, ...]
    code: str
    sentence: str
    fix: str
    where: str


@dataclass(frozen=True, slots=True)
class TermsPreview:
    """What parents and licence rule leave to an entry.

    ``widest`` are the widest terms it may have; None when there are none.
    """

    commercial: bool
    training: bool
    widest: dict[str, str] | None
    same_as: tuple[str, ...]
    required: tuple[str, ...]
    ends: str | None
    duties: tuple[CarriedDuty, ...]
    owed: tuple[Owed, ...]
    conflicts: tuple[LineageConflict, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A submission to be made; the files were uploaded, ``files`` is SHA-256 by path.

    Attributes:
        kind: ``full`` or ``adapter``.
        terms: UDL tags.
        shares: integer parts by handle; the miner alone when empty.
        parents: ``owner/name`` or ``ext:name`` of each parent, perhaps with
            ``:relation``; the base model when empty.
        pay: agree to pay fee and deposit where no pool does.
        repository: ``name@commit`` of a repository of the caller's, in place of
            files; what is empty of name, kind and terms is then seen from it.
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
    repository: str = ""
