"""Receipts of evaluations, and the keys that they are checked with."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class EvaluatorKey:
    """A public key of an operator's evaluator, and the time in which it counts."""

    key_id: str
    public: str
    operator: str
    since: datetime
    until: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReceiptScore:
    """What the platform made of the outputs, with its interval."""

    metric: str
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ShownReceipt:
    """A signed receipt, and what stands around it.

    ``receipt`` is the file that is checked; ``score`` is None where it is not told.
    """

    receipt: dict[str, Any]
    digest: str
    competition: str
    submission: str | None
    model: str
    score: ReceiptScore | None
