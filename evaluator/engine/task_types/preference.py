"""Preference: one number for each of two answers, by likelihood or a reward head."""

from collections.abc import Callable

import torch

from evaluator.engine.faults import ModelFault
from evaluator.engine.setting import Scorer, Setting
from evaluator.engine.task_types import multiple_choice
from evaluator.engine.task_types.multiple_choice import DEFAULT_MAX_TOKENS, Question

parse = multiple_choice.parse


def scorer(setting: Setting) -> Scorer[Question]:
    """A decoder scores by log-likelihood, a classifier with one output by its logit.

    Raises:
        ModelFault: ``labels_mismatch`` when the head has several outputs.
    """
    if not hasattr(setting.model, "classifier"):
        return multiple_choice.scorer(setting)
    if int(setting.model.config.num_labels) != 1:
        raise ModelFault(
            "labels_mismatch",
            "A reward head has one output.",
            fix="Train it with num_labels=1.",
            where="config.json",
        )
    longest = setting.token_limit(DEFAULT_MAX_TOKENS)
    reward = _reward(setting, longest)
    return lambda question: [
        reward(question.context, choice) for choice in question.choices
    ]


def _reward(setting: Setting, longest: int) -> Callable[[str, str], float]:
    def reward(context: str, choice: str) -> float:
        encoding = setting.tokenizer.encode(context, choice)
        encoding.truncate(longest, direction="left")
        logits = setting.model(
            input_ids=torch.tensor([encoding.ids]),
            **_kinds(setting, encoding.type_ids),
        ).logits
        return float(logits[0, 0])

    return reward


def _kinds(setting: Setting, kinds: list[int]) -> dict[str, torch.Tensor]:
    """Which of the two texts a token is of, for models that were told so."""
    if int(getattr(setting.model.config, "type_vocab_size", 1)) < 2:
        return {}
    return {"token_type_ids": torch.tensor([kinds])}
