"""Pay by use: cumulative vouchers against a prepaid meter.

A voucher says: "in this lane, this many calls so far, all together worth this much".
Each one replaces all earlier ones of its lane, so only the last is worth keeping, a
replay brings nothing, and one that is lost is made good by the next. Lanes let several
machines count at the same time; together they can never spend more than the deposit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from assay.protocol import signatures
from assay.protocol.canonical import Json
from assay.protocol.errors import Conflict, Invalid
from assay.protocol.money import MAX_UNITS

VOUCHER_FORMAT: Final = "assay-voucher/1"
MAX_LANES: Final = 64
MAX_CALLS: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Voucher:
    """All calls so far of one lane; ``amount`` in base units."""

    meter: str
    lane: int
    calls: int
    amount: int

    def document(self) -> dict[str, Json]:
        """What is signed."""
        return {
            "format": VOUCHER_FORMAT,
            "meter": self.meter,
            "lane": self.lane,
            "calls": self.calls,
            "amount": str(self.amount),
        }


@dataclass(frozen=True, slots=True)
class SignedVoucher:
    """A voucher and the licensee's Ed25519 signature over its canonical bytes."""

    voucher: Voucher
    signature: str

    def to_json(self) -> dict[str, Json]:
        """The voucher as it travels."""
        return {**self.voucher.document(), "signature": self.signature}


@dataclass(frozen=True, slots=True)
class Meter:
    """What a voucher is judged by.

    Attributes:
        public_key: the licensee's, base64.
        price: base units a call.
        deposit: base units that were put in.
        redeemed: (calls, base units) by lane, as far as they were paid out.
    """

    id: str
    public_key: str
    price: int
    deposit: int
    redeemed: Mapping[int, tuple[int, int]]

    @property
    def spent(self) -> int:
        """Base units that all lanes have redeemed together."""
        return sum(amount for _, amount in self.redeemed.values())


def sign_voucher(seed: bytes, voucher: Voucher) -> SignedVoucher:
    """The voucher signed by the licensee's seed."""
    return SignedVoucher(voucher, signatures.sign(seed, voucher.document()))


def is_signed(public_key: str, signed: SignedVoucher) -> bool:
    """Whether the licensee signed exactly this."""
    return signatures.verify(public_key, signed.voucher.document(), signed.signature)


def read_voucher(document: Json) -> SignedVoucher:
    """A signed voucher read from JSON, strictly.

    Raises:
        Invalid: ``voucher_malformed``.
    """
    try:
        return _read(document)
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid(
            "voucher_malformed", f"This is no voucher: {error!r}.", where="voucher"
        ) from error


def due(meter: Meter, signed: SignedVoucher) -> int:
    """Base units that redeeming this voucher pays out now.

    Raises:
        Invalid: it is for another meter, its signature is not the licensee's, its
            lane or amount cannot be (``voucher_…``).
        Conflict: ``voucher_stale`` when the lane is at or past it already,
            ``voucher_over_deposit`` when the deposit does not cover it.
    """
    voucher = signed.voucher
    _check_fit(meter, voucher)
    if not is_signed(meter.public_key, signed):
        raise Invalid(
            "voucher_signature",
            "The voucher was not signed by the meter's key, or changed since.",
            where="signature",
        )
    calls, paid = meter.redeemed.get(voucher.lane, (0, 0))
    if voucher.calls <= calls:
        raise Conflict(
            "voucher_stale",
            f"Lane {voucher.lane} is at {calls} calls already; this voucher says "
            f"{voucher.calls}.",
            fix="Redeem the newest voucher of the lane.",
            where="calls",
        )
    more = voucher.amount - paid
    if meter.spent + more > meter.deposit:
        raise Conflict(
            "voucher_over_deposit",
            "The deposit does not cover this voucher.",
            fix="Have the licensee add to the deposit, and send the voucher again.",
            where="amount",
        )
    return more


def next_voucher(
    meter: Meter, *, lane: int, calls: int, last: Voucher | None
) -> Voucher:
    """The voucher for ``calls`` further calls in ``lane``.

    It goes on from ``last`` or from what was redeemed, whichever is further: a
    licensee whose notes were lost goes on from the platform's.

    Raises:
        Invalid: no calls, or too many.
    """
    if not 0 < calls <= MAX_CALLS:
        raise Invalid("voucher_calls", "Count at least one call.", where="calls")
    before = max(last.calls if last else 0, meter.redeemed.get(lane, (0, 0))[0])
    so_far = before + calls
    return Voucher(meter.id, lane, so_far, so_far * meter.price)


def _check_fit(meter: Meter, voucher: Voucher) -> None:
    if voucher.meter != meter.id:
        raise Invalid(
            "voucher_meter", "This voucher is for another meter.", where="meter"
        )
    if voucher.lane >= MAX_LANES:
        raise Invalid(
            "voucher_lane", f"Lanes go from 0 to {MAX_LANES - 1}.", where="lane"
        )
    if voucher.amount != voucher.calls * meter.price:
        raise Invalid(
            "voucher_amount",
            "The amount is not the number of calls at the meter's price.",
            where="amount",
        )


def _read(document: Any) -> SignedVoucher:
    amount = document["amount"]
    if not (isinstance(amount, str) and amount.isascii() and amount.isdecimal()):
        raise ValueError(amount)
    if len(amount) > len(str(MAX_UNITS)):
        raise ValueError(len(amount))
    numbers = document["lane"], document["calls"]
    if any(type(n) is not int or not 0 <= n <= MAX_CALLS for n in numbers):
        raise ValueError(numbers)
    signed = SignedVoucher(
        Voucher(str(document["meter"]), *numbers, int(amount)),
        str(document["signature"]),
    )
    if signed.to_json() != document:
        msg = "it has fields that a voucher does not have"
        raise ValueError(msg)
    return signed
