"""The seam between task types and arithmetic: questions in, log-likelihoods out."""

import math
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import torch
from transformers import PreTrainedModel

from evaluator.engine.masks import ancestors_only
from evaluator.engine.trie import Continuation, Trie, grow

_ROWS_AT_A_TIME = 16  # vocabulary-wide float64 rows that still fit the cache


class Likelihoods(Protocol):
    """What answers the requests of a task type that ranks texts.

    The bits of one question's numbers depend on the weights, that question and the
    engine's version, never on the other questions of the call or of earlier calls.
    """

    def __call__(
        self, questions: Sequence[Sequence[Continuation]]
    ) -> Iterator[list[float]]:
        """Per question, in order, one log-likelihood (nats) per continuation."""


class ModuleLikelihoods:
    """Any causal model of transformers, one question a forward pass, in float32."""

    def __init__(self, model: PreTrainedModel) -> None:
        self._model = model

    def __call__(
        self, questions: Sequence[Sequence[Continuation]]
    ) -> Iterator[list[float]]:
        """See ``Likelihoods``."""
        for question in questions:
            trie = grow(question)
            yield sums(trie, self._log_probabilities(trie), len(question))

    def _log_probabilities(self, trie: Trie) -> list[float]:
        """One value per ``trie.wanted``, in its order."""
        nodes = trie.scored_nodes()
        logits = self._forward(trie, nodes)
        row_of = {node: row for row, node in enumerate(nodes)}
        rows = torch.tensor([row_of[want.node] for want in trie.wanted])
        tokens = torch.tensor([want.token for want in trie.wanted])
        chosen = logits[rows, tokens].double()
        values: list[float] = (chosen - _log_partition(logits)[rows]).tolist()
        return values

    def _forward(self, trie: Trie, nodes: list[int]) -> torch.Tensor:
        model: Any = self._model
        logits: torch.Tensor = model(
            input_ids=torch.tensor([trie.tokens]),
            position_ids=torch.tensor([trie.depths]),
            attention_mask=ancestors_only(trie.parents).to(model.dtype)[None, None],
            logits_to_keep=torch.tensor(nodes),
            use_cache=False,
        ).logits[0]
        return logits


def sums(trie: Trie, parts: Sequence[float], choices: int) -> list[float]:
    """The log-likelihood of each choice from the parts of ``trie.wanted``."""
    lists: list[list[float]] = [[] for _ in range(choices)]
    for want, part in zip(trie.wanted, parts, strict=True):
        lists[want.choice].append(part)
    return [math.fsum(choice) for choice in lists]


def _log_partition(logits: torch.Tensor) -> torch.Tensor:
    """Log of the sum of exponentials of each row, in float64."""
    pieces = logits.split(_ROWS_AT_A_TIME)
    return torch.cat([torch.logsumexp(piece.double(), dim=-1) for piece in pieces])
