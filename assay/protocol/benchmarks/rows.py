"""What every task type shares: examples, row problems, readers of fields."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assay.protocol.outputs import Answer


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
        targets: the texts that count as right, where the model writes one.
        gold: the number that is right, where the model gives one.
        cluster: the source that the example shares with others, or empty.
        slices: the row's value in each column by which the benchmark is sliced.
    """

    id: str
    input: Mapping[str, Any]
    label: int
    lengths: tuple[int, ...] = ()
    slices: Mapping[str, str] = field(default_factory=dict)
    targets: tuple[str, ...] = ()
    cluster: str = ""
    gold: float = 0.0

    @property
    def answer(self) -> Answer:
        """What is right, which no model may see."""
        return Answer(
            id=self.id,
            label=self.label,
            lengths=self.lengths,
            slices=self.slices,
            targets=self.targets,
            cluster=self.cluster,
            gold=self.gold,
        )


SCORE_BYTES = 28  # "-0x1.…p-1022", at the most


def scores_bytes(example: Example, options: Mapping[str, Any]) -> int:
    """What the scores of an output may take on their way, at the most."""
    return SCORE_BYTES * (len(example.lengths) or len(options.get("labels", ())) or 1)


@dataclass(frozen=True)
class TaskType:
    """How one kind of task is read, which metrics suit it, how large outputs get."""

    title: str
    metrics: tuple[str, ...]
    fields: tuple[str, ...]
    check_options: Callable[[Mapping[str, Any]], None]
    read: Callable[[Mapping[str, Any], Mapping[str, Any]], Example]
    output_bytes: Callable[[Example, Mapping[str, Any]], int] = scores_bytes
    check_split: Callable[[Sequence[Example]], None] = lambda _examples: None


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
