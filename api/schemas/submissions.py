"""Entries, and what became of them."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from api.schemas.common import Answer, Digest, Moment, Number, RequestBody
from api.schemas.paymaster import DuesAnswer
from competitions.specification import EntrySpec


class EntryBody(RequestBody):
    """A submission as its miner describes it; its files were uploaded beforehand."""

    name: str
    kind: Literal["full", "adapter"]
    files: dict[str, Digest] = Field(description="SHA-256 by path")
    terms: dict[str, str] = Field(description="UDL tags")
    shares: dict[str, int] = Field(default={}, description="integer parts by handle")
    parents: list[str] = Field(default=[], description="owner/name of each parent")
    message: str = Field(default="", max_length=200)
    card: str = Field(default="", description="Markdown")
    pay: bool = Field(
        default=False,
        strict=True,
        description="agree to pay fee and deposit where no pool pays them",
    )

    def spec(self) -> EntrySpec:
        """The same as the verb takes it."""
        return EntrySpec(**self.model_dump())


class FailureAnswer(Answer):
    """Why an evaluation has no score, or had to be tried again."""

    code: str
    sentence: str


class EvaluationAnswer(Answer):
    """One split's evaluation, with its progress and result."""

    split: str
    status: str
    score: Number | None
    low: Number | None
    high: Number | None
    done: int
    total: int
    attempts: int
    seconds: Number | None
    queued_at: Moment
    started_at: Moment | None
    finished_at: Moment | None
    failure: FailureAnswer | None
    outputs_digest: str
    engine_version: str


class SubmissionAnswer(Answer):
    """A submission; `rank` is its place on the board that counts now."""

    id: UUID
    status: str
    competition: str
    model: str
    miner: str
    message: str
    created_at: Moment
    evaluations: list[EvaluationAnswer]
    rank: int | None
    dues: DuesAnswer | None
