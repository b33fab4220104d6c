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
    Hill,
    Needed,
    Power,
    Quota,
    Seat,
    Stake,
)
from assay.client.records.economics import Budget, Charge, Estimate, StakeTerms
from assay.client.records.files import HeldFile, RemoteFile
from assay.client.records.licences import (
    Declaration,
    Invoice,
    Licence,
    Notice,
    Quote,
    RevenueStatement,
    Royalty,
    RoyaltyPart,
)
from assay.client.records.models import Contributor, Model, ModelSummary, Parent
from assay.client.records.paymaster import Dues, Funding, Pool, Price
from assay.client.records.royalties import (
    Income,
    Lane,
    Meter,
    Payment,
    Redemption,
    ShareTransfer,
    Tariff,
    Total,
    Withdrawal,
)
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
    "Budget",
    "Charge",
    "Competition",
    "CompetitionSummary",
    "Contributor",
    "Declaration",
    "Dues",
    "Entry",
    "Estimate",
    "Evaluation",
    "Failure",
    "FaucetGift",
    "Funding",
    "HeldFile",
    "Hill",
    "Income",
    "Invoice",
    "Lane",
    "LedgerHead",
    "Licence",
    "Me",
    "Meter",
    "Model",
    "ModelSummary",
    "Needed",
    "Notice",
    "Parent",
    "Payment",
    "PlatformVersion",
    "Pool",
    "Power",
    "Price",
    "Quota",
    "Quote",
    "Redemption",
    "RemoteFile",
    "RevenueStatement",
    "Royalty",
    "RoyaltyPart",
    "Seat",
    "ShareTransfer",
    "Stake",
    "StakeTerms",
    "StatementLine",
    "Submission",
    "Tariff",
    "Total",
    "WalletHold",
    "Withdrawal",
]
