"""Merkle trees over per-example results, hashed as in RFC 6962, section 2.1.

``leaf = SHA-256(0x00 ‖ result)``, ``node = SHA-256(0x01 ‖ left ‖ right)``; a node that
has no neighbour on its level goes up unchanged, which gives the RFC's tree. The leaves
are ``Output.canonical`` in the order of the examples' ids (by code points).
"""

import hashlib
from collections.abc import Iterable, Sequence
from itertools import pairwise

from assay.protocol.errors import Invalid
from assay.protocol.scoring import Output


class Tree:
    """All hashes of a tree, level by level; level 0 holds the leaves.

    Args:
        leaves: leaf hashes of 32 bytes, at least one.

    Raises:
        Invalid: ``merkle_empty``.
    """

    def __init__(self, leaves: Sequence[bytes]) -> None:
        if not leaves:
            raise Invalid("merkle_empty", "A receipt is of at least one example.")
        levels = [list(leaves)]
        while len(levels[-1]) > 1:
            levels.append(_above(levels[-1]))
        self._levels = levels

    @classmethod
    def of(cls, outputs: Iterable[Output]) -> "Tree":
        """The tree over outputs, whatever order they come in.

        Raises:
            Invalid: ``merkle_empty``, or ``outputs_twice`` for two of one id.
        """
        found = sorted(outputs, key=lambda output: output.id)
        for one, next_one in pairwise(found):
            if one.id == next_one.id:
                raise Invalid(
                    "outputs_twice",
                    "An example stands twice in the outputs.",
                    where=one.id,
                )
        return cls([leaf_hash(output.canonical()) for output in found])

    @property
    def size(self) -> int:
        """How many leaves it has."""
        return len(self._levels[0])

    @property
    def height(self) -> int:
        """Steps from the root to the lowest leaf: ⌈log2 size⌉."""
        return len(self._levels) - 1

    @property
    def root(self) -> str:
        """Its root, 64 hex digits."""
        return self._levels[-1][0].hex()

    def node(self, level: int, index: int) -> bytes:
        """The hash at a level, counted from the leaves."""
        return self._levels[level][index]

    def children(self, level: int, index: int) -> tuple[bytes, ...]:
        """The one or two hashes below a node above the leaves."""
        return tuple(self._levels[level - 1][2 * index : 2 * index + 2])

    def proof(self, index: int) -> tuple[str, ...]:
        """The hashes, lowest first, that lead from a leaf to the root (RFC's path).

        Raises:
            Invalid: ``merkle_index``.
        """
        _check_index(index, self.size)
        path = []
        for level in self._levels[:-1]:
            beside = index ^ 1
            if beside < len(level):
                path.append(level[beside].hex())
            index //= 2
        return tuple(path)


def root_of(outputs: Iterable[Output]) -> str:
    """The root over outputs, 64 hex digits; see ``Tree.of``."""
    return Tree.of(outputs).root


def leaf_hash(result: bytes) -> bytes:
    """The hash of one example's result."""
    return hashlib.sha256(b"\x00" + result).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two nodes side by side."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def proves(
    result: bytes, *, index: int, size: int, proof: Sequence[str], root: str
) -> bool:
    """Whether ``proof`` shows that ``result`` is leaf ``index`` under ``root``.

    Never raises: a malformed proof is a no.

    Args:
        size: how many leaves the tree has.
        proof: hex hashes, lowest first, as ``Tree.proof`` gives them.
    """
    if not 0 <= index < size:
        return False
    try:
        path = [bytes.fromhex(text) for text in proof]
    except ValueError:
        return False
    found, last = leaf_hash(result), size - 1
    for beside in path:
        # what goes up alone meets no hash on that level
        while index == last and index % 2 == 0 and last > 0:
            index, last = index // 2, last // 2
        if last == 0:
            return False
        found = node_hash(beside, found) if index % 2 else node_hash(found, beside)
        index, last = index // 2, last // 2
    return last == 0 and found.hex() == root


def _above(level: Sequence[bytes]) -> list[bytes]:
    pairs = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
    return [*pairs, level[-1]] if len(level) % 2 else pairs


def _check_index(index: int, size: int) -> None:
    if not 0 <= index < size:
        raise Invalid(
            "merkle_index", f"There is no example {index} among {size}, from 0."
        )
