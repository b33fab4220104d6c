"""Reads what a jailed process left, as if an enemy had written it."""

import json
import math
import os
from typing import Any

from assay.protocol.outputs import MAX_OUTPUT_TEXT, Output

_LONGEST_ID, _MOST_SCORES, _LONGEST_NUMBER = 200, 10_000, 40


class BadOutputsError(Exception):
    """The file of outputs is not what was asked for; carries a code."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


def read_outputs(opened: int, most_bytes: int) -> tuple[Output, ...]:
    """The outputs in an open file, which was opened before the jail started.

    Raises:
        BadOutputsError: too large, not JSON lines of id and scores or text, an id that
            stands twice, or a score that is no finite number.
    """
    if os.fstat(opened).st_size > most_bytes:
        raise BadOutputsError(
            "outputs_too_large", f"The outputs exceed {most_bytes} bytes."
        )
    lines = _content(opened, most_bytes).split(b"\n")
    outputs = [_row(line, number) for number, line in enumerate(lines, 1) if line]
    if len({output.id for output in outputs}) < len(outputs):
        raise BadOutputsError("outputs_malformed", "An id stands twice in the outputs.")
    return tuple(outputs)


def _content(opened: int, most_bytes: int) -> bytes:
    os.lseek(opened, 0, os.SEEK_SET)
    with os.fdopen(os.dup(opened), "rb") as file:
        return file.read(most_bytes)


def _row(line: bytes, number: int) -> Output:
    try:
        row = json.loads(line.decode("utf-8"))
        if "text" in row:
            return Output(id=_id(row), text=_text(row))
        return Output(id=_id(row), scores=tuple(map(_score, _scores(row))))
    except BadOutputsError:
        raise
    except (ValueError, TypeError, KeyError, RecursionError):
        raise BadOutputsError(
            "outputs_malformed",
            f"Line {number} of the outputs is no id with scores or text.",
        ) from None


def _id(row: Any) -> str:
    if set(row) not in ({"id", "scores"}, {"id", "text"}) or not isinstance(
        row["id"], str
    ):
        raise ValueError
    if not 0 < len(row["id"]) <= _LONGEST_ID:
        raise ValueError
    return row["id"]


def _text(row: Any) -> str:
    text = row["text"]
    if not isinstance(text, str) or len(text) > MAX_OUTPUT_TEXT:
        raise ValueError
    text.encode()  # half of a character pair has no bytes to sign
    return text


def _scores(row: Any) -> list[Any]:
    scores = row["scores"]
    if not isinstance(scores, list) or not 0 < len(scores) <= _MOST_SCORES:
        raise ValueError
    return scores


def _score(text: Any) -> float:
    if not isinstance(text, str) or len(text) > _LONGEST_NUMBER:
        raise ValueError
    try:
        value = float.fromhex(text)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise BadOutputsError(
            "scores_not_finite", "The model gives a score that is no number."
        )
    return value
