"""Integers in float64, and the powers of two that scale them."""

from dataclasses import dataclass

import torch
from torch import Tensor

EXACT = 2**53
"""Every integer up to here is a float64, so sums whose partial sums stay within it are
exact in any order.
"""

_MANTISSA_BITS = 52
_BIAS = 1023
_SMALLEST, _LARGEST = -400, 400


class OutOfBounds(ValueError):
    """A sum could pass 2**53 and would round, or a value is not finite: the result
    could differ between machines.
    """


@dataclass(frozen=True, slots=True)
class Grid:
    """`integers * 2**(exponents - bits)`: float64 integers of at most 2**bits, one
    exponent a row (last axis kept as 1).
    """

    integers: Tensor
    exponents: Tensor
    bits: int

    def scale(self) -> Tensor:
        """Returns the value of one step, a power of two a row."""
        return power_of_two(self.exponents - self.bits)


def power_of_two(exponents: Tensor) -> Tensor:
    """Returns 2**exponents as float64 from the bits: `ldexp` goes through a library's
    `pow`.
    """
    return ((exponents + _BIAS) << _MANTISSA_BITS).view(torch.float64)


def exponents_of(values: Tensor) -> Tensor:
    """Returns the smallest e of [-400, 400] with |values| < 2**e, one a row, as int64
    with the last axis kept as 1.

    Raises:
        OutOfBounds: a value is not finite, or 2**400 or more.
    """
    largest = values.abs().amax(-1, keepdim=True)
    if not bool((largest < 2.0**_LARGEST).all()):
        raise OutOfBounds(
            "Exact arithmetic needs finite values below 2**400;"
            " the model's weights or activations are not."
        )
    return ((largest.view(torch.int64) >> _MANTISSA_BITS) - (_BIAS - 1)).clamp_(
        _SMALLEST, _LARGEST
    )


def to_grid(values: Tensor, bits: int) -> Grid:
    """Rounds float64 `values` to integers of at most 2**bits, half to even, each row by
    its own power of two.

    Raises:
        OutOfBounds: see `exponents_of`.
    """
    exponents = exponents_of(values)
    return Grid(torch.round(values * power_of_two(bits - exponents)), exponents, bits)


def bounded(terms: int, *largest: int) -> None:
    """Checks that a sum of `terms` products of integers of at most `largest` is exact
    in any order.

    Raises:
        OutOfBounds: it may not be.
    """
    bound = terms
    for one in largest:
        bound *= one
    if bound > EXACT:
        raise OutOfBounds(
            f"A sum of {terms} products may reach {bound}, which is more than 2**53:"
            " use fewer bits."
        )
