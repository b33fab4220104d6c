"""One question's choices as a tree of tokens, so that shared beginnings run once.

The sequences of a question share their context and often the first words of a
choice. A forward pass over the tree's nodes, in which each node sees only itself
and its ancestors, gives every sequence what a pass over it alone would give.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

ROOT = -1


@dataclass(frozen=True)
class Continuation:
    """Tokens of a context and one choice; ``start`` is the choice's first, >= 1."""

    tokens: tuple[int, ...]
    start: int


@dataclass(frozen=True)
class Wanted:
    """The log-probability of ``token`` right after ``node``, owed to ``choice``."""

    node: int
    token: int
    choice: int


@dataclass
class Trie:
    """Nodes in an order in which a parent stands before its children.

    ``tokens[i]`` is read at position ``depths[i]``, right after ``parents[i]``
    (ROOT for the first token of a sequence).
    """

    tokens: list[int] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    depths: list[int] = field(default_factory=list)
    wanted: list[Wanted] = field(default_factory=list)

    def scored_nodes(self) -> list[int]:
        """The nodes whose next-token distribution is needed, ascending."""
        return sorted({want.node for want in self.wanted})


def grow(continuations: Sequence[Continuation]) -> Trie:
    """The tree of all continuations of one question.

    A sequence's last token is only predicted, never read, so it has no node.
    """
    trie = Trie()
    nodes: dict[tuple[int, int], int] = {}
    for choice, continuation in enumerate(continuations):
        _add(trie, nodes, choice, continuation)
    return trie


def _add(
    trie: Trie,
    nodes: dict[tuple[int, int], int],
    choice: int,
    continuation: Continuation,
) -> None:
    node = ROOT
    last = len(continuation.tokens) - 1
    for depth, token in enumerate(continuation.tokens):
        if depth >= continuation.start:
            trie.wanted.append(Wanted(node, token, choice))
        if depth < last:
            node = _child(trie, nodes, node, token, depth)


def _child(
    trie: Trie, nodes: dict[tuple[int, int], int], parent: int, token: int, depth: int
) -> int:
    known = nodes.get((parent, token))
    if known is not None:
        return known
    node = nodes[parent, token] = len(trie.tokens)
    trie.tokens.append(token)
    trie.parents.append(parent)
    trie.depths.append(depth)
    return node
