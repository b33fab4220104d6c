"""Challenges, what entries that earn owe, and entries that were struck off."""

from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from api.schemas.common import Amount, Answer, Digest, Moment, RequestBody


class AcceptanceBody(RequestBody):
    """The rules that you accept, by the digest that the competition shows."""

    rules_digest: Digest


class AcceptanceAnswer(Answer):
    """That you take part under these rules."""

    competition: str
    rules_digest: str
    accepted_at: Moment


class ChallengeBody(RequestBody):
    """What you object to. Everyone can read the grounds."""

    kind: Literal[
        "copied_weights", "leaked_data", "licence_violation", "irreproducible", "other"
    ]
    grounds: str = Field(max_length=10_000, description="what can be checked")


class ChallengeAnswer(Answer):
    """An objection to an entry, and what became of it.

    `challenger` is `platform` when a repeated evaluation differed; `evidence` puts
    both evaluations side by side.
    """

    id: UUID
    competition: str
    submission: UUID
    model: str
    challenger: str
    kind: str
    grounds: str
    deposit: Amount
    asset: str
    status: str
    evidence: dict[str, Any]
    created_at: Moment
    decided_at: Moment | None
    decided_by: str
    reason: str


class DecisionBody(RequestBody):
    """Upheld disqualifies the entry; dismissed takes the challenger's deposit."""

    upheld: bool = Field(strict=True)
    reason: str = Field(max_length=10_000)


class ReasonBody(RequestBody):
    """Why; everyone can read it."""

    reason: str = Field(max_length=10_000)


class StruckAnswer(Answer):
    """An entry that was disqualified."""

    submission: UUID
    miner: str
    model: str
    reason: str
    actor: str
    at: Moment


class DutyAnswer(Answer):
    """What an entry that earns owes before it is paid.

    `state` is `met`, `pending`, `platform` (it waits for the platform), `challenged`
    or `failed`.
    """

    name: str
    state: str
    sentence: str
