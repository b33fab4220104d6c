"""Bills of materials: valid by the strict schema, and read back as written."""

import json
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from hypothesis import given, settings

from assay.documents.boms import MAX_BOM, read_bom, write_bom
from assay.protocol.errors import Invalid
from assay.protocol.terms import PRESETS, read_tags, write_tags
from tests.documents.records import record
from tests.protocol.terms.strategies import terms


def changed(**component: Any) -> str:
    document = json.loads(write_bom(record()))
    document["metadata"]["component"].update(component)
    return json.dumps(document)


def test_it_is_valid_by_the_strict_schema_of_another_program():
    text = write_bom(record())

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    component = json.loads(text)["metadata"]["component"]
    assert component["type"] == "machine-learning-model"
    assert component["modelCard"]["modelParameters"]["modelArchitecture"]
    assert [a["name"] for a in component["pedigree"]["ancestors"]] == [
        "minilm",
        "secret",
    ]
    licensing = component["licenses"][0]["license"]["licensing"]
    assert licensing["licensor"] == {"individual": {"name": "maya"}}
    assert licensing["licenseTypes"] == ["custom-metric", "perpetual"]
    assert component["components"][1]["hashes"][0]["content"] == "d" * 64


def test_it_says_terms_and_origin_to_whoever_reads_it():
    found = read_bom(write_bom(record()))

    assert found.tags == record().terms
    assert (found.model, found.digest) == ("maya/router", "a" * 64)
    assert (found.page, found.licence) == (record().page, "udl-0.2")
    assert found.granted == record().granted.date()
    assert [(p.reference, p.digest) for p in found.parents] == [
        ("open-models/minilm", "b" * 64),
        ("bob/secret", ""),
    ]


@given(terms().filter(lambda found: found.version is not None))
@settings(max_examples=25, deadline=None)
def test_any_terms_survive_it(written):
    found = read_bom(write_bom(record(terms=write_tags(written))))

    assert found.tags is not None
    assert read_tags(found.tags).terms == written


def test_terms_that_end_have_an_expiration():
    tags = {**write_tags(PRESETS["open"].terms), "Expiry": "2"}

    component = json.loads(write_bom(record(terms=tags)))["metadata"]["component"]

    licensing = component["licenses"][0]["license"]["licensing"]
    assert licensing["expiration"] == "2028-05-03T00:00:00Z"


def test_the_same_record_gives_the_same_bytes():
    assert write_bom(record()) == write_bom(record())
    assert "pedigree" not in write_bom(record(parents=()))


def test_licences_in_a_list_bind_together():
    listed = [{"license": {"id": "MIT"}}, {"license": {"id": "CC-BY-4.0"}}]
    chosen = [{"expression": "MIT OR Apache-2.0"}]

    assert read_bom(changed(licenses=listed)).licence == "(MIT) AND (CC-BY-4.0)"
    assert read_bom(changed(licenses=chosen)).licence == "MIT OR Apache-2.0"
    assert read_bom(changed(licenses=chosen)).tags is None


def twice() -> str:
    document = json.loads(write_bom(record()))
    licence = document["metadata"]["component"]["licenses"][0]["license"]
    licence["properties"].append(
        {"name": "assay:terms:Commercial-Use", "value": "Allowed"}
    )
    return json.dumps(document)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "bom_unreadable"),
        ("[]", "bom_unreadable"),
        ("{}", "bom_unreadable"),
        ("[" * 100_000, "bom_unreadable"),
        ('{"bomFormat": "CycloneDX", "bomFormat": "CycloneDX"}', "bom_unreadable"),
        ('{"bomFormat": "CycloneDX", "specVersion": "9.9"}', "bom_schema"),
        ('{"bomFormat": "CycloneDX", "specVersion": "1.6"}', "bom_no_model"),
        (" " * (MAX_BOM + 1), "bom_large"),
        ("\ud800", "bom_unreadable"),
    ],
)
def test_what_is_no_bill_of_a_model_is_refused(text: str, code: str):
    with pytest.raises(Invalid) as refusal:
        read_bom(text)
    assert refusal.value.code == code


def test_an_unknown_key_and_a_tag_that_is_there_twice_are_refused():
    for text, code in ((changed(royalty=1), "bom_schema"), (twice(), "bom_two_terms")):
        with pytest.raises(Invalid) as refusal:
            read_bom(text)
        assert refusal.value.code == code
