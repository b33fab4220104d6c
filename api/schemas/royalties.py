"""Income from royalties, shares, withdrawals, and the public record of payments."""

from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, Field

from api.schemas.common import Amount, Answer, Digest, Moment, RequestBody


class RoyaltyPartAnswer(Answer):
    """What one royalty brought this person, for their share of one model.

    `model` is the one that earned it; `licensed_model` is the one that was bought,
    of which `model` is the same or an ancestor. `fraction` is exact; it is of what is
    left after the platform's fee.
    """

    at: Moment
    payment: UUID
    kind: str
    status: str
    payer: str
    licence: UUID
    licensed_model: str
    model: str
    use: str
    fraction: str
    amount: Amount
    asset: str


class TotalAnswer(Answer):
    """Royalties under one heading: a model, a month or a payer."""

    name: str
    payments: int
    held: Amount
    paid: Amount
    asset: str


class TotalsAnswer(Answer):
    """Royalties summed up; refunded payments count for nothing."""

    by: str
    totals: list[TotalAnswer]


class PaymentPartAnswer(Answer):
    """One part as it was paid; `model` is an id in the record's lineage."""

    payee: str
    model: str
    fraction: str
    amount: str = Field(description="base units")


class PaymentAnswer(Answer):
    """All that a stranger needs to repeat a payment; amounts in base units."""

    payment: UUID
    status: str
    record: dict[str, Any]
    record_digest: Digest
    fee: str = Field(description="base units")
    transfer: UUID
    transfer_memo: str
    parts: list[PaymentPartAnswer]


class WithdrawalBody(RequestBody):
    """How much is to be paid out, and where to."""

    amount: Amount
    destination: str = Field(min_length=3, max_length=200)


class WithdrawalAnswer(Answer):
    """A request; its tokens are held until staff has paid or refused it."""

    id: UUID
    amount: Amount
    asset: str
    destination: str
    status: str
    requested_at: Moment
    decided_at: Moment | None
    note: str


class ShareOfferBody(RequestBody):
    """Parts of your share, for somebody, from a moment on; now when none is said."""

    taker: str = Field(max_length=39)
    parts: int = Field(strict=True, ge=1, le=10**9)
    from_moment: AwareDatetime | None = None


class ShareTransferAnswer(Answer):
    """Parts that one contributor passes on to another."""

    id: UUID
    model: str
    giver: str
    taker: str
    parts: int
    from_moment: Moment
    status: str
    offered_at: Moment
    decided_at: Moment | None


class SharesAnswer(Answer):
    """Who holds which parts of a model's income now, and how they passed on."""

    shares: dict[str, int]
    history: list[ShareTransferAnswer]


class TariffBody(RequestBody):
    """What a call costs from now on; 0 ends the offer."""

    price: Amount


class TariffAnswer(Answer):
    """What a call of a model costs; 0 when calls are not sold."""

    model: str
    price: Amount
    asset: str


class MeterBody(RequestBody):
    """A deposit, and the public key by which its vouchers are signed."""

    public_key: str = Field(max_length=44)
    deposit: Amount


class DepositBody(RequestBody):
    """How much more is put in."""

    amount: Amount


class VoucherBody(RequestBody):
    """A voucher, signed by the licensee."""

    format: str = Field(max_length=40)
    meter: str = Field(max_length=36)
    lane: int = Field(strict=True, ge=0)
    calls: int = Field(strict=True, ge=0)
    amount: str = Field(max_length=60, description="base units")
    signature: str = Field(max_length=88)


class LaneAnswer(Answer):
    """How far one lane was redeemed, and the voucher that did it."""

    lane: int
    calls: int
    amount: str = Field(description="base units")
    voucher: dict[str, Any]


class MeterAnswer(Answer):
    """A meter; `price` and `deposit` in base units too, as vouchers count in them."""

    id: UUID
    licence: UUID
    model: str
    licensee: str
    public_key: str
    status: str
    price: Amount
    price_units: str
    deposit: Amount
    deposit_units: str
    spent: Amount
    asset: str
    opened_at: Moment
    closes_at: Moment | None
    lanes: list[LaneAnswer]


class RedemptionAnswer(Answer):
    """What a voucher paid out."""

    payment: UUID
    amount: Amount
    asset: str
    meter: MeterAnswer
