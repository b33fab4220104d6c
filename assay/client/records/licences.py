"""Prices, licences and the split of what was paid."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Quote:
    """A price for one use of one model, good until it expires.

    ``period`` is empty for a price paid once; ``revenue_share`` is a percent, or empty.
    ``price`` is for all seats.
    """

    id: str
    model: str
    use: str
    price: str
    asset: str
    period: str
    revenue_share: str
    duties: tuple[str, ...]
    reasons: tuple[str, ...]
    expires_at: datetime
    seats: int = 1
    fee_bps: int = 0
    refund_hours: int = 0
    terms_digest: str = ""
    draw_commitment: str = ""


@dataclass(frozen=True, slots=True)
class RoyaltyPart:
    """What one contributor of one model in the lineage got."""

    payee: str
    model: str
    amount: str


@dataclass(frozen=True, slots=True)
class Royalty:
    """What was paid, and its whole split."""

    amount: str
    asset: str
    paid_at: datetime
    parts: tuple[RoyaltyPart, ...]
    payment: str = ""
    kind: str = "purchase"
    status: str = "paid"
    fee: str = "0"


@dataclass(frozen=True, slots=True)
class Licence:
    """A grant of terms to one licensee, with its signed certificate."""

    id: str
    model: str
    licensee: str
    use: str
    issued_at: datetime
    valid_until: datetime | None
    certificate: dict[str, Any]
    royalty: Royalty | None
    kind: str = ""
    status: str = "active"
    seats: int = 1
    renews: bool = False


@dataclass(frozen=True, slots=True)
class Declaration:
    """Revenue declared for one period, and what it made the licensee owe."""

    id: str
    period: int
    begins_at: datetime
    ends_at: datetime
    revenue: str
    owed: str
    asset: str
    note: str
    declared_by: str
    declared_at: datetime


@dataclass(frozen=True, slots=True)
class RevenueStatement:
    """Every declaration of a licence, and the period in which it is now."""

    revenue_share: str
    current_period: int
    declarations: tuple[Declaration, ...]


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice or credit note, as it was issued."""

    number: str
    issued_at: datetime
    document: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that a licensee was told."""

    at: datetime
    licence: str
    model: str
    text: str
