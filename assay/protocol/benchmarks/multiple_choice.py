"""Multiple choice: which continuation of a context does the model find likeliest?

A row is ``{"id", "context", "choices": [text, …], "answer": index}``.
"""

from collections.abc import Mapping
from typing import Any

from assay.protocol.benchmarks.rows import Example, RowProblem, TaskType, text_field
from assay.protocol.errors import Invalid

MAX_CHOICES = 32
MAX_CONTEXT = 20_000
MAX_CHOICE = 2_000


def check_options(options: Mapping[str, Any]) -> None:
    """There are none yet.

    Raises:
        Invalid: one was given.
    """
    if options:
        raise Invalid(
            "task_options_invalid",
            "Multiple choice takes no options.",
            where="task_options",
        )


def read(row: Mapping[str, Any], _options: Mapping[str, Any]) -> Example:
    """Read one labelled row.

    Raises:
        RowProblem: a field is missing or cannot be.
    """
    choices = row.get("choices")
    if not isinstance(choices, list) or not 2 <= len(choices) <= MAX_CHOICES:
        raise RowProblem("choices", f"choices must be 2 to {MAX_CHOICES} texts")
    for choice in choices:
        text_field({"choices": choice}, "choices", limit=MAX_CHOICE)
    if len(set(choices)) != len(choices):
        raise RowProblem("choices", "two choices are the same")
    answer = row.get("answer")
    if type(answer) is not int or not 0 <= answer < len(choices):
        raise RowProblem("answer", f"answer must be an index, 0 to {len(choices) - 1}")
    identity = text_field(row, "id", limit=200)
    context = text_field(row, "context", limit=MAX_CONTEXT)
    return Example(
        id=identity,
        input={"id": identity, "context": context, "choices": choices},
        label=answer,
        lengths=tuple(len(choice.encode()) for choice in choices),
    )


TASK_TYPE = TaskType(
    title="Multiple choice by log-likelihood",
    metrics=("accuracy", "accuracy_normalised"),
    fields=("id", "context", "choices", "answer"),
    check_options=check_options,
    read=read,
)
