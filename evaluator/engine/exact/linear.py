"""Matrix products of integers, exact under every library, thread count and instruction
set.
"""

import torch
from torch import Tensor

from evaluator.engine.exact.grids import EXACT, Grid, bounded, to_grid

BITS = 21
"""Bits of activations and weights: the most of which 2,048 products sum below 2**53."""


def product(left: Tensor, right: Tensor, *, largest: tuple[int, int]) -> Tensor:
    """Returns `left @ right` of integer-valued float64, whose entries are at most
    `largest` in absolute value.

    Raises:
        OutOfBounds: a sum may pass 2**53.
    """
    bounded(left.shape[-1], *largest)
    # Whether a sum of nothing but -0 is -0 depends on the library's first addend; +
    # 0.0 makes both +0.
    return (left @ right).add_(0.0)


class Linear:
    """`y = x @ weight.T + bias` with inputs and weights on grids of a power of two a
    row.

    Long rows are cut into blocks of columns; each block's sum is exact and blocks are
    added in the order of columns, so the bits stay a function of the row alone.
    """

    def __init__(
        self, weight: Tensor, bias: Tensor | None = None, *, bits: int = BITS
    ) -> None:
        """`weight` is (outputs, inputs) of any float type; `bias` (outputs,)."""
        self._bits = bits
        self._block = EXACT >> (2 * bits)
        self._weights = [
            _transposed(part, bits)
            for part in weight.double().split(self._block, dim=1)
        ]
        self._bias = None if bias is None else bias.double()

    def __call__(self, inputs: Tensor) -> Tensor:
        """Returns float64 (rows, outputs) of float64 (rows, inputs).

        Raises:
            OutOfBounds: an input is not finite, or 2**400 or more.
        """
        total = torch.zeros((), dtype=torch.float64)
        for part, weights in zip(
            inputs.split(self._block, dim=1), self._weights, strict=True
        ):
            total = total + _block(to_grid(part, self._bits), weights)
        return total if self._bias is None else total + self._bias


def _transposed(weight: Tensor, bits: int) -> Grid:
    grid = to_grid(weight, bits)
    return Grid(grid.integers.T.contiguous(), grid.exponents.T.contiguous(), bits)


def _block(inputs: Grid, weights: Grid) -> Tensor:
    sums = product(
        inputs.integers, weights.integers, largest=(1 << inputs.bits, 1 << weights.bits)
    )
    return sums.mul_(inputs.scale()).mul_(weights.scale())
