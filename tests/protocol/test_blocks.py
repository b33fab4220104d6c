"""Two files are cut so that what they share is cut alike."""

import hashlib
import io
import struct
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from assay.protocol import blocks
from tests.builders.weights import bert_files


@dataclass
class Held:
    content: bytes

    @property
    def size(self) -> int:
        return len(self.content)

    def read(self, offset: int, length: int) -> bytes:
        return self.content[offset : offset + length]


@given(st.binary(max_size=300_000))
def test_any_bytes_are_cut_whole_and_in_order(content: bytes):
    end = 0
    for span in blocks.spans(Held(content)):
        assert span.offset == end
        assert 0 < span.length <= blocks.BLOCK
        end += span.length
    assert end == len(content)


@given(st.binary(max_size=200), st.integers(0, 2**40))
def test_hostile_headers_are_cut_as_bytes(tail: bytes, length: int):
    content = struct.pack("<Q", length) + b"{" + tail

    assert sum(span.length for span in blocks.spans(Held(content))) == len(content)


def test_a_longer_header_moves_no_tensor_into_other_blocks():
    content = bert_files(seed=3)["model.safetensors"]
    (length,) = struct.unpack("<Q", content[:8])
    longer = struct.pack("<Q", length + 8) + content[8 : 8 + length] + b" " * 8
    moved = longer + content[8 + length :]

    ours = {digest for _, digest in blocks.digests(Held(content))}
    theirs = [digest for _, digest in blocks.digests(Held(moved))]

    assert sum(digest not in ours for digest in theirs) == 1  # the header


@given(st.binary(max_size=200_000))
def test_a_map_is_read_as_it_was_written(content: bytes):
    found = list(blocks.digests(Held(content)))

    assert list(blocks.unpacked(blocks.packed(found) + b"rest")) == found
    for span, digest in found:
        piece = io.BytesIO(content).getvalue()[span.offset :][: span.length]
        assert hashlib.sha256(piece).digest() == digest
