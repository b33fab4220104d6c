"""Norms and log-sum-exp: sums of integers along a row, then IEEE square roots and
quotients.
"""

import torch
from torch import Tensor

from evaluator.engine.exact.functions import exp, log
from evaluator.engine.exact.grids import Grid, bounded, to_grid

_SQUARE_BITS = 20
_MEAN_BITS = 40
_EXP_BITS = 34
_FARTHEST = -40.0


def _row_sum(grid: Grid) -> Tensor:
    bounded(grid.integers.shape[-1], 1 << grid.bits)
    return grid.integers.sum(-1, keepdim=True).add_(0.0) * grid.scale()


def _mean_square(x: Tensor) -> Tensor:
    grid = to_grid(x, _SQUARE_BITS)
    bounded(x.shape[-1], 1 << _SQUARE_BITS, 1 << _SQUARE_BITS)
    squares = (grid.integers * grid.integers).sum(-1, keepdim=True)
    return squares * grid.scale() * grid.scale() / _count(x)


def _count(x: Tensor) -> Tensor:
    return torch.full((*x.shape[:-1], 1), float(x.shape[-1]), dtype=torch.float64)


def rms_norm(x: Tensor, weight: Tensor, epsilon: float) -> Tensor:
    """Returns float64 x over the root of its mean square, times `weight`; rows are the
    last axis, of at most 8,192.

    Raises:
        OutOfBounds: longer rows, or values that are not finite.
    """
    return x / torch.sqrt(_mean_square(x) + epsilon) * weight


def layer_norm(x: Tensor, weight: Tensor, bias: Tensor, epsilon: float) -> Tensor:
    """Returns float64 x less its mean over its standard deviation, times `weight`, plus
    `bias`.

    Raises:
        OutOfBounds: rows of more than 8,192, or values that are not finite.
    """
    centred = x - _row_sum(to_grid(x, _MEAN_BITS)) / _count(x)
    return rms_norm(centred, weight, epsilon) + bias


def log_sum_exp(x: Tensor) -> Tensor:
    """Returns log of the sum of e**x along the last axis (kept as 1), of at most
    524,288 entries.

    Raises:
        OutOfBounds: more entries.
    """
    bounded(x.shape[-1], 1 << _EXP_BITS)
    largest = x.amax(-1, keepdim=True)
    steps = torch.round(
        exp((x - largest).clamp_(min=_FARTHEST)) * float(1 << _EXP_BITS)
    )
    return largest + log(steps.sum(-1, keepdim=True) * (0.5**_EXP_BITS))
