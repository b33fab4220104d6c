"""Generation: what does the model write after a prompt?

A row is ``{"id", "prompt", "targets": [text, …]}``; any of the targets counts. The
model writes greedily, up to ``max_new_tokens`` or the first of the texts ``until``.
"""

from collections.abc import Mapping
from typing import Any

from assay.protocol.benchmarks.options import (
    integer_option,
    no_other_options,
    option_problem,
)
from assay.protocol.benchmarks.rows import (
    Example,
    RowProblem,
    TaskType,
    text_field,
)
from assay.protocol.outputs import MAX_OUTPUT_TEXT

MAX_PROMPT = 40_000
MAX_TARGETS = 32
MAX_TARGET = 4_000
MAX_NEW_TOKENS = 1_024
MAX_STOPS = 8
DEFAULT_NEW_TOKENS = 64
OPTIONS = {"max_new_tokens", "until"}


def check_options(options: Mapping[str, Any]) -> None:
    """``max_new_tokens``: 1 to 1024, 64 if absent; ``until``: up to 8 texts.

    Raises:
        Invalid: an option is unknown or cannot be.
    """
    no_other_options(options, OPTIONS, "generation")
    _new_tokens(options)
    until = options.get("until", [])
    if not isinstance(until, list) or len(until) > MAX_STOPS:
        raise option_problem(f"The option until lists up to {MAX_STOPS} texts.")
    if not all(isinstance(stop, str) and 0 < len(stop) <= 100 for stop in until):
        raise option_problem("The texts of until have 1 to 100 characters.")


def read(row: Mapping[str, Any], _options: Mapping[str, Any]) -> Example:
    """Read one labelled row.

    Raises:
        RowProblem: a field is missing or cannot be.
    """
    identity = text_field(row, "id", limit=200)
    prompt = text_field(row, "prompt", limit=MAX_PROMPT)
    targets = row.get("targets")
    if not isinstance(targets, list) or not 1 <= len(targets) <= MAX_TARGETS:
        raise RowProblem("targets", f"targets must be 1 to {MAX_TARGETS} texts")
    for target in targets:
        text_field({"targets": target}, "targets", limit=MAX_TARGET)
    return Example(
        id=identity,
        input={"id": identity, "prompt": prompt},
        label=0,
        targets=tuple(targets),
    )


def _new_tokens(options: Mapping[str, Any]) -> int:
    return integer_option(
        options,
        "max_new_tokens",
        low=1,
        high=MAX_NEW_TOKENS,
        default=DEFAULT_NEW_TOKENS,
    )


def _text_bytes(_example: Example, options: Mapping[str, Any]) -> int:
    """Words of some letters a token; a letter may take six bytes on its way."""
    return min(MAX_OUTPUT_TEXT * 6, 36 * _new_tokens(options))


TASK_TYPE = TaskType(
    title="Generation",
    metrics=("exact_match", "numeric_match", "token_f1", "rouge_l", "bleu"),
    fields=("id", "prompt", "targets"),
    check_options=check_options,
    read=read,
    output_bytes=_text_bytes,
)
