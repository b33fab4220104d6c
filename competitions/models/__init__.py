"""State of competitions, and what the database enforces of it."""

from competitions.models.budget import Charge
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
from competitions.models.dues import Dues
from competitions.models.paymaster import Admission, Funding, Pool
from competitions.models.receipts import Receipt
from competitions.models.stakes import Award, Stake
from competitions.models.submissions import Evaluation, Submission

__all__ = [
    "Admission",
    "Attachment",
    "Award",
    "Challenge",
    "Charge",
    "Competition",
    "Disqualification",
    "Dues",
    "Evaluation",
    "Funding",
    "HistoryEntry",
    "Pool",
    "Receipt",
    "RulesAcceptance",
    "Split",
    "Stake",
    "Submission",
]
