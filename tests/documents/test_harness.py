"""Tasks in the harness's YAML, with data in each format."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from assay.documents.harness import read_harness_task
from assay.documents.tables import read_table
from assay.protocol.benchmarks import read_benchmark
from assay.protocol.errors import Invalid

ROWS = [
    {"q": "2 + 2", "good": "4", "bad": "5", "place": 0},
    {"q": "3 + 3", "good": "6", "bad": "7", "place": 0},
]
CHOICE = """
task: sums
dataset_path: rows.jsonl
output_type: multiple_choice
doc_to_text: "What is {{ q }}?"
doc_to_choice: ["{{ good }}", "{{ bad }}"]
doc_to_target: place
metric_list: [{metric: acc}, {metric: acc_norm}]
metadata: {version: 1}
"""
GENERATION = """
task: sums
dataset_path: json
dataset_kwargs: {data_files: {test: rows.jsonl, train: shots.jsonl}}
test_split: test
fewshot_split: train
num_fewshot: 1
description: "Add.\\n\\n"
output_type: generate_until
doc_to_text: "Q: {{q}}\\nA:"
doc_to_target: "{{ good }}"
generation_kwargs: {until: ["\\n"], max_gen_toks: 8, do_sample: false}
metric_list: [{metric: exact_match}]
"""


def lines(rows: list[dict]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rows.jsonl").write_text(lines(ROWS))
    (tmp_path / "shots.jsonl").write_text(lines([{"q": "1 + 1", "good": "2"}]))
    return tmp_path


def written(folder: Path, text: str) -> Path:
    (folder / "task.yaml").write_text(text)
    return folder / "task.yaml"


def test_multiple_choice_becomes_rows_that_a_benchmark_takes(folder):
    found = read_harness_task(written(folder, CHOICE))

    assert (found.task_type, found.metric) == ("multiple_choice", "accuracy_normalised")
    assert found.rows[0] == {
        "id": "sums-0",
        "context": "What is 2 + 2?",
        "choices": ["4", "5"],
        "answer": 0,
    }
    content = [json.dumps(row).encode() for row in found.rows]
    read = read_benchmark(
        task=found.task_type, options=found.options, content=content, split="sample"
    )
    assert len(read.examples) == 2


def test_generation_has_its_description_examples_and_stops(folder):
    found = read_harness_task(written(folder, GENERATION))

    assert found.rows[0]["prompt"] == "Add.\n\nQ: 1 + 1\nA: 2\n\nQ: 2 + 2\nA:"
    assert found.rows[0]["targets"] == ["4"]
    assert found.options == {"until": ["\n"], "max_new_tokens": 8}


def test_rolling_texts_are_language_modelling(folder):
    task = """
dataset_path: rows.jsonl
output_type: loglikelihood_rolling
doc_to_target: "{{ q }}"
metric_list: [{metric: bits_per_byte}]
"""
    found = read_harness_task(written(folder, task))

    assert (found.task_type, found.metric) == ("language_modelling", "compression")
    assert found.rows[1] == {"id": "task-1", "text": "3 + 3"}


def test_every_format_gives_the_same_rows(folder):
    (folder / "rows.csv").write_text("q,good\n2 + 2,4\n3 + 3,6\n")
    (folder / "rows.json").write_text(json.dumps(ROWS))
    pq.write_table(pa.Table.from_pylist(ROWS), folder / "rows.parquet")

    wanted = [(row["q"], row["good"]) for row in ROWS]
    for ending in ("jsonl", "json", "csv", "parquet"):
        rows = read_table(folder / f"rows.{ending}")
        assert [(row["q"], row["good"]) for row in rows] == wanted, ending


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("metadata:", "process_docs: x\nrepeats: 3\nmetadata:"), "harness_fields"),
        (("multiple_choice", "loglikelihood"), "harness_fields"),
        (("place", "!function code.py:f"), "harness_unreadable"),
        (("place", "7"), "harness_target"),
        (("acc}, {metric: acc_norm", "ppl"), "harness_metric"),
        (("rows.jsonl", "none.jsonl"), "table_unreadable"),
        (("rows.jsonl", "rows.xls"), "table_unreadable"),
        (('["{{ good }}", "{{ bad }}"]', "q"), "harness_choices"),
    ],
)
def test_what_is_not_understood_is_refused(folder, change, code):
    with pytest.raises(Invalid) as refused:
        read_harness_task(written(folder, CHOICE.replace(*change)))
    assert refused.value.code == code


def test_one_refusal_names_all_fields_that_are_not_understood(folder):
    task = CHOICE + "repeats: 3\nprocess_docs: x\ntarget_delimiter: ''\n"
    with pytest.raises(Invalid) as refused:
        read_harness_task(written(folder, task))
    for name in ("process_docs", "repeats", "target_delimiter"):
        assert name in str(refused.value)
