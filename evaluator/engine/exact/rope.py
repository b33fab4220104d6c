"""Rotary positions from integers: a library's cosine differs between machines."""

from decimal import Decimal, localcontext

import torch
from torch import Tensor

_BITS = 192
_ONE = 1 << _BITS


class Rotation:
    """Cosines and sines of `position * base**(-2i / width)`, each rounded once to
    float64 from 192 fraction bits.
    """

    def __init__(self, *, width: int, base: float, positions: int) -> None:
        """`width` is even: the size of a head. Tables are (positions, width / 2)."""
        turns = [_turn(base, pair, width) for pair in range(width // 2)]
        tables = [_powers(cosine, sine, positions) for cosine, sine in turns]
        self.cosines = torch.tensor(
            [table[0] for table in tables], dtype=torch.float64
        ).T.contiguous()
        self.sines = torch.tensor(
            [table[1] for table in tables], dtype=torch.float64
        ).T.contiguous()

    def __call__(self, x: Tensor, positions: Tensor) -> Tensor:
        """Rotates float64 x (…, length, width), whose halves are the pairs' parts, to
        `positions` (length,).
        """
        cosines, sines = self.cosines[positions], self.sines[positions]
        first, second = x.chunk(2, dim=-1)
        return torch.cat(
            [first * cosines - second * sines, second * cosines + first * sines], dim=-1
        )


def _turn(base: float, pair: int, width: int) -> tuple[int, int]:
    """Returns cosine and sine of one position's turn in steps of 2**-192; the angle is
    at most 1.
    """
    with localcontext() as context:
        context.prec = 70
        angle = int((Decimal(base) ** (Decimal(-2 * pair) / Decimal(width))) * _ONE)
    cosine = sine = 0
    term = _ONE
    for n in range(60):
        sign = -1 if n % 4 >= 2 else 1
        if n % 2:
            sine += sign * term
        else:
            cosine += sign * term
        term = (term * angle >> _BITS) // (n + 1)
    return cosine, sine


def _powers(cosine: int, sine: int, positions: int) -> tuple[list[float], list[float]]:
    """Returns the multiples of a turn: integers, so each adds less than 2**-190 to the
    error.
    """
    x, y = _ONE, 0
    cosines, sines = [], []
    for _ in range(positions):
        cosines.append(x / _ONE)
        sines.append(y / _ONE)
        x, y = (x * cosine - y * sine) >> _BITS, (x * sine + y * cosine) >> _BITS
    return cosines, sines
