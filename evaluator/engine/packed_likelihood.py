"""Log-likelihoods of many questions a pass, each with bits of its own."""

import math
from collections.abc import Iterator, Sequence

import torch

from evaluator.engine.likelihood import sums
from evaluator.engine.llama import Llama
from evaluator.engine.pieces import Cut, Piece, cut, packs
from evaluator.engine.trie import Continuation, grow

_HEAD_ROWS = 64  # scored tokens whose vocabulary-wide rows are computed at once
_SUM_ROWS = 16  # of these, how many are summed while they are in the cache
_LANES = 64  # a row of this many floats leaves no ragged end to vector loops


class PackedLikelihoods:
    """``Likelihoods`` of a Llama: packed, shared beginnings once.

    Attributes:
        tokens: how many were run through the layers.
        scored: how many were run through the head.
    """

    def __init__(self, llama: Llama) -> None:
        self._llama = llama
        self.tokens = 0
        self.scored = 0

    def __call__(
        self, questions: Sequence[Sequence[Continuation]]
    ) -> Iterator[list[float]]:
        """See ``Likelihoods``."""
        cuts = [cut(grow(question)) for question in questions]
        done = 0
        for pack in packs(cuts, self._llama.blocks):
            for found in self._run(pack):
                yield sums(cuts[done].trie, found, len(questions[done]))
                done += 1

    def _run(self, pack: Sequence[Cut]) -> list[list[float]]:
        """Per question, one log-probability per ``trie.wanted``, in its order."""
        pieces = self._pieces(pack)
        states = self._llama.states(pieces)
        self.tokens += sum(len(piece.tokens) for piece in pieces)
        starts, first = {}, 0
        for piece in pieces:
            starts[id(piece)] = first
            first += len(piece.tokens)
        wanted = [
            (starts[id(question.tail)] + want.node - question.tail_start, want.token)
            for question in pack
            for want in question.trie.wanted
        ]
        values = iter(self._log_probabilities(states, wanted))
        self._llama.blocks.trim()
        return [[next(values) for _ in question.trie.wanted] for question in pack]

    def _pieces(self, pack: Sequence[Cut]) -> list[Piece]:
        """What has to be run: a block only where it is new."""
        seen = set()
        pieces = []
        for piece in (piece for question in pack for piece in question.pieces):
            if piece.key is not None:
                if piece.key in self._llama.blocks or piece.key in seen:
                    continue
                seen.add(piece.key)
            pieces.append(piece)
        return pieces

    def _log_probabilities(
        self, states: torch.Tensor, wanted: Sequence[tuple[int, int]]
    ) -> list[float]:
        """Of (row, token) pairs."""
        rows = sorted({row for row, _ in wanted})
        self.scored += len(rows)
        place = {row: index for index, row in enumerate(rows)}
        chosen: dict[tuple[int, int], float] = {}
        by_chunk: dict[int, list[tuple[int, int]]] = {}
        for row, token in wanted:
            by_chunk.setdefault(place[row] // _HEAD_ROWS, []).append((row, token))
        for chunk, pairs in by_chunk.items():
            some = rows[chunk * _HEAD_ROWS : (chunk + 1) * _HEAD_ROWS]
            filled = some + some[:1] * (_HEAD_ROWS - len(some))
            logits = self._llama.logits(states[torch.tensor(filled)])
            at = [place[row] - chunk * _HEAD_ROWS for row, _ in pairs]
            tokens = [token for _, token in pairs]
            raw = logits[torch.tensor(at), torch.tensor(tokens)].double()
            found = raw - _log_partition(logits)[torch.tensor(at)]
            chosen.update(zip(pairs, found.tolist(), strict=True))
        return [chosen[pair] for pair in wanted]


def _log_partition(logits: torch.Tensor) -> torch.Tensor:
    """Log of the sum of exponentials of each row; overwrites ``logits``.

    Exponentials are float32, their sum is taken pairwise; the rest is float64.
    """
    ragged = -logits.shape[1] % _LANES
    if ragged:
        logits = torch.nn.functional.pad(logits, (0, ragged), value=-math.inf)
    parts = []
    for piece in logits.split(_SUM_ROWS):
        most = piece.amax(-1, keepdim=True)
        total = piece.sub_(most).exp_().sum(-1)
        parts.append(most[:, 0].double() + total.double().log())
    return torch.cat(parts)
