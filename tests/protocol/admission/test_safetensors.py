"""A safetensors header is believed only as far as it can be checked."""

import json
import pickle  # noqa: TID251 - hostile files are made here, and never loaded
import struct
import zipfile
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.protocol.admission import AdmissionRules, BytesRange, inspect_files
from assay.protocol.admission.findings import FaultError
from assay.protocol.admission.safetensors import MAX_HEADER_BYTES, read_header
from tests.protocol.admission.builders import (
    codes,
    entry,
    model,
    raw_safetensors,
    safetensors,
)


def code_of(content):
    with pytest.raises(FaultError) as fault:
        read_header(BytesRange(content))
    return fault.value.code


def test_a_sound_file_gives_its_tensors_in_order():
    header = {
        "__metadata__": {"format": "pt"},
        "b": entry(8, (3,), "BF16"),
        "a": entry(0, (2, 2), "F16"),
        "embeddings.position_ids": entry(14, (1, 2), "I64"),
        "scalar": entry(30, ()),
    }

    tensors = read_header(BytesRange(raw_safetensors(header, bytes(34))))

    assert [(t.name, t.elements, t.begin, t.end) for t in tensors] == [
        ("a", 4, 0, 8),
        ("b", 3, 8, 14),
        ("embeddings.position_ids", 2, 14, 30),
        ("scalar", 1, 30, 34),
    ]


def test_padding_with_spaces_is_admitted_and_other_padding_is_not():
    text = json.dumps({"a": entry(0, (1,))}).encode()

    assert read_header(BytesRange(raw_safetensors(text + b"   ", bytes(4))))
    assert code_of(raw_safetensors(text + b"\n\n", bytes(4))) == "safetensors_header"
    assert code_of(raw_safetensors(b" " + text, bytes(4))) == "safetensors_header"


def header_with(**changes):
    return {"a": {**entry(0, (1,)), **changes}}


@pytest.mark.parametrize(
    ("code", "content"),
    [
        ("safetensors_size", b""),
        ("safetensors_size", b"12345678"),
        ("safetensors_size", struct.pack("<Q", 2**63) + b"{}"),
        ("safetensors_size", struct.pack("<Q", 3) + b"{}"),
        ("safetensors_header", struct.pack("<Q", 0) + b"{}"),
        (
            "safetensors_header",
            struct.pack("<Q", MAX_HEADER_BYTES + 1) + bytes(MAX_HEADER_BYTES + 1),
        ),
        ("safetensors_tensors", raw_safetensors({})),
        ("safetensors_tensors", raw_safetensors({"__metadata__": {}})),
        (
            "safetensors_tensors",
            raw_safetensors({f"t{i}": entry(0, (0,)) for i in range(20_001)}),
        ),
        ("safetensors_metadata", raw_safetensors({"__metadata__": {"a": 1}})),
        (
            "safetensors_metadata",
            raw_safetensors({"__metadata__": {"a": "x" * 10_001}}),
        ),
        ("safetensors_entry", raw_safetensors({"a": 1})),
        ("safetensors_entry", raw_safetensors(header_with(extra=1), bytes(4))),
        ("safetensors_entry", raw_safetensors({"a": {"dtype": "F32"}}, bytes(4))),
        ("safetensors_name", raw_safetensors({"../a": entry(0, (1,))}, bytes(4))),
        ("safetensors_name", raw_safetensors({"": entry(0, (1,))}, bytes(4))),
        ("safetensors_name", raw_safetensors({"a" * 257: entry(0, (1,))}, bytes(4))),
        ("safetensors_name", raw_safetensors({"\ud800": entry(0, (1,))}, bytes(4))),
        ("safetensors_dtype", raw_safetensors(header_with(dtype="F64"), bytes(4))),
        ("safetensors_dtype", raw_safetensors(header_with(dtype="U8"), bytes(4))),
        ("safetensors_dtype", raw_safetensors(header_with(dtype=["F32"]), bytes(4))),
        ("safetensors_dtype", raw_safetensors({"a": entry(0, (1,), "I64")}, bytes(8))),
        ("safetensors_shape", raw_safetensors(header_with(shape=[-1]), bytes(4))),
        ("safetensors_shape", raw_safetensors(header_with(shape=[True]), bytes(4))),
        ("safetensors_shape", raw_safetensors(header_with(shape=[1.0]), bytes(4))),
        ("safetensors_shape", raw_safetensors(header_with(shape=[1] * 9), bytes(4))),
        ("safetensors_shape", raw_safetensors(header_with(shape="1"), bytes(4))),
        ("safetensors_bytes", raw_safetensors(header_with(shape=[2]), bytes(4))),
        (
            "safetensors_bytes",
            raw_safetensors(header_with(shape=[2**47] * 8), bytes(4)),
        ),
        (
            "safetensors_offsets",
            raw_safetensors(header_with(data_offsets=[4, 0]), bytes(4)),
        ),
        (
            "safetensors_offsets",
            raw_safetensors(header_with(data_offsets=[-4, 0]), bytes(4)),
        ),
        (
            "safetensors_offsets",
            raw_safetensors(header_with(data_offsets=[0, 4, 4]), bytes(4)),
        ),
        (
            "safetensors_overlap",
            raw_safetensors({"a": entry(0, (2,)), "b": entry(4, (2,))}, bytes(12)),
        ),
        (
            "safetensors_overlap",
            raw_safetensors({"a": entry(0, (1,)), "b": entry(0, (1,))}, bytes(4)),
        ),
        (
            "safetensors_gap",
            raw_safetensors({"a": entry(0, (1,)), "b": entry(8, (1,))}, bytes(12)),
        ),
        ("safetensors_gap", raw_safetensors({"a": entry(4, (1,))}, bytes(8))),
        ("safetensors_size", raw_safetensors({"a": entry(0, (2,))}, bytes(4))),
        ("safetensors_trailing", raw_safetensors({"a": entry(0, (1,))}, bytes(5))),
        ("json_syntax", raw_safetensors(b"{a}")),
        ("json_encoding", raw_safetensors(b'{"\xff"}')),
        ("json_duplicate_key", raw_safetensors(b'{"a": 1, "a": 2}')),
        ("json_duplicate_key", raw_safetensors(b'{"a": {"x": 1, "x": 1}}')),
        ("json_number", raw_safetensors(b'{"a": NaN}')),
        ("json_number", raw_safetensors(b'{"a": -Infinity}')),
        ("json_number", raw_safetensors(b'{"a": 1e999}')),
        ("json_number", raw_safetensors(b'{"a": ' + b"9" * 5000 + b"}")),
        ("json_depth", raw_safetensors(b'{"a": ' + b"[" * 40 + b"]" * 40 + b"}")),
        (
            "json_depth",
            raw_safetensors(b'{"a": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"),
        ),
    ],
)
def test_a_file_that_cannot_be_believed_is_refused(code, content):
    assert code_of(content) == code


class Shell:
    def __reduce__(self):
        return print, ("this must never be printed",)


def zipped():
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(Shell()))
    return buffer.getvalue()


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_a_pickle_named_safetensors_is_named_a_pickle(protocol, capsys):
    content = pickle.dumps(Shell(), protocol=protocol)

    findings = inspect_files(model(model__safetensors=content), AdmissionRules())

    assert [f.code for f in findings] == ["file_is_pickle"]
    assert findings[0].sentence == (
        "model.safetensors is a pickle, not safetensors; loading it could run code."
    )
    assert "safe_serialization" in findings[0].fix
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("code", "content"),
    [
        ("file_is_pickle", zipped()),
        ("file_is_pickle", b"cos\nsystem\n(S'true'\ntR."),
        ("file_is_foreign", b"GGUF\x03\x00\x00\x00" + bytes(60)),
        ("file_is_foreign", b"\x89HDF\r\n\x1a\n" + bytes(60)),
        ("file_is_foreign", b"\x7fELF" + bytes(60)),
        ("file_is_foreign", b"version https://git-lfs.github.com/spec/v1\n"),
    ],
)
def test_a_foreign_file_is_named_for_what_it_is(code, content):
    assert codes(model(model__safetensors=content)) == [code]


def test_a_header_length_that_spells_a_pickle_is_still_safetensors():
    header = json.dumps({"weight": entry(0, (1000,))}).encode()
    content = raw_safetensors(header.ljust(0x0280), bytes(4000))

    assert content.startswith(b"\x80\x02")
    assert codes(model(model__safetensors=content)) == []


@given(st.binary(max_size=200))
def test_random_bytes_are_refused_and_nothing_else_is_raised(content):
    assert codes(model(model__safetensors=content)) != []


@given(st.data())
def test_a_damaged_file_is_refused_or_still_covers_every_byte(data):
    content = bytearray(safetensors("a", "b", shape=(2,)))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    file = BytesRange(bytes(content))

    try:
        tensors = read_header(file)
    except FaultError:
        return
    assert sum(t.end - t.begin for t in tensors) == 16


def test_only_the_header_is_read():
    class Watched(BytesRange):
        furthest = 0

        def read(self, offset, length):
            type(self).furthest = max(self.furthest, offset + length)
            return super().read(offset, length)

    content = safetensors("weight", shape=(1_000_000,))
    files = model() | {"model.safetensors": Watched(content)}

    assert inspect_files(files, AdmissionRules()) == []
    assert Watched.furthest < 1000
