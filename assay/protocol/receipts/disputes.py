"""From two roots that differ to the first example that differs, in log2 n steps.

Both sides open one node a step: they show the two hashes below it. Hashes that do not
fold to what the same side showed before end the dispute at once, against that side.
Whoever has all results opens from a ``Tree``; a side far away may answer by mail.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from assay.protocol.errors import Invalid
from assay.protocol.receipts.merkle import node_hash

Opening: TypeAlias = Callable[[int, int], tuple[bytes, ...]]
"""Given a level (from the leaves, 0) and an index: the hashes right below that node."""
ONE, OTHER = 0, 1


@dataclass(frozen=True, slots=True)
class Difference:
    """The first example in which two sides differ, and both leaf hashes."""

    index: int
    leaves: tuple[bytes, bytes]
    steps: int


@dataclass(frozen=True, slots=True)
class Unfaithful:
    """A side whose hashes do not fold to its own root: it has lost.

    ``side`` is 0 for the first and 1 for the second.
    """

    side: int
    steps: int


def height_of(examples: int) -> int:
    """Levels above the leaves of a tree of so many examples: ⌈log2 examples⌉."""
    return (examples - 1).bit_length()


def bisect(
    *, examples: int, roots: tuple[str, str], openings: tuple[Opening, Opening]
) -> Difference | Unfaithful:
    """Descend to the first example in which the two sides differ.

    Raises:
        Invalid: ``dispute_without_difference`` when the roots are equal, or
            ``merkle_empty``.
    """
    if examples < 1:
        raise Invalid("merkle_empty", "A receipt is of at least one example.")
    if roots[0] == roots[1]:
        raise Invalid("dispute_without_difference", "Both receipts have the same root.")
    shown = (bytes.fromhex(roots[0]), bytes.fromhex(roots[1]))
    index, steps = 0, 0
    for level in range(height_of(examples), 0, -1):
        steps += 1
        below = openings[0](level, index), openings[1](level, index)
        for side in (ONE, OTHER):
            if not _folds(below[side], shown[side], _children(examples, level, index)):
                return Unfaithful(side, steps)
        # both fold to different hashes, so some child differs; the first one is ours
        turn = 0 if below[0][0] != below[1][0] else 1
        shown = below[0][turn], below[1][turn]
        index = 2 * index + turn
    return Difference(index, shown, steps)


def _children(examples: int, level: int, index: int) -> int:
    """How many nodes lie right below this one: 2, or 1 at a ragged edge."""
    width = -(-examples >> (level - 1))
    return min(2, width - 2 * index)


def _folds(below: tuple[bytes, ...], above: bytes, count: int) -> bool:
    if len(below) != count or any(len(one) != len(above) for one in below):
        return False
    return (below[0] if count == 1 else node_hash(below[0], below[1])) == above
