"""Keys under which a sketch is found again, so that not all sketches are compared.

Locality-sensitive hashing: the signs of a random projection agree for vectors at an
angle a with probability 1 - a/pi each (Charikar, 2002). Twelve or sixteen signs make a
band; models that share many bands are compared. Keys are integers below 2^63.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from assay.protocol.similarity.sketching import (
    Floats,
    Sketch,
    TensorSketch,
    by_shape,
)

# (bits, bands of a model alone, bands of what was added to an ancestor)
WIDE: Final = (16, 16, 6)
NARROW: Final = (12, 21, 42)
TENSORS: Final = 12
UNCHANGED: Final = 1e-9
_LAYOUT_STEP: Final = 0.01


def index_keys(
    sketch: Sketch, *, root: Sketch | None = None, family: str = ""
) -> set[int]:
    """Some five hundred keys of a model.

    Args:
        root: the oldest declared ancestor; the keys are then of what was added to it,
            because all its descendants resemble each other in the rest.
        family: a name for that ancestor.
    """
    return {
        *_exact_keys(sketch, root),
        *_band_keys(_chosen(sketch, root), family),
        *(_layout_keys(sketch) if root is None else ()),
    }


def has_family(sketch: Sketch, root: Sketch) -> bool:
    """Whether the weights do come from ``root``, in most of their numbers."""
    shapes = by_shape(root.telling)
    total = sum(tensor.elements for tensor in sketch.telling)
    from_root = sum(
        tensor.elements
        for tensor in sketch.telling
        if _reference(tensor, shapes.get(tensor.shape, ())) is not None
    )
    return 2 * from_root >= max(total, 1)


def _exact_keys(sketch: Sketch, root: Sketch | None) -> Iterator[int]:
    explained = {tensor.digest for tensor in root.tensors} if root else set()
    for tensor in _largest(sketch.telling):
        if tensor.digest not in explained:
            yield _key("exact", tensor.digest)


def _largest(tensors: Sequence[TensorSketch]) -> list[TensorSketch]:
    ordered = sorted(tensors, key=lambda t: (-t.elements, -t.square, t.digest))
    return ordered[: 2 * TENSORS]


def _chosen(sketch: Sketch, root: Sketch | None) -> list[tuple[TensorSketch, Floats]]:
    """The tensors to be hashed: the largest, or those that changed the most.

    Where a change is large beside the tensor, noise over all of it hides it least.
    """
    if root is None:
        ordered = sorted(sketch.telling, key=lambda t: (-t.elements, -t.square))
        return [(tensor, tensor.vector) for tensor in ordered[:TENSORS]]
    shapes = by_shape(root.telling)
    changed = []
    for tensor in sketch.telling:
        reference = _reference(tensor, shapes.get(tensor.shape, ()))
        base = reference.vector if reference is not None else 0 * tensor.vector
        change = tensor.vector - base
        size = float(change @ change) / max(tensor.square, 1e-30)
        if size > UNCHANGED:
            changed.append((size, tensor, change))
    changed.sort(key=lambda entry: (-entry[0], entry[1].name))
    return [(tensor, change) for _, tensor, change in changed[:TENSORS]]


def _reference(
    tensor: TensorSketch, group: Sequence[TensorSketch]
) -> TensorSketch | None:
    """The root's tensor that this one points along, if any."""
    if not group:
        return None
    table = np.stack([one.vector for one in group])
    norms = np.linalg.norm(table, axis=1) * np.linalg.norm(tensor.vector)
    cosines = (table @ tensor.vector) / np.maximum(norms, 1e-30)
    best = int(np.argmax(cosines))
    return group[best] if cosines[best] >= 0.5 else None


def _band_keys(
    chosen: Sequence[tuple[TensorSketch, Floats]], family: str
) -> Iterator[int]:
    """Wide bands whatever the tensor's name, and narrow ones by name.

    A tensor may stand in another layer, so that any two of one shape can meet. By name
    fewer can, which leaves room for bands that weaker resemblances share too. What was
    added to an ancestor is the weaker signal.
    """
    for tensor, vector in chosen:
        place = family, tensor.shape
        for (bits, alone, added), where in (
            (WIDE, place),
            (NARROW, (*place, tensor.name)),
        ):
            yield from _bands(vector, bits, added if family else alone, where)


def _bands(
    vector: Floats, width: int, count: int, place: tuple[object, ...]
) -> Iterator[int]:
    bits = np.packbits(vector[: count * width].reshape(count, width) > 0, axis=1)
    for band, value in enumerate(bits):
        yield _key("band", place, width, band, value.tobytes())


def _layout_keys(sketch: Sketch) -> Iterator[int]:
    """Two grids a tensor, so that near values share one wherever they lie."""
    for tensor in _largest(sketch.telling)[:TENSORS]:
        if not len(tensor.profile):
            continue
        half = len(tensor.profile) // 2
        spread = tensor.profile[half - 2], tensor.profile[-2]
        for shift in (0.0, 0.5):
            cells = [int(np.floor(value / _LAYOUT_STEP + shift)) for value in spread]
            yield _key("layout", tensor.shape, shift, *cells)


def _key(*parts: object) -> int:
    digest = hashlib.blake2b(repr(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1
