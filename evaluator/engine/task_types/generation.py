"""Generation: the likeliest token, again and again, until a stop."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import DynamicCache

from assay.protocol.benchmarks.generation import DEFAULT_NEW_TOKENS, MAX_NEW_TOKENS
from assay.protocol.errors import Invalid
from evaluator.engine.faults import ModelFault
from evaluator.engine.rows import text_of
from evaluator.engine.setting import Scorer, Setting

WINDOW = 4096


@dataclass(frozen=True)
class Prompt:
    """What the model continues."""

    id: str
    prompt: str


def parse(row: Mapping[str, Any]) -> Prompt:
    """A row ``{"id", "prompt"}``."""
    return Prompt(text_of(row, "id"), text_of(row, "prompt"))


def scorer(setting: Setting) -> Scorer[Prompt]:
    """Answers a prompt by the text up to the first stop, the stop left out.

    Of equally likely tokens the first in the vocabulary counts. A prompt that leaves
    no room for its answer loses its oldest tokens.
    """
    new = int(setting.options.get("max_new_tokens", DEFAULT_NEW_TOKENS))
    until = tuple(setting.options.get("until", ()))
    window = setting.window(WINDOW)
    if not 1 <= new <= MAX_NEW_TOKENS:
        raise Invalid("options_max_new_tokens", "max_new_tokens is out of range.")
    if new >= window:
        raise ModelFault(
            "window_too_small",
            f"The model reads {window} tokens, and the task lets it write {new}.",
            where="config.json",
        )

    def answer(example: Prompt) -> str:
        encoding = setting.tokenizer.encode(example.prompt, add_special_tokens=False)
        prompt = list(encoding.ids)[-(window - new) :]
        first = setting.first_token()
        if not prompt and first is not None:
            prompt = [first]
        return _continue(setting, prompt, new, until)

    return answer


def _continue(
    setting: Setting, prompt: list[int], new: int, until: Sequence[str]
) -> str:
    cache, step, written = DynamicCache(), prompt, list[int]()
    ends = _end_tokens(setting)
    text = ""
    while len(written) < new:
        logits = setting.model(
            input_ids=torch.tensor([step]),
            cache=cache,
            use_cache=True,
            logits_to_keep=1,
        ).logits[0, -1]
        if not bool(torch.isfinite(logits).all()):
            raise ModelFault(
                "scores_not_finite",
                "The model gives no finite number for a next token.",
                fix="Look for NaN or infinity in the weights.",
            )
        token = int(logits.argmax())
        if token in ends:
            break
        written.append(token)
        step = [token]
        text = setting.tokenizer.decode(written)
        stops = [place for stop in until if (place := text.find(stop)) >= 0]
        if stops:
            return text[: min(stops)]
    return text


def _end_tokens(setting: Setting) -> set[int]:
    ends = setting.model.config.eos_token_id
    return set(ends) if isinstance(ends, list) else {ends}
