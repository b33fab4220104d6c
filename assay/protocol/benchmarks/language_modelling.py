"""Language modelling: how few bits does the model need for a text?

A row is ``{"id", "text"}``. Bits are counted against the bytes of the text as it
stands in the row, so that tokenizers cannot shift the score. Nothing in a row is
hidden from a model but the split itself.
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
    TaskType,
    text_field,
)

MAX_TEXT = 200_000
DEFAULT_WINDOW = 1_024
OPTIONS = {"max_tokens", "stride"}


def check_options(options: Mapping[str, Any]) -> None:
    """``max_tokens``: the window, 8 to 8192; ``stride``: 1 to the window.

    Raises:
        Invalid: an option is unknown or cannot be.
    """
    no_other_options(options, OPTIONS, "language modelling")
    window = integer_option(
        options, "max_tokens", low=8, high=8_192, default=DEFAULT_WINDOW
    )
    stride = options.get("stride", window)
    if type(stride) is not int or not 1 <= stride <= window:
        raise option_problem("The option stride must be 1 to max_tokens.")


def read(row: Mapping[str, Any], _options: Mapping[str, Any]) -> Example:
    """Read one row.

    Raises:
        RowProblem: a field is missing or cannot be.
    """
    identity = text_field(row, "id", limit=200)
    text = text_field(row, "text", limit=MAX_TEXT)
    return Example(
        id=identity,
        input={"id": identity, "text": text},
        label=0,
        lengths=(len(text.encode()),),
    )


TASK_TYPE = TaskType(
    title="Language modelling",
    metrics=("compression",),
    fields=("id", "text"),
    check_options=check_options,
    read=read,
)
