"""A competition's data as the Hub's card and as Croissant tell of it."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import yaml
from datasets import Features, Value
from hypothesis import given
from hypothesis import strategies as some

from assay.documents.cards import check_card
from assay.documents.croissants import write_croissant
from assay.documents.data_cards import write_data_card
from assay.documents.dataset import DataFile, DataRecord, features_of

SAMPLE = DataFile("sample.jsonl", "https://assay.test/sample.jsonl", 100, "a" * 64)
TRAIN = DataFile("train.jsonl", "https://assay.test/train.jsonl", 900, "b" * 64)
NOTES = DataFile("notes.md", "https://assay.test/notes.md", 9, "c" * 64)
RECORD = DataRecord(
    name="bank-intents",
    title="Bank intents: a “quoted” title",
    summary="Route a question.",
    page="https://assay.test/competitions/bank-intents",
    sponsor="alice",
    published=datetime(2026, 3, 1, tzinfo=UTC),
    task_type="text_classification",
    metric="accuracy",
    licence="CC-BY-4.0",
    counts={"sample": 30, "public": 200, "private": 500},
    features={
        "id": "string",
        "choices": ["string"],
        "label": ("card", "loan"),
        "more": {"x": "int64"},
    },
    sample=SAMPLE,
    files=(NOTES, SAMPLE, TRAIN),
)


def lines(*rows: object) -> list[bytes]:
    return [json.dumps(row).encode() for row in rows]


def test_a_card_has_features_that_datasets_reads_licence_and_counts():
    card = write_data_card(RECORD)

    block = check_card(card)
    info = block["dataset_info"]
    assert block["license"] == "cc-by-4.0"
    assert info["splits"][0]["num_examples"] == 30
    features = Features._from_yaml_list(info["features"])
    assert features["label"].names == ["card", "loan"]
    assert features["choices"].feature == Value("string")
    assert features["more"] == {"x": Value("int64")}
    assert "| private | 500 | hidden |" in card
    assert "Licence of the data: CC-BY-4.0." in card


def test_each_file_of_rows_is_a_config_and_others_are_none():
    block = yaml.safe_load(write_data_card(RECORD).split("---")[1])

    assert [(c["config_name"], c["data_files"]) for c in block["configs"]] == [
        ("default", [{"split": "sample", "path": "sample.jsonl"}]),
        ("train", [{"split": "train", "path": "train.jsonl"}]),
    ]


@pytest.mark.parametrize(
    ("licence", "shown"),
    [("", "unknown"), ("Apache-2.0", "apache-2.0"), ("Own-Licence-1.0", "other")],
)
def test_a_licence_that_the_hub_does_not_know_is_named(licence: str, shown: str):
    block = check_card(write_data_card(replace(RECORD, licence=licence)))

    assert block["license"] == shown
    assert block.get("license_name") == (
        "own-licence-1.0" if shown == "other" else None
    )


@pytest.mark.parametrize(
    ("rows", "features"),
    [
        ([{"a": 1}, {"a": 1.5}], {"a": "float64"}),
        ([{"a": None}, {"a": True}], {"a": "bool"}),
        ([{"a": []}, {"a": ["x"]}], {"a": ["string"]}),
        ([{"a": 1}, {"a": "x"}], {"a": "string"}),
        ([{"a": {"b": 1}}, {"a": {"c": "x"}}], {"a": {"b": "int64", "c": "string"}}),
        ([{"label": "y"}], {"label": ("y", "n")}),
        ([{"label": 0}], {"label": "int64"}),
    ],
)
def test_features_hold_every_row(rows: list[object], features: dict[str, object]):
    assert features_of(lines(*rows), labels=("y", "n")) == features


@given(
    some.lists(some.dictionaries(some.text(max_size=5), some.integers()), max_size=5)
)
def test_features_name_every_field_once(rows: list[dict[str, int]]):
    found = features_of(lines(*rows))

    assert set(found) == {name for row in rows for name in row}


def test_croissant_says_where_each_file_is_and_what_a_row_holds():
    told = json.loads(write_croissant(RECORD))

    assert told["conformsTo"] == "http://mlcommons.org/croissant/1.0"
    assert told["license"] == "https://spdx.org/licenses/CC-BY-4.0"
    files = {file["@id"]: file for file in told["distribution"]}
    assert files["sample.jsonl"]["sha256"] == SAMPLE.sha256
    assert files["train.jsonl"]["contentUrl"] == TRAIN.url
    assert files["notes.md"]["encodingFormat"] == "text/markdown"
    fields = {field["@id"]: field for field in told["recordSet"][0]["field"]}
    assert fields["sample/choices"]["repeated"] is True
    assert fields["sample/id"]["dataType"] == "sc:Text"
    assert "sample/more" not in fields  # has parts of its own
    assert all(f["source"]["fileObject"]["@id"] in files for f in fields.values())
    assert "license" not in json.loads(write_croissant(replace(RECORD, licence="")))
