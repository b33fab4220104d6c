"""Quotes, licences, what they owe and what was paid."""

from typing import Any
from uuid import UUID

from pydantic import Field

from api.schemas.common import Amount, Answer, Digest, Moment, RequestBody


class OrganisationBody(RequestBody):
    """The organisation that the licence and its invoices are made out to."""

    name: str = Field(max_length=120)
    address: str = Field(default="", max_length=300)
    country: str = Field(default="", max_length=2)
    vat_id: str = Field(default="", max_length=15)
    email: str = Field(default="", max_length=120)


class QuoteBody(RequestBody):
    """The use that a price is asked for, such as `commercial`, and for how many."""

    use: str
    seats: int = Field(default=1, strict=True, ge=1, le=100_000)
    organisation: OrganisationBody | None = None


class QuoteAnswer(Answer):
    """A price for one use of one model, good until it expires.

    `period` is empty for a price paid once; `revenue_share` is a percent, or empty.
    `price` is for all seats; `fee_bps` of it, in hundredths of a percent, is the
    platform's. `draw_commitment` is explained in the rules of royalties.
    """

    id: UUID
    model: str
    use: str
    price: Amount
    asset: str
    seats: int
    period: str
    revenue_share: str
    duties: list[Any]
    reasons: list[Any]
    organisation: dict[str, str]
    fee_bps: int
    refund_hours: int
    terms_digest: Digest
    draw_commitment: Digest
    expires_at: Moment


class PartAnswer(Answer):
    """What one contributor of one model in the lineage got."""

    payee: str
    model: str
    amount: Amount


class RoyaltyAnswer(Answer):
    """What was paid, and its whole split; fee and parts sum to the amount.

    `status` is `held` while it can be refunded, then `paid`, or `refunded`.
    """

    payment: UUID
    kind: str
    status: str
    amount: Amount
    fee: Amount
    asset: str
    paid_at: Moment
    release_at: Moment | None
    transfer: UUID
    parts: list[PartAnswer]


class CertificateAnswer(Answer):
    """The grant, signed; it can be checked offline with `/api/keys`."""

    document: dict[str, Any]
    key_id: str
    signature: str


class LicenceAnswer(Answer):
    """A grant of terms to one licensee; no royalty when nothing was paid yet.

    `royalty` is the newest payment; `renews` says whether the next period is paid by
    itself.
    """

    id: UUID
    model: str
    licensee: str
    use: str
    kind: str
    status: str
    seats: int
    renews: bool
    issued_at: Moment
    valid_until: Moment | None
    cancelled_at: Moment | None
    certificate: CertificateAnswer
    royalty: RoyaltyAnswer | None


class RefundBody(RequestBody):
    """Why the payment is taken back."""

    reason: str = Field(min_length=3, max_length=250)


class RevenueBody(RequestBody):
    """What was earned in a period, counted from 1; 0 is a declaration too."""

    period: int = Field(strict=True, ge=1, le=100_000)
    revenue: Amount
    note: str = Field(default="", max_length=500)


class RevenueAnswer(Answer):
    """One declaration of revenue, and what it made the licensee owe."""

    id: UUID
    period: int
    begins_at: Moment
    ends_at: Moment
    revenue: Amount
    owed: Amount
    asset: str
    note: str
    declared_by: str
    declared_at: Moment
    payment: UUID | None


class RevenueStatementAnswer(Answer):
    """Every declaration of a licence, and the period in which it is now."""

    revenue_share: str
    current_period: int
    declarations: list[RevenueAnswer]


class InvoiceAnswer(Answer):
    """An invoice or credit note; its PDF is at `/api/invoices/{number}`."""

    number: str
    issued_at: Moment
    document: dict[str, Any]


class NoticeAnswer(Answer):
    """Something that a licensee was told."""

    at: Moment
    licence: UUID
    model: str
    text: str
