"""Text classification: the log-probability of every label for one text."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from assay.protocol.errors import Invalid
from evaluator.engine.faults import ModelFault
from evaluator.engine.rows import text_of
from evaluator.engine.setting import Scorer, Setting
from evaluator.engine.tokenizer import classifier_ids

DEFAULT_MAX_TOKENS = 128


@dataclass(frozen=True)
class Text:
    """One text to label."""

    id: str
    text: str


def parse(row: Mapping[str, Any]) -> Text:
    """A row ``{"id", "text"}``."""
    return Text(text_of(row, "id"), text_of(row, "text"))


def scorer(setting: Setting) -> Scorer[Text]:
    """Scores texts by log-softmax over ``options.labels``, in their order.

    Raises:
        ModelFault: ``labels_mismatch`` when the head has another number of labels.
        Invalid: ``options_labels``, ``options_max_tokens``.
    """
    _check_labels(setting)
    max_tokens = setting.token_limit(DEFAULT_MAX_TOKENS)

    def score(texts: Sequence[Text]) -> Iterator[list[float]]:
        for example in texts:
            ids = classifier_ids(setting.tokenizer, example.text, max_tokens)
            logits = setting.model(input_ids=torch.tensor([ids])).logits[0]
            yield torch.log_softmax(logits.double(), dim=-1).tolist()

    return score


def _check_labels(setting: Setting) -> None:
    labels = setting.options.get("labels")
    if not isinstance(labels, list) or len(labels) < 2:
        raise Invalid(
            "options_labels",
            "The option labels must be a list of at least two names.",
            where="options.labels",
        )
    has = int(setting.model.config.num_labels)
    if has != len(labels):
        raise ModelFault(
            "labels_mismatch",
            f"The model has {has} labels and the task has {len(labels)}.",
            fix="Give the head one output per label, in the task's order.",
            where="config.json",
        )
