"""Text classification: which of the labels does a text carry?

A row is ``{"id", "text", "label": name}``; the option ``labels`` lists the names in
the order of the model's classes.
"""

from collections.abc import Mapping
from typing import Any

from assay.protocol.benchmarks.rows import Example, RowProblem, TaskType, text_field
from assay.protocol.errors import Invalid

MAX_LABELS = 1_000
MAX_TEXT = 20_000
OPTIONS = {"labels", "max_tokens"}


def check_options(options: Mapping[str, Any]) -> None:
    """``labels``: 2 or more different names; ``max_tokens``: 8 to 512, 128 if absent.

    Raises:
        Invalid: an option is missing, unknown or cannot be.
    """
    labels, length = options.get("labels"), options.get("max_tokens", 128)
    unknown = sorted(set(options) - OPTIONS)
    if unknown:
        _refuse(f"There is no option {unknown[0]!r} for text classification.")
    if not isinstance(labels, list) or not 2 <= len(labels) <= MAX_LABELS:
        _refuse(f"The option labels must list 2 to {MAX_LABELS} names.")
    elif len({str(label) for label in labels}) != len(labels):
        _refuse("The option labels names a label twice.")
    elif not all(isinstance(label, str) and label for label in labels):
        _refuse("The option labels may hold names only.")
    if type(length) is not int or not 8 <= length <= 512:
        _refuse("The option max_tokens must be 8 to 512.")


def _refuse(sentence: str) -> None:
    raise Invalid("task_options_invalid", sentence, where="task_options")


def read(row: Mapping[str, Any], options: Mapping[str, Any]) -> Example:
    """Read one labelled row.

    Raises:
        RowProblem: a field is missing or cannot be.
    """
    identity = text_field(row, "id", limit=200)
    text = text_field(row, "text", limit=MAX_TEXT)
    label = row.get("label")
    if label not in options["labels"]:
        raise RowProblem("label", f"{label!r} is none of the labels")
    return Example(
        id=identity,
        input={"id": identity, "text": text},
        label=options["labels"].index(label),
    )


TASK_TYPE = TaskType(
    title="Text classification",
    metrics=("accuracy", "macro_f1", "matthews", "log_loss_skill"),
    fields=("id", "text", "label"),
    check_options=check_options,
    read=read,
)
