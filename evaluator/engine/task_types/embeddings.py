"""Embeddings: a text as one vector of length 1, and the likeness of two."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch

from evaluator.engine.rows import text_of
from evaluator.engine.setting import Scorer, Setting
from evaluator.engine.tokenizer import classifier_ids

DEFAULT_MAX_TOKENS = 256


@dataclass(frozen=True)
class Passage:
    """A document or a query."""

    id: str
    text: str


@dataclass(frozen=True)
class Pair:
    """Two texts to compare."""

    id: str
    first: str
    second: str


def parse_passage(row: Mapping[str, Any]) -> Passage:
    """A row ``{"id", "text"}``."""
    return Passage(text_of(row, "id"), text_of(row, "text"))


def parse_pair(row: Mapping[str, Any]) -> Pair:
    """A row ``{"id", "first", "second"}``."""
    return Pair(text_of(row, "id"), text_of(row, "first"), text_of(row, "second"))


def vectors(setting: Setting) -> Scorer[Passage]:
    """Answers a text by its vector's coordinates, as float32 numbers."""
    embed = _embedder(setting)

    def answer(passage: Passage) -> list[float]:
        found: list[float] = embed(passage.text).float().double().tolist()
        return found

    return answer


def likeness(setting: Setting) -> Scorer[Pair]:
    """Answers a pair by one number: the cosine of its vectors."""
    embed = _embedder(setting)

    def answer(pair: Pair) -> list[float]:
        first, second = embed(pair.first), embed(pair.second)
        return [math.fsum((first * second).tolist())]

    return answer


def _embedder(setting: Setting) -> Callable[[str], torch.Tensor]:
    """From a text to its direction (hidden size, float64); ``options.pooling``."""
    longest = setting.token_limit(DEFAULT_MAX_TOKENS)
    first_only = setting.options.get("pooling", "mean") == "cls"

    def embed(text: str) -> torch.Tensor:
        ids = classifier_ids(setting.tokenizer, text, longest)
        states = setting.model(input_ids=torch.tensor([ids])).last_hidden_state[0]
        states = states.double()
        pooled: torch.Tensor = states[0] if first_only else states.mean(dim=0)
        return pooled / pooled.norm().clamp_min(1e-300)

    return embed
