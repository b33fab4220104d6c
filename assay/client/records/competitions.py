"""Competitions, stakes, boards and quotas."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assay.client.records.challenges import Struck


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
class Seat:
    """An entry that has led; ``accrued`` is owed only if its private score holds."""

    submission: str
    miner: str
    model: str
    accrued: str
    is_king: bool


@dataclass(frozen=True, slots=True)
class Hill:
    """Who leads by king of the hill, since when, and what has accrued so far."""

    seats: tuple[Seat, ...]
    since: datetime | None
    unclaimed: str
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Competition(CompetitionSummary):
    """A competition with all of its rules; ``splits`` counts examples by split.

    ``prize`` is the prize rule with its options in words; ``hill`` is there while a
    stake streams.
    ``rules_accepted`` is about the caller; ``waits_for`` says what holds it up now.
    """

    id: str
    description: str
    task_options: dict[str, Any]
    prize_options: dict[str, Any]
    margin: float
    board_step: float
    required_uses: tuple[str, ...]
    challenge_hours: float
    daily_submissions: int
    daily_failures: int
    max_bytes: int
    max_seconds: int
    max_memory: int
    splits: dict[str, int]
    baseline: Baseline | None
    rules_digest: str
    is_mine: bool
    prize: str = ""
    hill: Hill | None = None
    fee_points: int = 0
    budget_points: int = 0
    second_price: str = "0"
    submission_fee: str = "0"
    deposit: str = "0"
    rules_accepted: bool = True
    waits_for: tuple[str, ...] = ()
    data_licence: str = ""


@dataclass(frozen=True, slots=True)
class Needed:
    """How many examples a gain needs; None when more than can be counted."""

    gain: float
    examples: int | None


@dataclass(frozen=True, slots=True)
class Power:
    """What the private split can tell apart; gains and chances are parts of 1."""

    competition: str
    examples: int
    baseline: float
    decisive: float
    smallest_gain: float | None
    examples_needed: tuple[Needed, ...]
    entrants: int
    margin: float
    equal_beats: float
    any_equal_beats: float
    safe_margin: float
    equal_crowned: float


@dataclass(frozen=True, slots=True)
class Stake:
    """A stake, its part for evaluation, and what of it went back."""

    id: str
    competition: str
    staker: str
    purpose: str
    amount: str
    budget: str
    returned: str
    asset: str
    created_at: datetime
    withdrawn_at: datetime | None


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
    struck: tuple[Struck, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of a competition's public history.

    ``head`` is the hash of this and all before it.
    """

    number: int
    kind: str
    facts: dict[str, Any]
    actor: str
    at: datetime
    head: str


@dataclass(frozen=True, slots=True)
class Quota:
    """What is used of the day's submissions."""

    used: int
    limit: int
    failures: int
    failure_limit: int
    next_at: datetime | None
