"""State of competitions, and what the database enforces of it."""

from competitions.models.challenges import (
    Challenge,
    Disqualification,
    RulesAcceptance,
)
from competitions.models.competition import (
    Attachment,
    Competition,
    HistoryEntry,
    Split,
)
from competitions.models.stakes import Award, Stake
from competitions.models.submissions import Evaluation, Submission

__all__ = [
    "Attachment",
    "Award",
    "Challenge",
    "Competition",
    "Disqualification",
    "Evaluation",
    "HistoryEntry",
    "RulesAcceptance",
    "Split",
    "Stake",
    "Submission",
]
