"""Receipts as they are shown."""

from typing import Any
from uuid import UUID

from api.schemas.common import Answer, Number


class ReceiptScoreAnswer(Answer):
    """What the platform made of the outputs, with its interval."""

    metric: str
    value: Number
    low: Number
    high: Number


class ReceiptAnswer(Answer):
    """A signed receipt, and what stands around it.

    `receipt` is the file that `assay receipt verify` reads; `digest` is how the
    competition's history names it.
    """

    receipt: dict[str, Any]
    digest: str
    competition: str
    submission: UUID | None
    model: str
    score: ReceiptScoreAnswer | None
