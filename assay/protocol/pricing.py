"""What parts, fees and evaluations come to, in whole base units.

The rules with worked numbers: docs/algorithms/economics.md. Every result is rounded
down, so that nobody pays more than the exact amount.
"""

import math
from decimal import Decimal

from assay.protocol.errors import Invalid
from assay.protocol.splitting import split

WHOLE = 10_000
"""Basis points in the whole: 250 of them are 2.5 %."""


def part_of(amount: int, points: int) -> int:
    """``points`` basis points of ``amount``, rounded down to the base unit.

    Raises:
        Invalid: a negative amount, or points outside of 0 to 10,000.
    """
    if amount < 0 or not 0 <= points <= WHOLE:
        raise Invalid(
            "part_invalid",
            f"There are no {points} basis points of {amount} base units.",
            fix=f"Points are 0 to {WHOLE}, and an amount is not negative.",
        )
    return amount * points // WHOLE


def metered(reported_seconds: object, elapsed_milliseconds: int) -> int:
    """The milliseconds that an evaluation is paid for.

    What the evaluator reports counts, but never more than what passed between the
    lease and the answer on the server's own clock. A report that is no number, or
    not above 0, counts as nothing.
    """
    if isinstance(reported_seconds, bool) or not isinstance(
        reported_seconds, int | float
    ):
        return 0
    if not math.isfinite(reported_seconds) or reported_seconds <= 0:
        return 0
    reported = int(Decimal(repr(reported_seconds)) * 1000)
    return max(0, min(reported, elapsed_milliseconds))


def cost_of(milliseconds: int, second_price: int) -> int:
    """Base units for a time at a price per second, rounded down."""
    return milliseconds * second_price // 1000


def shares_of(amount: int, weights: list[int]) -> tuple[int, ...]:
    """``amount`` over ``weights``; nothing of nothing, whatever the weights are."""
    return split(amount, weights) if amount else (0,) * len(weights)
