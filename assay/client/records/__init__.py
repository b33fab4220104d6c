"""What comes back from the server, as frozen records.

Amounts are decimal texts of whole tokens, such as "12.5"; moments are in UTC;
scores are from 0 to 1; ``seconds`` is processor time.
"""

from assay.client.records.challenges import Acceptance, Challenge, Duty, Struck
from assay.client.records.competitions import (
    Baseline,
    Board,
    BoardRow,
    Competition,
    CompetitionSummary,
    Hill,
    Quota,
    Seat,
    Stake,
)
from assay.client.records.economics import Budget, Charge, Estimate, StakeTerms
from assay.client.records.files import HeldFile, RemoteFile
from assay.client.records.licences import Licence, Quote, Royalty, RoyaltyPart
from assay.client.records.models import Contributor, Model, ModelSummary, Parent
from assay.client.records.paymaster import Dues, Funding, Pool, Price
from assay.client.records.submissions import Entry, Evaluation, Failure, Submission
from assay.client.records.wallet import (
    Asset,
    Balance,
    FaucetGift,
    Me,
    PlatformVersion,
    StatementLine,
)

__all__ = [
    "Acceptance",
    "Asset",
    "Balance",
    "Baseline",
    "Board",
    "BoardRow",
    "Budget",
    "Challenge",
    "Charge",
    "Competition",
    "CompetitionSummary",
    "Contributor",
    "Dues",
    "Duty",
    "Entry",
    "Estimate",
    "Evaluation",
    "Failure",
    "FaucetGift",
    "Funding",
    "HeldFile",
    "Hill",
    "Licence",
    "Me",
    "Model",
    "ModelSummary",
    "Parent",
    "PlatformVersion",
    "Pool",
    "Price",
    "Quota",
    "Quote",
    "RemoteFile",
    "Royalty",
    "RoyaltyPart",
    "Seat",
    "Stake",
    "StakeTerms",
    "StatementLine",
    "Struck",
    "Submission",
]
