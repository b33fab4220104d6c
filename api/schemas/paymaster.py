"""Fees and deposits of entries, and the pools that pay them."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from api.schemas.common import Amount, Answer, Moment, RequestBody


class PriceAnswer(Answer):
    """What an entry of yours costs now, and who would pay: `nobody`, `pool`, `you`.

    A deposit comes back when the entry reaches the baseline. `available` is what
    your wallet can spend.
    """

    competition: str
    fee: Amount
    deposit: Amount
    total: Amount
    asset: str
    payer: Literal["nobody", "pool", "you"]
    pool: UUID | None
    pool_title: str
    available: Amount


class DuesAnswer(Answer):
    """What a submission paid; `state` is what became of its deposit."""

    submission: UUID
    competition: str
    model: str
    miner: str
    fee: Amount
    fee_returned: Amount
    deposit: Amount
    kept: Amount
    returned: Amount
    spent: Amount
    asset: str
    state: str
    reason: str
    pool: UUID | None
    created_at: Moment
    closed_at: Moment | None


class PoolBody(RequestBody):
    """A pool as its owner describes it; without a competition it needs both caps."""

    title: str = Field(max_length=120)
    competition: str = Field(default="", description="its slug; empty for any")
    admits: Literal["all", "listed", "first"] = "all"
    handles: list[str] = Field(default=[], max_length=1000)
    first: int | None = Field(default=None, strict=True, ge=1)
    user_cap: Amount = Field(default="0", description="0 for none")
    day_cap: Amount = Field(default="0", description="0 for none")


class PoolAnswer(Answer):
    """A pool; `available` is what it can pay with, `held` what deposits keep."""

    id: UUID
    title: str
    owner: str
    competition: str
    admits: str
    first: int | None
    admitted: int
    user_cap: Amount
    day_cap: Amount
    balance: Amount
    available: Amount
    held: Amount
    funded: Amount
    asset: str
    status: str
    created_at: Moment
    closed_at: Moment | None
    is_mine: bool


class FundBody(RequestBody):
    """How much to put in."""

    amount: Amount


class FundingAnswer(Answer):
    """What somebody put into a pool, and what went back to them."""

    id: UUID
    pool: UUID
    funder: str
    amount: Amount
    returned: Amount
    asset: str
    created_at: Moment
    transfer: UUID
