"""exp, log, erf and what is made of them, in separate IEEE multiplications and
additions of float64.

A library's exp differs between libraries and instruction sets; `+ - * /` are correctly
rounded everywhere. No function here may use an operation that multiplies and adds at
once (`addcmul`, `lerp`, `add` with `alpha`): some machines round it once and some
twice. Divisors are tensors: some back-ends multiply by the reciprocal of a number.
"""

import math
from decimal import Decimal, localcontext
from functools import cache

import torch
from torch import Tensor

from evaluator.engine.exact.grids import power_of_two

_LOG2_E = 1.4426950408889634
# ln 2 in two parts: the high one ends in 21 zero bits, so its product with |n| <=
# 1,023 is exact.
_LN2_HIGH = float.fromhex("0x1.62e42fee00000p-1")
_LN2_LOW = float.fromhex("0x1.a39ef35793c76p-33")
_EXP_LIMIT = 700.0
_EXP_TERMS = [1.0 / math.factorial(n) for n in range(14)]
_LOG_TERMS = [1.0 / n for n in range(1, 26, 2)]
_SQRT_2 = 1.4142135623730951
_SQRT_HALF = 0.7071067811865476
_TANH_SCALE = 0.7978845608028654
"""The square root of 2 / pi, of GELU's tanh form."""

_ERF_STEPS, _ERF_END, _ERF_DEGREE = 16, 6, 10


def _polynomial(coefficients: list[float], at: Tensor) -> Tensor:
    """Returns the polynomial by Horner's rule, lowest coefficient first, each step
    rounded twice.
    """
    value = torch.full_like(at, coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        value.mul_(at).add_(coefficient)
    return value


def exp(x: Tensor) -> Tensor:
    """Returns e**x within 2e-15 of its value, x held to [-700, 700]."""
    x = x.clamp(-_EXP_LIMIT, _EXP_LIMIT)
    n = torch.round(x * _LOG2_E)
    rest = (x - n * _LN2_HIGH) - n * _LN2_LOW
    return _polynomial(_EXP_TERMS, rest).mul_(power_of_two(n.to(torch.int64)))


def log(x: Tensor) -> Tensor:
    """Returns the natural logarithm of positive normal numbers, within 4e-16 of the
    larger of 1 and its value.
    """
    bits = x.view(torch.int64)
    exponent = (bits >> 52) - 1023
    mantissa = ((bits & ((1 << 52) - 1)) | (1023 << 52)).view(torch.float64)
    high = mantissa > _SQRT_2
    mantissa = torch.where(high, mantissa * 0.5, mantissa)
    exponents = (exponent + high.to(torch.int64)).to(torch.float64)
    t = (mantissa - 1.0) / (mantissa + 1.0)
    series = _polynomial(_LOG_TERMS, t * t).mul_(t).mul_(2.0)
    return exponents * _LN2_HIGH + (exponents * _LN2_LOW + series)


def sigmoid(x: Tensor) -> Tensor:
    """Returns 1 / (1 + e**-x)."""
    divisor = exp(-x).add_(1.0)
    return torch.ones_like(divisor) / divisor


def silu(x: Tensor) -> Tensor:
    """Returns x / (1 + e**-x)."""
    return x / exp(-x).add_(1.0)


def tanh(x: Tensor) -> Tensor:
    """Returns the hyperbolic tangent within 4e-16."""
    shrunk = exp(x.abs() * -2.0)
    return torch.copysign((1.0 - shrunk) / (1.0 + shrunk), x)


def erf(x: Tensor) -> Tensor:
    """Returns the error function within 4e-16: Taylor's polynomial about the nearest
    sixteenth, from a table.
    """
    size = x.abs().clamp(max=float(_ERF_END))
    nearest = torch.round(size * _ERF_STEPS)
    rest = size - nearest * (1.0 / _ERF_STEPS)
    rows = _erf_table()[:, nearest.to(torch.int64)]
    value = rows[-1].clone()
    for row in reversed(rows[:-1]):
        value.mul_(rest).add_(row)
    return torch.copysign(value.clamp_(0.0, 1.0), x)


def gelu(x: Tensor, *, approximate: bool = False) -> Tensor:
    """Returns x times the normal distribution's share below x; `approximate` is the
    tanh form some models use.
    """
    if approximate:
        inner = (x * x * x * 0.044715 + x) * _TANH_SCALE
        return x * 0.5 * (tanh(inner) + 1.0)
    return x * 0.5 * (erf(x * _SQRT_HALF) + 1.0)


@cache
def _erf_table() -> Tensor:
    """Returns (degree + 1, points): the coefficients about each sixteenth of [0, 6],
    rounded once from 60 digits.
    """
    with localcontext() as context:
        context.prec = 60
        rows = [
            _erf_taylor(Decimal(point) / _ERF_STEPS)
            for point in range(_ERF_STEPS * _ERF_END + 1)
        ]
    return torch.tensor(rows, dtype=torch.float64).T.contiguous()


_TWO_OVER_SQRT_PI = Decimal(
    "1.12837916709551257389615890312154517168810125865799771368817"
)


def _erf_taylor(x: Decimal) -> list[float]:
    """Returns Taylor's coefficients of erf at x: the n-th derivative is (-1)**(n-1)
    H_(n-1)(x) erf'(x).
    """
    slope = _TWO_OVER_SQRT_PI * (-x * x).exp()
    term = value = x
    for n in range(1, 200):
        term *= 2 * x * x / (2 * n + 1)
        value += term
    hermite, before = Decimal(1), Decimal(0)
    coefficients = [float(value * slope)]
    for n in range(1, _ERF_DEGREE + 1):
        sign = 1 if n % 2 else -1
        coefficients.append(float(sign * hermite * slope / math.factorial(n)))
        hermite, before = 2 * x * hermite - 2 * (n - 1) * before, hermite
    return coefficients
