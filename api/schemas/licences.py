"""Quotes, licences and the split of what was paid."""

from typing import Any
from uuid import UUID

from api.schemas.common import Amount, Answer, Moment, RequestBody


class QuoteBody(RequestBody):
    """The use that a price is asked for, such as `commercial`."""

    use: str


class QuoteAnswer(Answer):
    """A price for one use of one model, good until it expires.

    `period` is empty for a price paid once; `revenue_share` is a percent, or empty.
    """

    id: UUID
    model: str
    use: str
    price: Amount
    asset: str
    period: str
    revenue_share: str
    duties: list[Any]
    reasons: list[Any]
    expires_at: Moment


class PartAnswer(Answer):
    """What one contributor of one model in the lineage got."""

    payee: str
    model: str
    amount: Amount


class RoyaltyAnswer(Answer):
    """What was paid, and its whole split; the parts sum to the amount."""

    amount: Amount
    asset: str
    paid_at: Moment
    transfer: UUID
    parts: list[PartAnswer]


class CertificateAnswer(Answer):
    """The grant, signed; it can be checked offline with `/api/keys`."""

    document: dict[str, Any]
    key_id: str
    signature: str


class LicenceAnswer(Answer):
    """A grant of terms to one licensee; no royalty when the use is free."""

    id: UUID
    model: str
    licensee: str
    use: str
    issued_at: Moment
    valid_until: Moment | None
    certificate: CertificateAnswer
    royalty: RoyaltyAnswer | None
