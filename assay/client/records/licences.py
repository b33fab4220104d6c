"""Prices, licences and the split of what was paid."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Quote:
    """A price for one use of one model, good until it expires.

    ``period`` is empty for a price paid once; ``revenue_share`` is a percent, or empty.
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
