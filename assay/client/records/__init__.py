"""What comes back from the server, as frozen records.

Amounts are decimal texts of whole tokens, such as "12.5"; moments are in UTC;
scores are from 0 to 1; ``seconds`` is processor time.
"""

from assay.client.records.competitions import (
    Baseline,
    Board,
    BoardRow,
    Competition,
    CompetitionSummary,
    Quota,
    Stake,
)
from assay.client.records.files import HeldFile, RemoteFile
from assay.client.records.licences import Licence, Quote, Royalty, RoyaltyPart
from assay.client.records.models import Contributor, Model, ModelSummary, Parent
from assay.client.records.submissions import Entry, Evaluation, Failure, Submission
from assay.client.records.wallet import (
    Asset,
    Balance,
    FaucetGift,
    LedgerHead,
    Me,
    PlatformVersion,
    StatementLine,
    WalletHold,
)

__all__ = [
    "Asset",
    "Balance",
    "Baseline",
    "Board",
    "BoardRow",
    "Competition",
    "CompetitionSummary",
    "Contributor",
    "Entry",
    "Evaluation",
    "Failure",
    "FaucetGift",
    "HeldFile",
    "LedgerHead",
    "Licence",
    "Me",
    "Model",
    "ModelSummary",
    "Parent",
    "PlatformVersion",
    "Quota",
    "Quote",
    "RemoteFile",
    "Royalty",
    "RoyaltyPart",
    "Stake",
    "StatementLine",
    "Submission",
    "WalletHold",
]
