"""Competitions, their stakes, boards, histories and quotas."""

from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from api.schemas.challenges import StruckAnswer
from api.schemas.common import (
    Amount,
    Answer,
    Digest,
    Moment,
    Number,
    RequestBody,
)
from assay.protocol.prizes import RULES
from competitions.specification import CompetitionSpec


class SplitsBody(RequestBody):
    """The labelled JSON lines of each split, uploaded beforehand, by SHA-256."""

    sample: Digest
    public: Digest
    private: Digest


class CompetitionBody(RequestBody):
    """A competition as its sponsor describes it."""

    slug: str
    title: str
    summary: str
    description: str = Field(default="", description="Markdown")
    task_type: str
    task_options: dict[str, Any] = {}
    metric: str
    base_model: str = Field(description="owner/name")
    splits: SplitsBody
    attachments: dict[str, Digest] = Field(default={}, description="SHA-256 by path")
    minimum_stake: Amount
    prize_rule: str = Field(
        description="One of: " + ", ".join(f"`{name}`" for name in RULES)
    )
    prize_options: dict[str, Any] = Field(
        default={},
        description="Of the rule; each is defined in docs/prizes.md",
        examples=[dict(rule.example) for rule in RULES.values()],
    )
    margin: Number = 0.0
    board_step: Number = Field(default=0.0, description="0 shows each score as it is")
    required_uses: list[str] = ["commercial"]
    deadline: AwareDatetime
    challenge_hours: Number = Field(default=72.0, ge=0, le=24 * 366)
    daily_submissions: int = Field(default=5, strict=True, ge=1, le=1000)
    max_seconds: int = Field(default=900, strict=True, ge=1, le=7 * 86400)
    budget_points: int = Field(
        default=0, strict=True, ge=0, le=5000, description="of each stake, in 1/10000"
    )
    submission_fee: Amount = "0"
    deposit: Amount = "0"
    data_licence: str = Field(
        default="", max_length=64, description="of the public data, an SPDX id"
    )

    def spec(self) -> CompetitionSpec:
        """The same as the verb takes it."""
        given = self.model_dump(exclude={"challenge_hours"})
        window = timedelta(hours=self.challenge_hours)
        return CompetitionSpec(**given, challenge_window=window)


class CompetitionSummary(Answer):
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
    staked: Amount
    minimum_stake: Amount
    prize_rule: str
    deadline: Moment
    created_at: Moment
    opened_at: Moment | None
    settled_at: Moment | None


class BaselineAnswer(Answer):
    """What the base model scores on the split that counts now."""

    model: str
    score: Number
    low: Number
    high: Number


class SeatAnswer(Answer):
    """An entry that has led; `accrued` is owed only if its private score holds."""

    submission: UUID
    miner: str
    model: str
    accrued: Amount
    is_king: bool


class HillAnswer(Answer):
    """Who leads by `king_of_the_hill`, since when, and what has accrued so far.

    `unclaimed` is what nobody led for; it goes back to the stakers.
    """

    seats: list[SeatAnswer]
    since: Moment | None
    unclaimed: Amount
    as_of: Moment


class CompetitionAnswer(CompetitionSummary):
    """A competition with all of its rules. `splits` counts the examples of each.

    `prize` is the prize rule with its options in words; `hill` is only there while a
    stake streams.
    `rules_accepted` is about you; `waits_for` says what holds it up now.
    """

    id: UUID
    description: str
    task_options: dict[str, Any]
    prize_options: dict[str, Any]
    prize: str
    hill: HillAnswer | None
    margin: Number
    board_step: Number
    data_licence: str
    required_uses: list[str]
    challenge_hours: Number
    daily_submissions: int
    daily_failures: int
    max_bytes: int
    max_seconds: int
    max_memory: int
    fee_points: int
    budget_points: int
    second_price: Amount
    submission_fee: Amount
    deposit: Amount
    splits: dict[str, int]
    baseline: BaselineAnswer | None
    provisional_until: Moment | None
    rules_digest: str
    rules_accepted: bool
    waits_for: list[str]
    is_mine: bool


class NeededAnswer(Answer):
    """How many examples a gain needs; none when more than can be counted."""

    gain: Number
    examples: int | None


class PowerAnswer(Answer):
    """What the private split can tell apart, from the baseline's public answers.

    Gains and chances are parts of 1. `smallest_gain` is seen nine times in ten;
    `any_equal_beats` is the chance that of so many entrants, none better than the
    baseline, one beats it by the margin; `safe_margin` lowers that to 5 %.
    """

    competition: str
    examples: int
    baseline: Number
    decisive: Number
    smallest_gain: Number | None
    examples_needed: list[NeededAnswer]
    entrants: int
    margin: Number
    equal_beats: Number
    any_equal_beats: Number
    safe_margin: Number
    equal_crowned: Number


class StakeBody(RequestBody):
    """How much to stake: for the prize, or to top the evaluation budget up."""

    amount: Amount
    purpose: Literal["prize", "budget"] = "prize"


class StakeAnswer(Answer):
    """A stake, its part for evaluation, and what of it went back."""

    id: UUID
    competition: str
    staker: str
    purpose: str
    amount: Amount
    budget: Amount
    returned: Amount
    asset: str
    created_at: Moment
    withdrawn_at: Moment | None = Field(description="when its staker took it back")
    transfer: UUID


class DeadlineBody(RequestBody):
    """The new deadline."""

    deadline: AwareDatetime


class BoardRowAnswer(Answer):
    """One miner's place; `amount` is what it earned, once that is known."""

    rank: int
    tied: bool
    submission: UUID
    miner: str
    model: str
    score: Number
    low: Number
    high: Number
    seconds: Number | None
    submitted_at: Moment
    amount: Amount | None
    is_mine: bool


class BoardAnswer(Answer):
    """The leaderboard on the split that counts now, with how many examples it has.

    `struck` are disqualified entries, with the reasons.
    """

    competition: str
    split: str
    count_hidden: int
    as_of: Moment
    asset: str
    baseline: BaselineAnswer | None
    rows: list[BoardRowAnswer]
    struck: list[StruckAnswer]


class HistoryAnswer(Answer):
    """One public event; `head` is the hash of this and all before it."""

    number: int
    kind: str
    facts: dict[str, Any]
    actor: str
    at: Moment
    head: str


class QuotaAnswer(Answer):
    """What is used of the day's limits; `next_at` says when waiting is needed."""

    used: int
    limit: int
    failures: int
    failure_limit: int
    next_at: Moment | None


class RevealBody(RequestBody):
    """Which hidden splits to show to everybody."""

    splits: list[Literal["public", "private"]] = Field(
        default=["public", "private"], min_length=1, max_length=2
    )
