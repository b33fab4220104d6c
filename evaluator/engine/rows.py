"""The inputs and outputs of a job as JSON lines."""

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, TypeVar

from assay.protocol.errors import Invalid
from assay.protocol.outputs import MAX_OUTPUT_TEXT, Output
from evaluator.engine.faults import ModelFault

Row = TypeVar("Row")


def read_rows(path: Path, parse: Callable[[Mapping[str, Any]], Row]) -> list[Row]:
    """Every row of a JSON-lines file through ``parse``.

    Raises:
        Invalid: ``inputs_unreadable`` with the number of the first bad line.
    """
    with path.open(encoding="utf-8") as lines:
        return [
            _read_row(line, number, parse)
            for number, line in enumerate(lines, start=1)
            if line.strip()
        ]


def _read_row(line: str, number: int, parse: Callable[[Mapping[str, Any]], Row]) -> Row:
    try:
        return parse(json.loads(line))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Invalid(
            "inputs_unreadable",
            f"Line {number} of the inputs cannot be read: {error!r}.",
            where=f"inputs:{number}",
        ) from error


def text_of(row: Mapping[str, Any], field: str) -> str:
    """A field that must be a string."""
    value = row[field]
    if not isinstance(value, str):
        kind = type(value).__name__
        raise TypeError(f"{field} must be text, not {kind}")
    return value


def write_output(out: IO[str], example: str, said: Sequence[float] | str) -> None:
    """Append one output row; numbers keep every bit as ``float.hex``.

    Raises:
        ModelFault: ``scores_not_finite`` when the model gave NaN or infinity.
    """
    if isinstance(said, str):
        row = Output(example, text=said[:MAX_OUTPUT_TEXT]).to_row()
        out.write(json.dumps(row) + "\n")
        return
    if not all(map(math.isfinite, said)):
        raise ModelFault(
            "scores_not_finite",
            f"The model gives no finite number for example {example}.",
            fix="Look for NaN or infinity in the weights; train with a lower rate.",
            where=example,
        )
    out.write(json.dumps(Output(example, tuple(said)).to_row()) + "\n")


def unique_ids(ids: Iterable[str]) -> None:
    """Refuse inputs in which an id stands twice."""
    seen: set[str] = set()
    for example in ids:
        if example in seen:
            raise Invalid(
                "inputs_repeat_id",
                f"The id {example} stands twice in the inputs.",
                where=example,
            )
        seen.add(example)
