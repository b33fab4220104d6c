"""Task types: how a labelled row of a benchmark becomes an input and an answer.

A task type is one file here and one in ``evaluator/engine``. Inputs are what a
model may see; answers stay with the server.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from assay.protocol.benchmarks import (
    embeddings,
    generation,
    language_modelling,
    multiple_choice,
    preference,
    text_classification,
)
from assay.protocol.benchmarks.rows import Example, RowProblem, TaskType
from assay.protocol.benchmarks.slicing import (
    cluster_column,
    cluster_of,
    columns_of,
    slices_of,
    without_slices,
)
from assay.protocol.errors import Invalid
from assay.protocol.outputs import Answer

TASK_TYPES: Mapping[str, TaskType] = {
    "generation": generation.TASK_TYPE,
    "language_modelling": language_modelling.TASK_TYPE,
    "multiple_choice": multiple_choice.TASK_TYPE,
    "preference": preference.TASK_TYPE,
    "retrieval": embeddings.RETRIEVAL,
    "similarity": embeddings.SIMILARITY,
    "text_classification": text_classification.TASK_TYPE,
}
MAX_ROWS = 200_000
MAX_LINE_BYTES = 1 << 20


@dataclass(frozen=True)
class Benchmark:
    """The examples of one split, in the order of the file."""

    examples: tuple[Example, ...]

    @property
    def inputs(self) -> bytes:
        """JSON lines that hold no answer."""
        return _lines(example.input for example in self.examples)

    @property
    def answers(self) -> bytes:
        """JSON lines, each an ``Answer``."""
        return _lines(example.answer.to_row() for example in self.examples)


def task_type(name: str) -> TaskType:
    """The task type of this name.

    Raises:
        Invalid: there is none; the sentence lists those that there are.
    """
    if name not in TASK_TYPES:
        raise Invalid(
            "task_type_unknown",
            f"There is no task type {name!r}.",
            fix=f"Use one of: {', '.join(TASK_TYPES)}.",
            where="task_type",
        )
    return TASK_TYPES[name]


def read_benchmark(
    *, task: str, options: Mapping[str, Any], content: Iterable[bytes], split: str
) -> Benchmark:
    """Read labelled JSON lines.

    Args:
        content: the lines of the file.
        split: its name, for the sentences.

    Raises:
        Invalid: a row cannot be used; ``where`` says split, row and field.
    """
    kind = task_type(task)
    columns, clusters = columns_of(options), cluster_column(options)
    kind.check_options(without_slices(options))
    examples: list[Example] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(content, start=1):
        if not line.strip():
            continue
        try:
            row = _row(line)
            example = replace(
                kind.read(row, options),
                slices=slices_of(row, columns),
                cluster=cluster_of(row, clusters),
            )
            first = seen.setdefault(example.id, number)
            if first != number:
                raise RowProblem("id", f"the id {example.id!r} stands in row {first}")
            if len(examples) >= MAX_ROWS:
                raise RowProblem("", f"a split may have {MAX_ROWS} rows")
        except RowProblem as problem:
            raise _refused(split, number, problem) from problem
        examples.append(example)
    if not examples:
        raise Invalid("benchmark_empty", f"The {split} split has no rows.", where=split)
    kind.check_split(examples)
    return Benchmark(tuple(examples))


def read_answers(content: Iterable[bytes]) -> list[Answer]:
    """The answers as ``Benchmark.answers`` wrote them."""
    return [Answer.of_row(json.loads(line)) for line in content]


def shared_inputs(one: Benchmark, other: Benchmark) -> list[str]:
    """Ids of ``one`` whose question also stands in ``other``: a leak."""
    known = {_question(example) for example in other.examples}
    return [e.id for e in one.examples if not _is_corpus(e) and _question(e) in known]


def _is_corpus(example: Example) -> bool:
    """Splits may share the documents in which something is looked for."""
    return example.input.get("role") == "document"


def _question(example: Example) -> str:
    rest = {key: value for key, value in example.input.items() if key != "id"}
    return json.dumps(rest, sort_keys=True)


def _row(line: bytes) -> dict[str, Any]:
    if len(line) > MAX_LINE_BYTES:
        raise RowProblem("", f"a row may have {MAX_LINE_BYTES} bytes")
    try:
        row = json.loads(line)
        json.dumps(row, ensure_ascii=False).encode()
    except RecursionError as error:
        raise RowProblem("", "this is nested too deeply") from error
    except UnicodeEncodeError as error:
        raise RowProblem("", "a text holds half of a character pair") from error
    except ValueError as error:
        raise RowProblem("", f"this is not JSON: {error}") from error
    if not isinstance(row, dict):
        raise RowProblem("", "a row is a JSON object")
    return row


def _refused(split: str, number: int, problem: RowProblem) -> Invalid:
    field = f", {problem.field}" if problem.field else ""
    return Invalid(
        "benchmark_row",
        f"Row {number} of the {split} split cannot be used: {problem.reason}.",
        fix="Mend the row and upload the file again.",
        where=f"{split} row {number}{field}",
    )


def _lines(rows: Iterable[Mapping[str, Any]]) -> bytes:
    return b"".join(
        json.dumps(row, ensure_ascii=False, sort_keys=True).encode() + b"\n"
        for row in rows
    )
