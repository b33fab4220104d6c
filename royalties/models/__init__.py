"""What the sales desk keeps, by subject."""

from royalties.models.keys import SigningKey
from royalties.models.licences import Licence, Notice, Quote
from royalties.models.meters import Lane, Meter, Tariff
from royalties.models.payments import Invoice, InvoiceSeries, Royalty, RoyaltyPart
from royalties.models.revenue import RevenueReport
from royalties.models.shares import ShareTransfer
from royalties.models.withdrawals import Withdrawal

__all__ = [
    "Invoice",
    "InvoiceSeries",
    "Lane",
    "Licence",
    "Meter",
    "Notice",
    "Quote",
    "RevenueReport",
    "Royalty",
    "RoyaltyPart",
    "ShareTransfer",
    "SigningKey",
    "Tariff",
    "Withdrawal",
]
