"""Terms in the header of weights: the tensors stay as they are, memory stays flat."""

import hashlib
import json
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from assay.documents.weights import metadata_of, read_weights, write_weights
from assay.protocol.admission.findings import BytesRange
from assay.protocol.admission.safetensors import read_header
from assay.protocol.errors import Conflict, Invalid, TooLarge
from tests.documents.records import record

ONE_TENSOR = {"w": {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]}}


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """Two tensors and the metadata that transformers wants."""
    path = tmp_path / "model.safetensors"
    rng = np.random.default_rng(1)
    tensors = {
        "a": rng.standard_normal((5, 7)).astype(np.float32),
        "position_ids": np.arange(3, dtype=np.int64),
    }
    save_file(tensors, path, metadata={"format": "pt"})
    return path


def tail(path: Path) -> str:
    content = path.read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    return hashlib.sha256(content[start:]).hexdigest()


def made(path: Path, header: Any, data: bytes = b"\x01\x02\x03\x04") -> Path:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)
    return path


def test_weights_carry_terms_and_stay_loadable(weights: Path, tmp_path: Path):
    target = tmp_path / "out.safetensors"

    write_weights(weights, target, metadata_of(record()))

    before, after = load_file(weights), load_file(target)
    assert before.keys() == after.keys()
    assert all(np.array_equal(before[name], after[name]) for name in before)
    assert tail(target) == tail(weights)
    with safe_open(target, "np") as file:
        assert file.metadata()["format"] == "pt"
        assert file.metadata()["license"] == "udl-0.2"
    assert (8 + int.from_bytes(target.read_bytes()[:8], "little")) % 8 == 0
    # What was exported can be entered again.
    assert len(read_header(BytesRange(target.read_bytes()))) == 2


def test_a_stranger_reads_terms_and_origin(weights: Path, tmp_path: Path):
    target = tmp_path / "out.safetensors"
    write_weights(weights, target, metadata_of(record()))

    found = read_weights(target)

    assert found.tags == record().terms
    assert (found.model, found.digest) == ("maya/router", "a" * 64)
    assert found.page == record().page
    assert found.granted == record().granted.date()
    assert [p.digest for p in found.parents] == ["b" * 64, ""]


def test_terms_can_be_replaced_and_nothing_is_written_over(
    weights: Path, tmp_path: Path
):
    first, second = tmp_path / "1.safetensors", tmp_path / "2.safetensors"
    write_weights(weights, first, metadata_of(record()))
    write_weights(first, second, metadata_of(record(reference="bob/other")))

    assert read_weights(second).model == "bob/other"
    with pytest.raises(Conflict) as refusal:
        write_weights(weights, first, metadata_of(record()))
    assert refusal.value.code == "file_exists"
    assert read_weights(first).model == "maya/router"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "1.safetensors",
        "2.safetensors",
        "model.safetensors",
    ]


def test_memory_does_not_grow_with_the_file(tmp_path: Path):
    size = 256 * 2**20
    header = {"w": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}
    source = made(tmp_path / "big.safetensors", header, b"")
    with source.open("r+b") as file:
        file.truncate(file.seek(0, 2) + size)

    tracemalloc.start()
    write_weights(source, tmp_path / "out.safetensors", metadata_of(record()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 16 * 2**20
    assert (tmp_path / "out.safetensors").stat().st_size > size


def test_dtypes_that_the_platform_does_not_admit_are_read_all_the_same(
    tmp_path: Path,
):
    path = made(tmp_path / "w.safetensors", ONE_TENSOR)

    assert read_weights(path).tags is None
    write_weights(path, tmp_path / "out.safetensors", metadata_of(record()))
    assert read_weights(tmp_path / "out.safetensors").tags == record().terms


def test_metadata_beyond_what_weights_may_carry_is_refused(
    weights: Path, tmp_path: Path
):
    with pytest.raises(TooLarge) as refusal:
        write_weights(weights, tmp_path / "out", {"long": "x" * 10_001})
    assert refusal.value.code == "weights_metadata_large"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"{",
        b"[1]",
        b'{"a": 1, "a": 2}',
        b"[" * 100_000,
        {"__metadata__": 5},
        {"__metadata__": {"a": 5}},
        {"__metadata__": {"assay.terms": "no json"}},
        {"__metadata__": {"assay.terms": '{"License": "a", "License": "b"}'}},
        {"__metadata__": {"assay.terms": '{"License": 5}'}},
        {"__metadata__": {"assay.parents": "{"}},
    ],
)
def test_a_broken_header_is_refused(tmp_path: Path, header: Any):
    path = made(tmp_path / "w.safetensors", header)

    with pytest.raises(Invalid):
        read_weights(path)


@pytest.mark.parametrize("content", [b"", b"\x00" * 8, b"\xff" * 8, b"\xff" * 100])
def test_what_is_no_safetensors_is_refused(tmp_path: Path, content: bytes):
    path = tmp_path / "w.safetensors"
    path.write_bytes(content)

    for attempt in (
        lambda: read_weights(path),
        lambda: write_weights(path, tmp_path / "out", {}),
    ):
        with pytest.raises(Invalid) as refusal:
            attempt()
        assert refusal.value.code == "weights_unreadable"


@given(st.binary(max_size=200), st.binary(max_size=80))
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_header_is_read_or_refused(tmp_path: Path, header: bytes, data: bytes):
    path = made(tmp_path / "w.safetensors", header, data)

    try:
        read_weights(path)
    except Invalid:
        return
