"""Questions cut into pieces that a forward pass lays side by side without padding.

The beginning that all choices of a question share, and of which nothing is scored, is
cut into blocks of ``BLOCK`` tokens; what is left is the question's tail, a tree. Where
the cuts fall depends on the question alone, so its bits do too; but two questions that
begin alike, as few-shot ones do, have equal blocks, and an equal block runs once.
"""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

from evaluator.engine.trie import Trie

BLOCK = 64
PACK = 1024  # tokens of a pass: enough for full speed, few enough for the cache

Key = tuple[int, ...]


@dataclass(frozen=True)
class Piece:
    """Tokens that look at the blocks ``past`` and at their own ancestors.

    Args:
        tokens: what is read.
        depths: the position of each token.
        parents: of each token, within this piece; ROOT after the past.
        past: keys of the blocks before it, from the first on.
        key: a block's own, all tokens up to its end; None for a tail.
    """

    tokens: Sequence[int]
    depths: Sequence[int]
    parents: Sequence[int]
    past: tuple[Key, ...]
    key: Key | None = None


@dataclass(frozen=True)
class Cut:
    """A question's pieces; the tail is the last, and begins at ``tail_start``."""

    trie: Trie
    pieces: tuple[Piece, ...]
    tail_start: int

    @property
    def tail(self) -> Piece:
        """What belongs to this question alone."""
        return self.pieces[-1]


def cut(trie: Trie) -> Cut:
    """The question's pieces, blocks first."""
    blocks = _shared_beginning(trie) // BLOCK
    keys = tuple(tuple(trie.tokens[: BLOCK * (index + 1)]) for index in range(blocks))
    pieces = [
        Piece(
            keys[index][-BLOCK:],
            range(BLOCK * index, BLOCK * (index + 1)),
            range(-1, BLOCK - 1),
            keys[:index],
            keys[index],
        )
        for index in range(blocks)
    ]
    start = BLOCK * blocks
    parents = [max(parent - start, -1) for parent in trie.parents[start:]]
    tail = Piece(trie.tokens[start:], trie.depths[start:], parents, keys)
    return Cut(trie, (*pieces, tail), start)


def _shared_beginning(trie: Trie) -> int:
    """How many first tokens all choices share and none of which is scored."""
    branches = (
        parent + 1 for node, parent in enumerate(trie.parents) if parent != node - 1
    )
    scored = min(want.node for want in trie.wanted)
    return min(scored, min(branches, default=len(trie.tokens)))


def packs(cuts: Sequence[Cut], known: Container[Key]) -> Iterator[list[Cut]]:
    """Runs of questions, in order, of about ``PACK`` tokens to compute together.

    Args:
        cuts: the questions.
        known: the blocks that are kept from earlier passes, as they are now.
    """
    pack: list[Cut] = []
    size = 0
    seen: set[Key] = set()
    for question in cuts:
        more = _size(question, known, seen)
        if pack and size + more > PACK:
            yield pack
            pack, size, seen = [], 0, set()
            more = _size(question, known, seen)
        pack.append(question)
        size += more
        seen.update(piece.key for piece in question.pieces if piece.key is not None)
    if pack:
        yield pack


def _size(question: Cut, known: Container[Key], seen: Container[Key]) -> int:
    return sum(
        len(piece.tokens)
        for piece in question.pieces
        if piece.key is None or (piece.key not in known and piece.key not in seen)
    )
