"""Slices: scored beside the whole, by columns of the rows."""

import json
from typing import Any

import pytest

from assay.protocol.benchmarks import read_answers, read_benchmark
from assay.protocol.errors import Invalid
from assay.protocol.scoring import Output, score

LABELS = ["yes", "no"]
ROWS = [
    {"id": "1", "text": "a", "label": "yes", "topic": "cards", "hard": True},
    {"id": "2", "text": "b", "label": "no", "topic": "loans", "hard": False},
    {"id": "3", "text": "c", "label": "yes", "topic": "cards", "hard": False},
    {"id": "4", "text": "d", "label": "no", "topic": "cards", "hard": True},
]


def benchmark(rows: list[dict[str, Any]], columns: Any):
    return read_benchmark(
        task="text_classification",
        options={"labels": LABELS, "slice_by": columns},
        content=[json.dumps(row).encode() for row in rows],
        split="public",
    )


def said(choices: str) -> list[Output]:
    """What a model chose, "y" or "n" an example."""
    return [
        Output(str(number), (0.0, -1.0) if choice == "y" else (-1.0, 0.0))
        for number, choice in enumerate(choices, start=1)
    ]


def test_each_value_of_each_column_is_scored_beside_the_whole():
    answers = read_answers(benchmark(ROWS, ["topic", "hard"]).answers.splitlines())

    found = score("accuracy", said("ynnn"), answers)

    assert found.value == 0.75
    assert [(s.column, s.name, s.count, s.value) for s in found.slices] == [
        ("hard", "false", 2, 0.5),
        ("hard", "true", 2, 1.0),
        ("topic", "cards", 3, pytest.approx(2 / 3)),
        ("topic", "loans", 1, 1.0),
    ]
    assert all(s.low <= s.value <= s.high for s in found.slices)


def test_what_a_model_sees_holds_no_slice():
    inputs = benchmark(ROWS, ["topic"]).inputs

    assert b"cards" not in inputs


def test_a_benchmark_without_slices_has_the_answers_that_it_always_had():
    plain = benchmark(ROWS, [])

    assert b"slices" not in plain.answers
    assert (
        plain.answers
        == read_benchmark(
            task="text_classification",
            options={"labels": LABELS},
            content=[json.dumps(row).encode() for row in ROWS],
            split="public",
        ).answers
    )


@pytest.mark.parametrize(
    "columns", ["topic", ["a"] * 2, [""], [1], ["id"], list("abcdef"), None]
)
def test_columns_that_cannot_be_are_refused(columns: Any):
    with pytest.raises(Invalid) as refused:
        benchmark(ROWS, columns)

    assert refused.value.code == "slice_by_invalid"


@pytest.mark.parametrize("value", [None, "", "x" * 61, 1.5, ["cards"]])
def test_a_row_whose_column_is_no_short_text_is_named(value: Any):
    with pytest.raises(Invalid) as refused:
        benchmark([ROWS[0], {**ROWS[1], "topic": value}], ["topic"])

    assert refused.value.where == "public row 2, topic"
