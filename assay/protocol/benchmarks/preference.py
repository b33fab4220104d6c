"""Preference: which of two answers does the model, or its reward head, prefer?

A row is ``{"id", "prompt", "chosen", "rejected"}``. A model sees the two in an order
that depends on the id alone, so that the place tells nothing.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from assay.protocol.benchmarks.multiple_choice import MAX_CONTEXT
from assay.protocol.benchmarks.options import integer_option, no_other_options
from assay.protocol.benchmarks.rows import (
    Example,
    RowProblem,
    TaskType,
    text_field,
)

MAX_ANSWER = 20_000


def check_options(options: Mapping[str, Any]) -> None:
    """``max_tokens``: 8 to 8192, for prompt and answer together.

    Raises:
        Invalid: an option is unknown or cannot be.
    """
    no_other_options(options, {"max_tokens"}, "preference")
    integer_option(options, "max_tokens", low=8, high=8_192, default=2_048)


def read(row: Mapping[str, Any], _options: Mapping[str, Any]) -> Example:
    """Read one labelled row.

    Raises:
        RowProblem: a field is missing or cannot be.
    """
    identity = text_field(row, "id", limit=200)
    context = text_field(row, "prompt", limit=MAX_CONTEXT)
    choices = [text_field(row, name, limit=MAX_ANSWER) for name in ROLES]
    if choices[0] == choices[1]:
        raise RowProblem("rejected", "the two answers are the same")
    label = hashlib.sha256(identity.encode()).digest()[0] % 2
    if label:
        choices.reverse()
    return Example(
        id=identity,
        input={"id": identity, "context": context, "choices": choices},
        label=label,
        lengths=tuple(len(choice.encode()) for choice in choices),
    )


ROLES = ("chosen", "rejected")
TASK_TYPE = TaskType(
    title="Preference",
    metrics=("accuracy", "accuracy_normalised"),
    fields=("id", "prompt", *ROLES),
    check_options=check_options,
    read=read,
)
