"""Arithmetic whose bits depend on its inputs alone: not on threads, instruction sets,
batches or the library behind `@`.

Sums are sums of integers that float64 holds exactly, so their order is of no matter;
everything between sums is IEEE 754 basic operations and moves of bits. Bounds and
proofs: docs/algorithms/exact.md.
"""

from evaluator.engine.exact.attention import attend, softmax_grid
from evaluator.engine.exact.functions import erf, exp, gelu, log, sigmoid, silu, tanh
from evaluator.engine.exact.grids import Grid, OutOfBounds, to_grid
from evaluator.engine.exact.linear import Linear, product
from evaluator.engine.exact.reductions import layer_norm, log_sum_exp, rms_norm
from evaluator.engine.exact.rope import Rotation

__all__ = [
    "Grid",
    "Linear",
    "OutOfBounds",
    "Rotation",
    "attend",
    "erf",
    "exp",
    "gelu",
    "layer_norm",
    "log",
    "log_sum_exp",
    "product",
    "rms_norm",
    "sigmoid",
    "silu",
    "softmax_grid",
    "tanh",
    "to_grid",
]
