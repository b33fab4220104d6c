"""How many examples to repeat, and which.

Of ``n`` examples ``m`` were tampered with. ``k`` drawn without replacement miss all of
them with the chance ``C(n-m, k) / C(n, k)`` (hypergeometric). The least ``k`` that
keeps this within a bound is found exactly, in whole numbers.
"""

import hashlib
from fractions import Fraction
from math import ceil, comb
from typing import Final

from assay.protocol.errors import Invalid

SHARE: Final = Fraction(1, 100)
"""The share of tampered examples that a sample is to catch, unless told otherwise."""
CERTAINTY: Final = Fraction(99, 100)
"""The chance with which it does."""


def chance_of_missing(*, examples: int, tampered: int, drawn: int) -> Fraction:
    """The chance that none of the tampered examples is among those drawn.

    Raises:
        Invalid: ``sample_malformed`` for numbers below 0 or above ``examples``.
    """
    for name, number in (("tampered", tampered), ("drawn", drawn)):
        if not 0 <= number <= examples:
            raise Invalid(
                "sample_malformed",
                f"{number} of {examples} examples cannot be {name}.",
                where=name,
            )
    return Fraction(comb(examples - tampered, drawn), comb(examples, drawn))


def sample_size(
    examples: int, *, share: Fraction = SHARE, certainty: Fraction = CERTAINTY
) -> int:
    """The least number of examples to repeat.

    Tampering with ``share`` of them (rounded up, at least one) is then caught with at
    least ``certainty``.

    Raises:
        Invalid: ``sample_malformed``.
    """
    if examples < 1 or not 0 < share <= 1 or not 0 < certainty <= 1:
        raise Invalid(
            "sample_malformed",
            "A sample is of at least one example, for a share and a certainty above 0 "
            "and at most 1.",
        )
    tampered = max(1, ceil(share * examples))
    low, high = 1, examples - tampered + 1  # with so many, one is always hit
    while low < high:
        middle = (low + high) // 2
        missed = chance_of_missing(examples=examples, tampered=tampered, drawn=middle)
        low, high = (low, middle) if missed <= 1 - certainty else (middle + 1, high)
    return low


def drawn(*, examples: int, count: int, seed: str) -> tuple[int, ...]:
    """Which of the examples, from 0 in the order of their ids, a seed draws; ascending.

    Those with the least SHA-256 of ``"<seed>:<number>"``: the same in any language,
    and nobody who does not know the seed beforehand can spare the examples drawn.

    Raises:
        Invalid: ``sample_malformed``.
    """
    if not 0 <= count <= examples:
        raise Invalid(
            "sample_malformed", f"{count} examples cannot be drawn from {examples}."
        )
    ranked = sorted(
        range(examples),
        key=lambda number: hashlib.sha256(f"{seed}:{number}".encode()).digest(),
    )
    return tuple(sorted(ranked[:count]))
