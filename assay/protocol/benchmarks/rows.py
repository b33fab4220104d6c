"""What every task type shares: examples, row problems, readers of fields."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


class RowProblem(Exception):
    """A row that cannot be used: the field, and what is wrong with it."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


@dataclass(frozen=True)
class Example:
    """One question with its answer.

    Attributes:
        input: what a model sees; holds the id and never the answer.
        label: index of the right choice or class.
        lengths: bytes of each choice, for length-normalised metrics.
        slices: the row's value in each column by which the benchmark is sliced.
    """

    id: str
    input: Mapping[str, Any]
    label: int
    lengths: tuple[int, ...] = ()
    slices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TaskType:
    """How one kind of task is read and which metrics suit it."""

    title: str
    metrics: tuple[str, ...]
    fields: tuple[str, ...]
    check_options: Callable[[Mapping[str, Any]], None]
    read: Callable[[Mapping[str, Any], Mapping[str, Any]], Example]


def text_field(row: Mapping[str, Any], field: str, *, limit: int) -> str:
    """A non-empty text of at most ``limit`` characters.

    Raises:
        RowProblem: it is something else.
    """
    value = row.get(field)
    if not isinstance(value, str) or not value.strip():
        raise RowProblem(field, f"{field} must be a text that is not empty")
    if len(value) > limit:
        raise RowProblem(field, f"{field} has {len(value)} characters, over {limit}")
    return value
