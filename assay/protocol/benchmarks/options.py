"""Readers of a task type's options."""

from collections.abc import Mapping
from typing import Any

from assay.protocol.errors import Invalid


def integer_option(
    options: Mapping[str, Any], name: str, *, low: int, high: int, default: int
) -> int:
    """A whole number among the options.

    Raises:
        Invalid: ``task_options_invalid``.
    """
    value = options.get(name, default)
    if type(value) is not int or not low <= value <= high:
        raise option_problem(f"The option {name} must be {low} to {high}.")
    return value


def no_other_options(options: Mapping[str, Any], known: set[str], title: str) -> None:
    """Refuse the first option that nothing would read.

    Raises:
        Invalid: ``task_options_invalid``.
    """
    unknown = sorted(set(options) - known)
    if unknown:
        raise option_problem(f"There is no option {unknown[0]!r} for {title}.")


def option_problem(sentence: str) -> Invalid:
    """What is wrong with a task's options."""
    return Invalid("task_options_invalid", sentence, where="task_options")
