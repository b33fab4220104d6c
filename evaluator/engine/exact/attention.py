"""Attention in integers: what a key adds does not depend on which other rows share the
batch.
"""

import torch
from torch import Tensor

from evaluator.engine.exact.functions import exp
from evaluator.engine.exact.grids import (
    EXACT,
    OutOfBounds,
    bounded,
    power_of_two,
    to_grid,
)
from evaluator.engine.exact.linear import product

SHARE_BITS = 24
"""The shares of a row of attention add up to about 2**24."""

VALUE_BITS = 28
_SCORE_BITS = 22
_EXP_BITS = 36
_FARTHEST = -40.0


def softmax_grid(scores: Tensor, seen: Tensor) -> Tensor:
    """Returns shares as integers in steps of 2**-24 along the last axis; what is not
    `seen` (boolean) has none.

    Each row must see something. A masked key is worth nothing at all, so padding cannot
    move a bit.

    Raises:
        OutOfBounds: more than 131,072 keys.
    """
    bounded(scores.shape[-1], 1 << _EXP_BITS)
    hidden = torch.full((), -torch.inf, dtype=torch.float64)
    largest = torch.where(seen, scores, hidden).amax(-1, keepdim=True)
    # A hidden score may be above the largest seen one: hold it to 0 before exp, then
    # drop it.
    weights = (
        torch.round(
            exp((scores - largest).clamp_(_FARTHEST, 0.0)) * float(1 << _EXP_BITS)
        )
        * seen
    )
    total = weights.sum(-1, keepdim=True)
    return torch.round(
        weights * (torch.full_like(total, float(1 << SHARE_BITS)) / total)
    )


def attend(
    queries: Tensor,
    keys: Tensor,
    values: Tensor,
    seen: Tensor,
    *,
    scale: float,
    exponent: int,
) -> Tensor:
    """Returns float64 (…, queries, width) of queries, keys and values (…, positions,
    width) and `seen` (…, queries, keys).

    `scale` multiplies the scores. `exponent` is such that every |value| <= 2**exponent.
    It must come from the weights: one taken from the values at hand would tie an
    example's bits to its neighbours.

    Raises:
        OutOfBounds: a value above 2**exponent, or too many keys.
    """
    if bool((values.abs() > 2.0**exponent).any()):
        raise OutOfBounds(
            f"A value of the attention is above 2**{exponent},"
            " the bound taken from the weights."
        )
    left, right = to_grid(queries, _SCORE_BITS), to_grid(keys, _SCORE_BITS)
    sums = product(
        left.integers,
        right.integers.transpose(-1, -2),
        largest=(1 << _SCORE_BITS, 1 << _SCORE_BITS),
    )
    shares = softmax_grid(
        sums * left.scale() * right.scale().transpose(-1, -2) * scale, seen
    )
    # Shares of a row add up to at most 2**24 and half a step a key, whatever their
    # number.
    if ((1 << SHARE_BITS) + keys.shape[-2]) << VALUE_BITS > EXACT:
        raise OutOfBounds("Exact attention reaches over fewer keys than these.")
    step = power_of_two(torch.tensor([VALUE_BITS - exponent], dtype=torch.int64))
    mixed = (shares @ torch.round(values * step)).add_(0.0)
    return mixed * power_of_two(
        torch.tensor([exponent - VALUE_BITS - SHARE_BITS], dtype=torch.int64)
    )
