"""A sketch as bytes, to be kept: one line of JSON, then all vectors, then profiles."""

import json
import zlib
from typing import Final

import numpy as np

from assay.protocol.errors import Invalid
from assay.protocol.similarity.sketching import VERSION, WIDTH, Sketch, TensorSketch

FORMAT: Final = f"assay-sketch-{VERSION}"


def pack(sketch: Sketch) -> bytes:
    """The sketch as bytes; the same sketch gives the same bytes."""
    head = {
        "format": FORMAT,
        "tensors": [
            [t.name, list(t.shape), t.digest, t.square, t.telling, len(t.profile)]
            for t in sketch.tensors
        ],
    }
    line = zlib.compress(json.dumps(head, separators=(",", ":")).encode())
    vectors = b"".join(t.vector.astype("<f4").tobytes() for t in sketch.tensors)
    profiles = b"".join(t.profile.astype("<f4").tobytes() for t in sketch.tensors)
    return len(line).to_bytes(8, "little") + line + vectors + profiles


def unpack(content: bytes) -> Sketch:
    """The sketch that ``pack`` wrote.

    Raises:
        Invalid: ``sketch_format``; it was written by another version.
    """
    length = int.from_bytes(content[:8], "little")
    head = json.loads(zlib.decompress(content[8 : 8 + length]))
    if head["format"] != FORMAT:
        raise Invalid("sketch_format", f"This sketch is {head['format']}.")
    rows = head["tensors"]
    numbers = np.frombuffer(content, "<f4", offset=8 + length)
    vectors = numbers[: len(rows) * WIDTH].reshape(-1, WIDTH)
    profiles = numbers[len(rows) * WIDTH :]
    found, place = [], 0
    for row, vector in zip(rows, vectors, strict=True):
        name, shape, digest, square, telling, length = row
        profile = profiles[place : place + length]
        place += length
        found.append(
            TensorSketch(name, tuple(shape), digest, square, telling, vector, profile)
        )
    return Sketch(tuple(found))
