"""The inputs and outputs of a job as JSON lines."""

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, TypeVar

from assay.protocol.errors import Invalid
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


def write_scores(out: IO[str], example: str, scores: Sequence[float]) -> None:
    """Append one output row; the numbers keep every bit as ``float.hex``.

    Raises:
        ModelFault: ``scores_not_finite`` when the model gave NaN or infinity.
    """
    if not all(map(math.isfinite, scores)):
        raise ModelFault(
            "scores_not_finite",
            f"The model gives no finite number for example {example}.",
            fix="Look for NaN or infinity in the weights; train with a lower rate.",
            where=example,
        )
    row = {"id": example, "scores": [score.hex() for score in scores]}
    out.write(json.dumps(row) + "\n")


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
