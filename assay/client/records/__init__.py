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
from assay.client.records.models import (
    Ancestor,
    CarriedDuty,
    Contributor,
    ExternalModel,
    ExternalParent,
    Model,
    ModelSummary,
    Parent,
)
from assay.client.records.submissions import (
    Entry,
    Evaluation,
    Failure,
    LineageConflict,
    Owed,
    Resemblance,
    Submission,
    TensorMatch,
    TermsPreview,
)
from assay.client.records.wallet import (
    Asset,
    Balance,
    FaucetGift,
    Me,
    PlatformVersion,
    StatementLine,
)

__all__ = [
    "Ancestor",
    "Asset",
    "Balance",
    "Baseline",
    "Board",
    "BoardRow",
    "CarriedDuty",
    "Competition",
    "CompetitionSummary",
    "Contributor",
    "Entry",
    "Evaluation",
    "ExternalModel",
    "ExternalParent",
    "Failure",
    "FaucetGift",
    "HeldFile",
    "Licence",
    "LineageConflict",
    "Me",
    "Model",
    "ModelSummary",
    "Owed",
    "Parent",
    "PlatformVersion",
    "Quota",
    "Quote",
    "RemoteFile",
    "Resemblance",
    "Royalty",
    "RoyaltyPart",
    "Stake",
    "StatementLine",
    "Submission",
    "TensorMatch",
    "TermsPreview",
]
