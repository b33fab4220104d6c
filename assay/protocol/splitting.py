"""Dividing an amount by weights so that not one base unit is lost or made.

The rule and a worked table: docs/algorithms/splitting.md.
"""

from collections.abc import Sequence

from assay.protocol.errors import Invalid


def split(amount: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Divide ``amount`` base units in proportion to ``weights``, in their order.

    Largest remainder (Hamilton's method): each part is rounded down, then the
    units left over go one each to the largest remainders; equal remainders are
    served in the order of the weights. The parts sum to ``amount``, each is less
    than one unit from its exact share, and a weight of zero gets nothing.

    Raises:
        Invalid: a negative amount (``split_amount``), or weights that are
            negative or sum to zero (``split_weights``).
    """
    if amount < 0:
        raise Invalid("split_amount", f"A negative amount ({amount}) cannot be split.")
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        raise Invalid(
            "split_weights",
            "An amount is split by weights of zero or more, at least one above zero.",
        )
    parts = [amount * weight // total for weight in weights]
    remainders = [amount * weight % total for weight in weights]
    # sorted() is stable, which is what serves equal remainders in order
    served = sorted(range(len(parts)), key=remainders.__getitem__, reverse=True)
    for index in served[: amount - sum(parts)]:
        parts[index] += 1
    return tuple(parts)
