"""One payment, from the amount to everybody's part, and the record to repeat it from.

The platform's fee comes off first, rounded down; the rest goes through the waterfall
over the lineage as it stood when it was paid. A ``PaymentRecord`` holds all that this
depends on, so that a stranger gets the same parts without asking the platform.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from assay.protocol.canonical import Json, digest
from assay.protocol.drawing import Seed, drawn
from assay.protocol.errors import Invalid
from assay.protocol.waterfall import (
    Entitlement,
    Node,
    Payment,
    distribute,
    entitlements,
)

RECORD_FORMAT: Final = "assay-payment/1"
MAX_FEE_BPS: Final = 5_000


@dataclass(frozen=True, slots=True)
class LineageModel:
    """One model of the lineage as it stood.

    Attributes:
        node: shares by handle, parents by model id.
        reference: ``owner/name``.
        terms_digest: SHA-256 of its canonical terms.
        random: whether its terms have one contributor drawn.
    """

    node: Node
    reference: str
    terms_digest: str
    random: bool = False


@dataclass(frozen=True, slots=True)
class PaymentRecord:
    """All that the split of one payment depends on; amounts in base units."""

    payment: str
    model: str
    amount: int
    asset: str
    decimals: int
    fee_bps: int
    paid_at: str
    lineage: tuple[LineageModel, ...]
    seed: Seed

    def to_json(self) -> dict[str, Json]:
        """The record as it is published and digested."""
        return {
            "format": RECORD_FORMAT,
            "payment": self.payment,
            "model": self.model,
            "amount": str(self.amount),
            "asset": self.asset,
            "decimals": self.decimals,
            "fee_bps": self.fee_bps,
            "paid_at": self.paid_at,
            "lineage": [_model_to_json(model) for model in self.lineage],
            "seed": {
                "commitment": self.seed.commitment,
                "secret": self.seed.secret,
                "chosen": self.seed.chosen,
            },
        }

    def digest(self) -> str:
        """SHA-256 of the canonical record; the ledger's transfer carries it."""
        return digest(self.to_json())


@dataclass(frozen=True, slots=True)
class Settlement:
    """Who gets what of a payment; fee and parts sum to its amount."""

    fee: int
    entitlements: tuple[Entitlement, ...]
    parts: tuple[Payment, ...]


def fee_of(amount: int, fee_bps: int) -> int:
    """The platform's part of ``amount``: hundredths of a percent, rounded down.

    Raises:
        Invalid: ``fee_bps`` outside 0 to ``MAX_FEE_BPS``.
    """
    if not 0 <= fee_bps <= MAX_FEE_BPS:
        raise Invalid("fee_bps", f"A fee of {fee_bps} lies outside 0 to {MAX_FEE_BPS}.")
    return amount * fee_bps // 10_000


def settle(record: PaymentRecord) -> Settlement:
    """Everybody's part, by the rules of docs/royalties.md.

    Raises:
        Invalid: the lineage does not make a waterfall (``waterfall_…``), or the seed
            is not the one committed to (``draw_commitment``).
    """
    fee = fee_of(record.amount, record.fee_bps)
    nodes = drawn(
        (model.node for model in record.lineage),
        frozenset(model.node.model for model in record.lineage if model.random),
        record.seed.value(),
    )
    due = entitlements(record.model, nodes)
    return Settlement(fee, due, distribute(record.amount - fee, due))


def read_record(document: Json) -> PaymentRecord:
    """A record read from its JSON form, strictly.

    Raises:
        Invalid: ``payment_record`` when it is not one.
    """
    try:
        return _read(document)
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        raise Invalid(
            "payment_record", f"This is no record of a payment: {error!r}."
        ) from error


def _read(document: Any) -> PaymentRecord:
    if document["format"] != RECORD_FORMAT:
        raise ValueError(document["format"])
    seed = document["seed"]
    record = PaymentRecord(
        payment=str(document["payment"]),
        model=str(document["model"]),
        amount=int(document["amount"]),
        asset=str(document["asset"]),
        decimals=int(document["decimals"]),
        fee_bps=int(document["fee_bps"]),
        paid_at=str(document["paid_at"]),
        lineage=tuple(_model_of(model) for model in document["lineage"]),
        seed=Seed(str(seed["commitment"]), str(seed["secret"]), str(seed["chosen"])),
    )
    if record.to_json() != document:
        msg = "it has fields that a record does not have"
        raise ValueError(msg)
    return record


def _model_of(document: Mapping[str, Any]) -> LineageModel:
    return LineageModel(
        node=Node(
            model=str(document["model"]),
            shares=tuple((str(who), int(parts)) for who, parts in document["shares"]),
            parents=tuple(
                (str(parent), Decimal(percent))
                for parent, percent in document["parents"]
            ),
        ),
        reference=str(document["reference"]),
        terms_digest=str(document["terms_digest"]),
        random=document["distribution"] == "random",
    )


def _model_to_json(model: LineageModel) -> dict[str, Json]:
    shares: Sequence[Json] = [[who, parts] for who, parts in model.node.shares]
    return {
        "model": model.node.model,
        "reference": model.reference,
        "terms_digest": model.terms_digest,
        "distribution": "random" if model.random else "shares",
        "shares": shares,
        "parents": [[parent, f"{percent:f}"] for parent, percent in model.node.parents],
    }
