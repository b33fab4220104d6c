"""The small tasks: what a sponsor's file may look like for each kind of output."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from assay.protocol.benchmarks import Benchmark, read_answers, read_benchmark, task_type
from assay.protocol.outputs import Output
from assay.protocol.scoring import score

TASKS = Path(__file__).parents[2] / "examples" / "tasks"
NAMES = sorted(folder.name for folder in TASKS.iterdir())


def read(name: str) -> tuple[dict[str, Any], Benchmark]:
    spec = tomllib.loads((TASKS / name / "task.toml").read_text("utf-8"))
    lines = (TASKS / name / "sample.jsonl").read_bytes().splitlines()
    found = read_benchmark(
        task=spec["task_type"],
        options=spec["task_options"],
        content=lines,
        split="sample",
    )
    return spec, found


@pytest.mark.parametrize("name", NAMES)
def test_a_small_task_is_read_and_says_where_it_is_from(name):
    spec, found = read(name)

    assert len(found.examples) >= 12
    assert spec["metric"] in task_type(spec["task_type"]).metrics
    assert (TASKS / name / "SOURCE.md").exists()


def test_whoever_writes_the_first_target_is_right_in_every_slice():
    spec, found = read("short_answers")
    answers = read_answers(found.answers.splitlines())
    outputs = [Output(one.id, text=f" {one.targets[0]}") for one in answers]

    result = score(spec["metric"], outputs, answers)

    assert result.value == 1
    assert {one.name for one in result.slices} > {"tense"}
    assert sum(one.count for one in result.slices) == len(answers)


def test_a_query_that_lies_on_its_passage_finds_it():
    spec, found = read("passage_retrieval")
    answers = read_answers(found.answers.splitlines())
    documents = [one.id for one in answers if not one.targets]

    def place(one) -> tuple[float, ...]:
        wanted = one.targets[0] if one.targets else one.id
        return tuple(float(wanted == document) for document in documents)

    outputs = [Output(one.id, place(one)) for one in answers]

    assert score(spec["metric"], outputs, answers).value == 1


def test_bytes_are_those_of_the_text_as_it_stands():
    _, found = read("shakespeare")

    for example in found.examples:
        assert example.lengths == (len(example.input["text"].encode()),)
