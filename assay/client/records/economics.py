"""What competitions cost."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class StakeTerms:
    """What a stake would become; ``sentences`` say it in words."""

    amount: str
    purpose: str
    escrow: str
    budget: str
    fee_points: int
    most_fee: str
    asset: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Budget:
    """How an evaluation budget stands; ``paused``: submissions wait for more."""

    competition: str
    asset: str
    second_price: str
    funded: str
    spent: str
    owed: str
    left: str
    reserved: str
    pending: str
    public_cost: str
    private_cost: str
    percent: int
    paused: bool


@dataclass(frozen=True, slots=True)
class Charge:
    """What one evaluation cost; ``submission`` is None for the base model."""

    id: str
    submission: str | None
    split: str
    evaluator: str
    seconds: str
    cost: str
    paid: str
    shortfall: str
    asset: str
    created_at: datetime
    transfer: str | None


@dataclass(frozen=True, slots=True)
class Estimate:
    """What evaluation will cost; None where no time was measured yet."""

    submissions: int
    miners: int
    examples: int
    seconds_per_example: str | None
    measured_from: str | None
    evaluations: int
    seconds: str | None
    second_price: str
    amount: str | None
    budget: str
    missing: str | None
    asset: str
    sentence: str
