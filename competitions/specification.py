"""What a sponsor asks for, and what a miner enters, as plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True)
class CompetitionSpec:
    """A competition as its sponsor describes it.

    Attributes:
        base_model: ``owner/name`` of the model that miners start from.
        splits: SHA-256 of the labelled JSON lines of ``sample``, ``public`` and
            ``private``, which the sponsor has uploaded.
        attachments: SHA-256 by path of files that anyone may fetch.
        minimum_stake: decimal text in the platform's asset.
        margin: how far above the baseline a score must be to earn, on its scale.
        board_step: by which scores rise on the live board, on their scale; 0 for any.
        required_uses: uses that a submission's terms must allow, for a fee or free.
        budget_points: of each stake, in basis points, for evaluation; at most 5000.
        data_licence: under which the public data is given: an SPDX id, or empty.
        submission_fee, deposit: decimal text; what an entry pays, and what is held
            while it is evaluated.
    """

    slug: str
    title: str
    summary: str
    task_type: str
    metric: str
    base_model: str
    splits: Mapping[str, str]
    minimum_stake: str
    prize_rule: str
    deadline: datetime
    description: str = ""
    task_options: Mapping[str, Any] = field(default_factory=dict)
    attachments: Mapping[str, str] = field(default_factory=dict)
    prize_options: Mapping[str, Any] = field(default_factory=dict)
    margin: float = 0.0
    board_step: float = 0.0
    required_uses: Sequence[str] = ("commercial",)
    challenge_window: timedelta = timedelta(days=3)
    daily_submissions: int = 5
    max_seconds: int = 900
    budget_points: int = 0
    submission_fee: str = "0"
    deposit: str = "0"
    data_licence: str = ""


@dataclass(frozen=True)
class EntrySpec:
    """A submission as its miner describes it.

    Attributes:
        kind: ``full`` or ``adapter``; seen from the files when empty.
        files: SHA-256 by path; the miner has uploaded them.
        terms: UDL tags; read from the files of a repository when empty.
        shares: integer parts by handle; the miner alone when empty.
        parents: ``owner/name`` of what it was derived from; the base model when empty.
        pay: whether the miner agrees to pay fee and deposit where no pool does.
        repository: ``name@commit`` of the miner's, in place of files.
    """

    name: str
    kind: str
    files: Mapping[str, str]
    terms: Mapping[str, str]
    shares: Mapping[str, int] = field(default_factory=dict)
    parents: Sequence[str] = ()
    message: str = ""
    card: str = ""
    pay: bool = False
    repository: str = ""
