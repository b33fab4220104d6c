"""Income from royalties, shares, withdrawals and meters."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Income:
    """What one royalty brought the caller; ``fraction`` is exact."""

    at: datetime
    payment: str
    kind: str
    status: str
    payer: str
    licensed_model: str
    model: str
    use: str
    fraction: str
    amount: str
    asset: str


@dataclass(frozen=True, slots=True)
class Total:
    """Royalties under one heading."""

    name: str
    payments: int
    held: str
    paid: str
    asset: str


@dataclass(frozen=True, slots=True)
class ShareTransfer:
    """Parts that one contributor passes on to another."""

    id: str
    model: str
    giver: str
    taker: str
    parts: int
    from_moment: datetime
    status: str


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A request to be paid out."""

    id: str
    amount: str
    asset: str
    destination: str
    status: str
    requested_at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class Payment:
    """All that a stranger needs to repeat a payment; amounts in base units."""

    payment: str
    status: str
    record: dict[str, Any]
    record_digest: str
    fee: str
    transfer: str
    transfer_memo: str
    parts: tuple[dict[str, str], ...]


@dataclass(frozen=True, slots=True)
class Lane:
    """How far one lane was redeemed, and the voucher that did it."""

    lane: int
    calls: int
    amount: str
    voucher: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Meter:
    """A prepaid meter; ``…_units`` are base units, as vouchers count in them."""

    id: str
    licence: str
    model: str
    licensee: str
    public_key: str
    status: str
    price: str
    price_units: str
    deposit: str
    deposit_units: str
    spent: str
    asset: str
    closes_at: datetime | None
    lanes: tuple[Lane, ...]


@dataclass(frozen=True, slots=True)
class Redemption:
    """What a voucher paid out."""

    payment: str
    amount: str
    asset: str
    meter: Meter


@dataclass(frozen=True, slots=True)
class Tariff:
    """What a call of a model costs; 0 when calls are not sold."""

    model: str
    price: str
    asset: str
