"""How a file is cut into blocks that two files can share.

A fine-tune has the tensors of its base at other offsets: a head of another size, or a
longer header, moves all that follows. So a safetensors file is cut at its tensors, and
each tensor into blocks from its own beginning; any other file from the file's.
"""

import hashlib
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from assay.protocol.admission.findings import FaultError, ReadRange
from assay.protocol.admission.safetensors import read_header

BLOCK: Final = 64 * 1024
_ENTRY: Final = struct.Struct("<QI32s")
_LENGTH_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Span:
    """``length`` bytes of a file from ``offset`` on."""

    offset: int
    length: int


def spans(file: ReadRange) -> Iterator[Span]:
    """The blocks of a file, in order and without a gap.

    What is no sound safetensors file is cut as bytes: nothing here can be wrong, only
    less useful.
    """
    starts = [0]
    try:
        tensors = read_header(file)
    except FaultError:
        tensors = ()
    if tensors:
        data = _LENGTH_BYTES + int.from_bytes(file.read(0, _LENGTH_BYTES), "little")
        starts += [
            data + tensor.begin for tensor in tensors if tensor.end > tensor.begin
        ]
    ends = [*starts[1:], file.size]
    for start, end in zip(starts, ends, strict=True):
        for offset in range(start, end, BLOCK):
            yield Span(offset, min(BLOCK, end - offset))


def digests(file: ReadRange) -> Iterator[tuple[Span, bytes]]:
    """The SHA-256 of each block."""
    for span in spans(file):
        yield span, hashlib.sha256(file.read(span.offset, span.length)).digest()


def packed(found: Iterable[tuple[Span, bytes]]) -> bytes:
    """A block map: offset (u64), length (u32), SHA-256, little-endian, one by one."""
    return b"".join(_ENTRY.pack(s.offset, s.length, digest) for s, digest in found)


def unpacked(content: bytes) -> Iterator[tuple[Span, bytes]]:
    """A block map, read; what is left over at its end is left out."""
    whole = len(content) - len(content) % _ENTRY.size
    for offset, length, digest in _ENTRY.iter_unpack(content[:whole]):
        yield Span(offset, length), digest
