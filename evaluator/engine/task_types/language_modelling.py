"""Language modelling: the log-likelihood of a whole text, in rolling windows."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch

from assay.protocol.benchmarks.language_modelling import DEFAULT_WINDOW
from evaluator.engine.faults import ModelFault
from evaluator.engine.rows import text_of
from evaluator.engine.setting import Scorer, Setting

_ROWS_AT_A_TIME = 16


@dataclass(frozen=True)
class Passage:
    """A text of which each token is predicted."""

    id: str
    text: str


def parse(row: Mapping[str, Any]) -> Passage:
    """A row ``{"id", "text"}``."""
    return Passage(text_of(row, "id"), text_of(row, "text"))


def scorer(setting: Setting) -> Scorer[Passage]:
    """Scores a text by one number: its log-likelihood in nats.

    Each token is predicted once, in windows of ``max_tokens`` that move on by
    ``stride`` (the whole window if absent): those after the first read the
    ``max_tokens - stride`` tokens before. The start token, else the end token,
    stands before the first.

    Raises:
        ModelFault: ``start_token_missing``.
    """
    window = setting.window(setting.token_limit(DEFAULT_WINDOW))
    stride = min(window, int(setting.options.get("stride", window)))
    first = setting.first_token()
    if first is None:
        raise ModelFault(
            "start_token_missing",
            "config.json names neither a start nor an end token.",
            fix="Keep the base model's bos_token_id and eos_token_id.",
            where="config.json",
        )

    def score(passage: Passage) -> list[float]:
        ids = setting.tokenizer.encode(passage.text, add_special_tokens=False).ids
        parts = [
            value
            for tokens, fresh in windows([first, *ids], window, stride)
            for value in _log_probabilities(setting.model, tokens, fresh)
        ]
        return [math.fsum(parts)]

    return score


def windows(
    tokens: list[int], window: int, stride: int
) -> Iterator[tuple[list[int], int]]:
    """Pieces of at most ``window`` + 1 tokens, with how many of their last are new.

    All tokens but the first one are new exactly once.
    """
    done = 1
    while done < len(tokens):
        end = min(len(tokens), done + (window if done == 1 else stride))
        yield tokens[max(0, end - window - 1) : end], end - done
        done = end


def _log_probabilities(model: Any, tokens: list[int], fresh: int) -> list[float]:
    """Of the last ``fresh`` tokens, each after all tokens before it."""
    logits = model(
        input_ids=torch.tensor([tokens[:-1]]), logits_to_keep=fresh, use_cache=False
    ).logits[0]
    wanted = torch.tensor(tokens[-fresh:])[:, None]
    chosen = logits.gather(1, wanted)[:, 0].double()
    pieces = logits.split(_ROWS_AT_A_TIME)
    total = torch.cat([torch.logsumexp(piece.double(), dim=-1) for piece in pieces])
    values: list[float] = (chosen - total).tolist()
    return values
