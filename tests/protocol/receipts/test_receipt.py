import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from assay.protocol.canonical import canonical_bytes
from assay.protocol.errors import Invalid
from assay.protocol.manifest import ManifestFile
from assay.protocol.receipts import (
    EvaluatorKey,
    check_receipt,
    differing_fields,
    read_receipt,
    sign_receipt,
    weights_digest,
)
from assay.protocol.receipts.comparing import are_comparable
from tests.protocol.receipts.worked import KEY, KEYS, NOON, OUTPUTS, RECEIPT, SEED

PAGE = Path(__file__).parents[3] / "docs" / "algorithms" / "receipts.md"
LATER = NOON + timedelta(days=1)


def refusal_of(certificate, keys=KEYS):
    with pytest.raises(Invalid) as refused:
        check_receipt(certificate, keys)
    return refused.value


def test_the_page_shows_the_bytes_that_this_code_makes():
    page = PAGE.read_text("utf-8")
    signed = sign_receipt(SEED, RECEIPT)
    for output in OUTPUTS:
        assert output.canonical().decode() in page
    for shown in (
        canonical_bytes(RECEIPT.document()).decode(),
        RECEIPT.root,
        RECEIPT.digest(),
        KEY.public,
        KEY.key_id,
        signed["signature"],
    ):
        assert shown in page


def test_a_receipt_is_read_back_as_it_was_signed():
    assert check_receipt(sign_receipt(SEED, RECEIPT), KEYS) == RECEIPT


@pytest.mark.parametrize("name", sorted(RECEIPT.document()))
def test_a_change_of_any_field_breaks_the_signature(name):
    signed = sign_receipt(SEED, RECEIPT)
    signed["document"] = {**signed["document"], name: "another"}
    assert refusal_of(signed).code == "receipt_signature"


def test_a_key_that_nobody_published_is_not_believed():
    assert refusal_of(sign_receipt(bytes(32), RECEIPT)).code == "receipt_key_unknown"
    assert refusal_of("nonsense").code == "receipt_key_unknown"
    assert refusal_of({"key_id": ["a"]}).code == "receipt_key_unknown"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"since": LATER}, "receipt_key_early"),
        ({"until": NOON - timedelta(seconds=1)}, "receipt_key_ended"),
        ({"revoked_at": NOON}, "receipt_key_revoked"),
    ],
)
def test_a_key_counts_in_its_own_time_only(change, code):
    keys = {KEY.key_id: replace(KEY, **change)}
    assert refusal_of(sign_receipt(SEED, RECEIPT), keys).code == code


def test_receipts_from_before_a_rotation_or_a_revocation_stay_good():
    for change in ({"until": LATER}, {"revoked_at": LATER}):
        keys = {KEY.key_id: replace(KEY, **change)}
        assert check_receipt(sign_receipt(SEED, RECEIPT), keys) == RECEIPT


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("weights", "AA" * 32),
        ("data", ""),
        ("evaluation", ""),
        ("engine", "a\nb"),
        ("precision", "x" * 201),
        ("examples", 0),
        ("examples", True),
        ("resources", {"cpu_ms": -1, "wall_ms": 0, "peak_bytes": 0}),
        ("resources", {"cpu_ms": 1}),
        ("resources", []),
        ("at", "2026-03-02T12:00:00"),
        ("at", "noon"),
        ("at", "2026-03-02T12:00:00Z"),
        ("format", "assay-receipt-0"),
        ("root", 5),
        ("more", "fields"),
    ],
)
def test_a_malformed_document_is_refused_by_name(name, value):
    with pytest.raises(Invalid) as refused:
        read_receipt({**RECEIPT.document(), name: value})
    assert refused.value.code == "receipt_malformed"


def test_something_else_is_no_receipt():
    with pytest.raises(Invalid) as refused:
        read_receipt(["assay-receipt-1"])
    assert refused.value.code == "receipt_malformed"


def test_the_fields_that_are_not_what_one_knows_are_named():
    expected = {"data": "dd" * 32, "split": "public", "root": "ee" * 32, "other": 1}
    assert differing_fields(RECEIPT, expected) == ["data", "root"]


def test_weights_are_known_by_their_files_in_any_order():
    files = [ManifestFile("a", 1, "aa" * 32), ManifestFile("b", 2, "bb" * 32)]
    assert weights_digest(files) == weights_digest(reversed(files))
    assert weights_digest(files) != weights_digest(files[:1])


@pytest.mark.parametrize(
    ("engine", "precision", "comparable"),
    [
        ("float32-1/torch-2.13.0/amd-avx2", "float32", True),
        ("float32-1/torch-2.13.0/intel-avx512", "float32", False),
        ("float32-1/torch-2.13.0/amd-avx2", "exact", False),
    ],
)
def test_float32_is_compared_on_equal_machines_only(engine, precision, comparable):
    other = replace(RECEIPT, engine=engine, precision=precision)
    assert are_comparable(RECEIPT, other) is comparable


def test_exact_receipts_are_compared_across_machines():
    one = replace(RECEIPT, engine="exact21-1/torch-2.13.0/avx2", precision="exact")
    there = replace(one, engine="exact21-1/torch-2.13.0/avx512")
    newer = replace(one, engine="exact21-2/torch-2.13.0/avx2")
    assert are_comparable(one, there)
    assert not are_comparable(one, newer)


def test_keys_are_published_and_read_back():
    ended = replace(KEY, until=LATER, revoked_at=LATER)
    assert [EvaluatorKey.from_json(key.to_json()) for key in (KEY, ended)] == [
        KEY,
        ended,
    ]
    with pytest.raises(Invalid) as refused:
        EvaluatorKey.from_json({"public": "x"})
    assert refused.value.code == "evaluator_keys_unreadable"


def test_the_page_names_every_field():
    page = PAGE.read_text("utf-8")
    missing = [n for n in RECEIPT.document() if not re.search(rf"`{n}`", page)]
    assert missing == []
