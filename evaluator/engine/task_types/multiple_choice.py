"""Multiple choice: the log-likelihood of each choice after its context.

The value is that of lm-evaluation-harness: the sum of the log-probabilities of the
choice's tokens. Only the way there differs: a question is one forward pass over the
tree of its choices, and logits are computed only where a token is scored.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from tokenizers import Tokenizer

from evaluator.engine.rows import text_of
from evaluator.engine.setting import Scorer, Setting
from evaluator.engine.tokenizer import continuation
from evaluator.engine.trie import ROOT, Trie, grow

DEFAULT_MAX_TOKENS = 2048
_ROWS_AT_A_TIME = 16  # vocabulary-wide float64 rows that still fit the cache


@dataclass(frozen=True)
class Question:
    """A context and what may follow it."""

    id: str
    context: str
    choices: tuple[str, ...]


def parse(row: Mapping[str, Any]) -> Question:
    """A row ``{"id", "context", "choices": [text, …]}``."""
    choices = tuple(row["choices"])
    if not choices or not all(isinstance(choice, str) for choice in choices):
        raise TypeError("choices must be a list of texts")
    return Question(text_of(row, "id"), text_of(row, "context"), choices)


def scorer(setting: Setting) -> Scorer[Question]:
    """Scores a question by one log-likelihood (nats) per choice, in order."""
    window = setting.window(setting.token_limit(DEFAULT_MAX_TOKENS))
    first = setting.first_token()

    def score(question: Question) -> list[float]:
        trie = _trie(setting.tokenizer, question, window, first)
        parts = _log_probabilities(setting.model, trie)
        sums: list[list[float]] = [[] for _ in question.choices]
        for want, part in zip(trie.wanted, parts, strict=True):
            sums[want.choice].append(part)
        return [math.fsum(choice) for choice in sums]

    return score


def _trie(
    tokenizer: Tokenizer, question: Question, window: int, first: int | None
) -> Trie:
    return grow(
        [
            continuation(
                tokenizer, question.context, choice, window=window, first=first
            )
            for choice in question.choices
        ]
    )


def _log_probabilities(model: Any, trie: Trie) -> list[float]:
    """One value per ``trie.wanted``, in its order."""
    nodes = trie.scored_nodes()
    logits = model(
        input_ids=torch.tensor([trie.tokens]),
        position_ids=torch.tensor([trie.depths]),
        attention_mask=_ancestors_only(trie.parents),
        logits_to_keep=torch.tensor(nodes),
        use_cache=False,
    ).logits[0]
    row_of = {node: row for row, node in enumerate(nodes)}
    rows = torch.tensor([row_of[want.node] for want in trie.wanted])
    tokens = torch.tensor([want.token for want in trie.wanted])
    chosen = logits[rows, tokens].double()
    values: list[float] = (chosen - _log_partition(logits)[rows]).tolist()
    return values


def _ancestors_only(parents: list[int]) -> torch.Tensor:
    """Additive mask (1, 1, nodes, nodes): 0 for itself and ancestors, else -inf."""
    seen = torch.zeros(len(parents), len(parents), dtype=torch.bool)
    for node, parent in enumerate(parents):
        if parent != ROOT:
            seen[node] = seen[parent]
        seen[node, node] = True
    mask = torch.zeros(seen.shape).masked_fill_(~seen, -math.inf)
    return mask[None, None]


def _log_partition(logits: torch.Tensor) -> torch.Tensor:
    """Log of the sum of exponentials of each row, in float64."""
    pieces = logits.split(_ROWS_AT_A_TIME)
    return torch.cat([torch.logsumexp(piece.double(), dim=-1) for piece in pieces])
