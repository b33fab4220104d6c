"""Whether weights are numbers: NaN and infinity are found in the bits.

This part of the rules needs numpy, and is not imported by the others.
"""

from typing import Final

import numpy as np

# All bits of the exponent are set in NaN and the infinities, and in nothing else
# (IEEE 754; bfloat16 is the upper half of float32).
_EXPONENT: Final[dict[str, tuple[str, int]]] = {
    "F32": ("<u4", 0x7F80_0000),
    "F16": ("<u2", 0x7C00),
    "BF16": ("<u2", 0x7F80),
}


def is_finite(dtype: str, content: bytes) -> bool:
    """Whether all numbers are finite; integers are.

    Args:
        dtype: as safetensors writes it.
        content: whole numbers of that type; what is left over at the end is left out.
    """
    if dtype not in _EXPONENT:
        return True
    kind, mask = _EXPONENT[dtype]
    width = np.dtype(kind).itemsize
    bits = np.frombuffer(content, dtype=kind, count=len(content) // width)
    return not bool(np.any((bits & mask) == mask))
