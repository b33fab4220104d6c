"""What comes back from the server, as frozen records.

Amounts are decimal texts of whole tokens, such as "12.5"; moments are in UTC;
scores are from 0 to 1; ``seconds`` is processor time.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Asset:
    """The platform's token; one whole is ``10 ** decimals`` base units."""

    symbol: str
    decimals: int


@dataclass(frozen=True, slots=True)
class PlatformVersion:
    """What the server says of itself."""

    version: str
    asset: Asset
    faucet: bool


@dataclass(frozen=True, slots=True)
class Balance:
    """What is in a wallet."""

    asset: str
    total: str


@dataclass(frozen=True, slots=True)
class Me:
    """Who the token belongs to."""

    handle: str
    scope: str
    balance: Balance


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement of a wallet, and the balance after it."""

    at: datetime
    kind: str
    memo: str
    reference: str
    amount: str
    running: str
    asset: str
    transfer: str


@dataclass(frozen=True, slots=True)
class FaucetGift:
    """Test tokens that arrived, and the balance after them."""

    transfer: str
    balance: Balance


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file that can be fetched; its content is named by ``sha256``."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Baseline:
    """What the base model scores on the split that counts now."""

    model: str
    score: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class CompetitionSummary:
    """A competition as lists show it."""

    slug: str
    title: str
    summary: str
    status: str
    sponsor: str
    task_type: str
    metric: str
    base_model: str
    asset: str
    staked: str
    minimum_stake: str
    prize_rule: str
    deadline: datetime


@dataclass(frozen=True, slots=True)
class Competition(CompetitionSummary):
    """A competition with all of its rules; ``splits`` counts examples by split."""

    id: str
    description: str
    task_options: dict[str, Any]
    prize_options: dict[str, Any]
    margin: float
    required_uses: tuple[str, ...]
    challenge_hours: float
    daily_submissions: int
    daily_failures: int
    max_bytes: int
    max_seconds: int
    splits: dict[str, int]
    baseline: Baseline | None
    rules_digest: str
    is_mine: bool


@dataclass(frozen=True, slots=True)
class Stake:
    """A stake, and what of it went back in the end."""

    id: str
    competition: str
    staker: str
    amount: str
    returned: str
    asset: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A miner's best entry; ``amount`` is what it earned, once that is known."""

    rank: int
    tied: bool
    submission: str
    miner: str
    model: str
    score: float
    low: float
    high: float
    seconds: float | None
    submitted_at: datetime
    amount: str | None
    is_mine: bool


@dataclass(frozen=True, slots=True)
class Board:
    """The leaderboard on the split that counts now."""

    competition: str
    split: str
    count_hidden: int
    as_of: datetime
    asset: str
    baseline: Baseline | None
    rows: tuple[BoardRow, ...]


@dataclass(frozen=True, slots=True)
class Quota:
    """What is used of the day's submissions."""

    used: int
    limit: int
    failures: int
    failure_limit: int
    next_at: datetime | None


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
    """

    name: str
    kind: str
    files: dict[str, str]
    terms: dict[str, str]
    shares: dict[str, int] = field(default_factory=dict)
    parents: tuple[str, ...] = ()
    message: str = ""
    card: str = ""


@dataclass(frozen=True, slots=True)
class ModelSummary:
    """A model as lists show it."""

    reference: str
    owner: str
    name: str
    kind: str
    architecture: str
    is_base: bool
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class Contributor:
    """Integer parts by which a model's income is split."""

    handle: str
    parts: int


@dataclass(frozen=True, slots=True)
class Parent:
    """A model it was derived from, and the percent of income owed to it."""

    reference: str
    percent: str


@dataclass(frozen=True, slots=True)
class Model(ModelSummary):
    """A model with its terms, lineage and files."""

    terms: dict[str, str]
    explained: tuple[str, ...]
    contributors: tuple[Contributor, ...]
    parents: tuple[Parent, ...]
    files: tuple[RemoteFile, ...]
    manifest_digest: str
    card: str
    competition: str | None


@dataclass(frozen=True, slots=True)
class Quote:
    """A price for one use of one model, good until it expires.

    ``period`` is empty for a price paid once; ``revenue_share`` is a percent, or empty.
    """

    id: str
    model: str
    use: str
    price: str
    asset: str
    period: str
    revenue_share: str
    duties: tuple[str, ...]
    reasons: tuple[str, ...]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class RoyaltyPart:
    """What one contributor of one model in the lineage got."""

    payee: str
    model: str
    amount: str


@dataclass(frozen=True, slots=True)
class Royalty:
    """What was paid, and its whole split."""

    amount: str
    asset: str
    paid_at: datetime
    parts: tuple[RoyaltyPart, ...]


@dataclass(frozen=True, slots=True)
class Licence:
    """A grant of terms to one licensee, with its signed certificate."""

    id: str
    model: str
    licensee: str
    use: str
    issued_at: datetime
    valid_until: datetime | None
    certificate: dict[str, Any]
    royalty: Royalty | None


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A local file that the server holds: its digest, and how many bytes were sent."""

    sha256: str
    size: int
    sent: int
