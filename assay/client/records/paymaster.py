"""What entries cost, and the pools that pay it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Price:
    """What an entry costs now; ``payer`` is ``nobody``, ``pool`` or ``you``."""

    competition: str
    fee: str
    deposit: str
    total: str
    asset: str
    payer: str
    pool: str | None
    pool_title: str
    available: str


@dataclass(frozen=True, slots=True)
class Dues:
    """What a submission paid; ``state`` is what became of its deposit."""

    submission: str
    competition: str
    model: str
    miner: str
    fee: str
    fee_returned: str
    deposit: str
    kept: str
    returned: str
    spent: str
    asset: str
    state: str
    reason: str
    pool: str | None
    created_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool; ``available`` is what it can pay with."""

    id: str
    title: str
    owner: str
    competition: str
    admits: str
    first: int | None
    admitted: int
    user_cap: str
    day_cap: str
    balance: str
    available: str
    held: str
    funded: str
    asset: str
    status: str
    created_at: datetime
    closed_at: datetime | None
    is_mine: bool


@dataclass(frozen=True, slots=True)
class Funding:
    """What somebody put into a pool, and what went back."""

    id: str
    pool: str
    funder: str
    amount: str
    returned: str
    asset: str
    created_at: datetime
