"""What competitions cost: stakes' terms, budgets, charges and estimates."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from api.schemas.common import Amount, Answer, Moment, RequestBody

Purpose = Literal["prize", "budget"]


class StakeTermsAnswer(Answer):
    """What becomes of a stake before it is made; `sentences` say it in words."""

    amount: Amount
    purpose: Purpose
    escrow: Amount
    budget: Amount
    fee_points: int
    most_fee: Amount
    asset: str
    sentences: list[str]


class BudgetAnswer(Answer):
    """How the evaluation budget stands.

    `funded` is all that came in; `spent` was paid to evaluators and `owed` not yet;
    `reserved` is kept for judging, `pending` for entries under way. `paused` says
    that submissions wait until it is topped up.
    """

    competition: str
    asset: str
    second_price: Amount
    funded: Amount
    spent: Amount
    owed: Amount
    left: Amount
    reserved: Amount
    pending: Amount
    public_cost: Amount
    private_cost: Amount
    percent: int
    paused: bool


class ChargeAnswer(Answer):
    """What one evaluation cost, who ran it, and what was paid of it so far."""

    id: UUID
    submission: UUID | None = Field(description="null for the base model")
    split: str
    evaluator: str
    seconds: str
    cost: Amount
    paid: Amount
    shortfall: Amount
    asset: str
    created_at: Moment
    transfer: UUID | None


class EstimateBody(RequestBody):
    """What is planned: a competition that exists, or what one would be made of."""

    competition: str = Field(default="", description="its slug; else the next four")
    base_model: str = Field(default="", description="owner/name")
    task_type: str = ""
    public: int = Field(default=0, strict=True, ge=0, description="examples")
    private: int = Field(default=0, strict=True, ge=0, description="examples")
    submissions: int = Field(strict=True, ge=0)
    miners: int | None = Field(default=None, strict=True, ge=0)
    budget: Amount = "0"


class EstimateAnswer(Answer):
    """What it will cost to evaluate; null where no time was measured yet."""

    submissions: int
    miners: int
    examples: int
    seconds_per_example: str | None
    measured_from: Literal["baseline", "alike"] | None
    evaluations: int
    seconds: str | None
    second_price: Amount
    amount: Amount | None
    budget: Amount
    missing: Amount | None
    asset: str
    sentence: str
