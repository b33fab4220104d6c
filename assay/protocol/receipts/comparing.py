"""Which receipts may be compared, and in which fields one is not what it should be."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Final

from assay.protocol.receipts.receipt import Receipt

EXACT: Final = "exact"


def differing_fields(receipt: Receipt, expected: Mapping[str, object]) -> list[str]:
    """The fields in which a receipt is not what somebody knows, in its own order."""
    return [
        part.name
        for part in fields(receipt)
        if part.name in expected and getattr(receipt, part.name) != expected[part.name]
    ]


def arithmetic(engine: str, precision: str) -> str:
    """What two receipts must share for their bits to be comparable.

    The whole version in float32, which depends on the machine's instructions; of an
    exact engine its first part, since the rest says only where it ran.
    """
    if precision.startswith(EXACT) and engine.startswith(EXACT):
        return f"{precision} {engine.partition('/')[0]}"
    return f"{precision} {engine}"


def are_comparable(one: Receipt, other: Receipt) -> bool:
    """Whether two receipts ought to be equal bit for bit."""
    return arithmetic(one.engine, one.precision) == arithmetic(
        other.engine, other.precision
    )
