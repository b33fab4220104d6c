"""Challenges, duties of entries that earn, and entries that were struck off."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Acceptance:
    """That somebody takes part under the rules with this digest."""

    competition: str
    rules_digest: str
    accepted_at: datetime


@dataclass(frozen=True, slots=True)
class Challenge:
    """An objection to an entry; ``challenger`` may be ``platform``."""

    id: str
    competition: str
    submission: str
    model: str
    challenger: str
    kind: str
    grounds: str
    deposit: str
    asset: str
    status: str
    evidence: dict[str, Any]
    created_at: datetime
    decided_at: datetime | None
    decided_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Struck:
    """An entry that was disqualified, and why."""

    submission: str
    miner: str
    model: str
    reason: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Duty:
    """What an entry owes before it is paid.

    ``state`` is ``met``, ``pending``, ``platform``, ``challenged`` or ``failed``.
    """

    name: str
    state: str
    sentence: str
