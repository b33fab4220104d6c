"""Multiple choice: the log-likelihood of each choice after its context.

The value is that of lm-evaluation-harness: the sum of the log-probabilities of the
choice's tokens. How the engine gets there is ``evaluator.engine.likelihood``'s.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluator.engine.rows import text_of
from evaluator.engine.setting import Scorer, Setting
from evaluator.engine.tokenizer import continuation
from evaluator.engine.trie import Continuation

DEFAULT_MAX_TOKENS = 2048


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
    """Scores questions by one log-likelihood (nats) per choice, in order."""
    window = setting.window(setting.token_limit(DEFAULT_MAX_TOKENS))
    first = setting.first_token()

    def requests(question: Question) -> list[Continuation]:
        return [
            continuation(
                setting.tokenizer, question.context, choice, window=window, first=first
            )
            for choice in question.choices
        ]

    def score(questions: Sequence[Question]) -> Iterator[list[float]]:
        return setting.likelihoods([requests(question) for question in questions])

    return score
