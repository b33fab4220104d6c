"""Does one model descend from another, as far as their weights tell?

What a model shares with its declared ancestors proves nothing, so each tensor is
compared by what it adds to them. Evidence is one of four kinds, the strongest first:

    exact    tensors with the same bytes
    near     tensors, or what was added to a common ancestor, that point the same way
    hidden   the other's whole addition lies inside a larger change, such as noise
    layout   the norms of rows and columns are the same numbers in another order

Figures and their thresholds: docs/algorithms/similarity.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np

from assay.protocol.similarity.sketching import (
    LEAST_ELEMENTS,
    WIDTH,
    Floats,
    Sketch,
    TensorSketch,
    by_shape,
)

SAME_DIRECTION: Final = 0.5  # cosine; chance gives 0.044 at most a few times over
LEAST_SHARE: Final = 0.1  # of a model's telling numbers
# Heads that are trained alone on the same data end near the same optimum, so small
# changes must agree all but exactly.
LEAST_CHANGED: Final = 0.05
ALL_BUT_EXACT: Final = 0.999
UNCHANGED: Final = 1e-9  # of the square of a tensor's norm
WHOLE: Final = 0.25  # how far from 1 the hidden part may be
SURE: Final = 6.0  # standard errors
CONSISTENT: Final = 0.8  # of the change lies in tensors that agree with that
SAME_LAYOUT: Final = 0.002  # relative difference of norms
MOST_LAYOUTS: Final = 0.5  # of the telling tensors
SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class TensorMatch:
    """A tensor of the child beside the other's; ``cosine`` is 1 when exact."""

    name: str
    other: str
    cosine: float
    exact: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a model looks derived from another.

    Attributes:
        kind: ``exact``, ``near``, ``hidden`` or ``layout``.
        similarity: from 0 to 1: the cosine of what both added, or of the tensors
            themselves; for ``hidden`` the part of the other's addition that is found.
        share: part of the child's telling numbers to which that applies.
        matches: the tensors that say so, the most alike first; at most 20.
        count: how many there are.
    """

    kind: str
    similarity: float
    share: float
    matches: tuple[TensorMatch, ...]
    count: int


@dataclass(frozen=True, slots=True)
class _Pair:
    """A tensor's change and the other's, both from ``reference`` or from nothing."""

    tensor: TensorSketch
    other: TensorSketch
    change: Floats
    other_change: Floats
    has_reference: bool

    @property
    def inner(self) -> float:
        return float(self.change @ self.other_change)

    @property
    def square(self) -> float:
        return float(self.change @ self.change)

    @property
    def other_square(self) -> float:
        return float(self.other_change @ self.other_change)

    @property
    def cosine(self) -> float:
        size = sqrt(self.square * self.other_square)
        return max(-1.0, min(1.0, self.inner / size)) if size else 0.0


def compare(
    child: Sketch, other: Sketch, references: Sequence[Sketch] = ()
) -> Evidence | None:
    """The evidence that ``child`` descends from ``other``; None when there is none.

    Args:
        references: the child's declared ancestors; what comes from them proves nothing.
    """
    total = sum(tensor.elements for tensor in child.telling)
    if not total:
        return None
    known = _Known(references)
    exact = _exact(child, other, known)
    shared = sum(pair.tensor.elements for pair in exact)
    if shared >= LEAST_ELEMENTS:
        return _evidence("exact", 1.0, shared / total, exact)
    pairs = _pairs(child, other, known)
    return (
        _alike([p for p in pairs if not p.has_reference], total)
        or _added([p for p in pairs if p.has_reference], total)
        or _laid_out(child, other, known)
    )


class _Known:
    """What the declared ancestors hold."""

    def __init__(self, references: Sequence[Sketch]) -> None:
        tensors = [tensor for one in references for tensor in one.tensors]
        self.digests = {tensor.digest for tensor in tensors}
        self.shapes = by_shape(tensor for tensor in tensors if tensor.telling)

    def nearest(self, tensor: TensorSketch) -> TensorSketch | None:
        """The ancestors' tensor that this one was made from, if any."""
        return _nearest(tensor, self.shapes)


def _nearest(
    tensor: TensorSketch,
    shapes: Mapping[tuple[int, ...], Sequence[TensorSketch]],
    least: float = SAME_DIRECTION,
) -> TensorSketch | None:
    """By distance among those that point the same way; by name among equals."""
    group = shapes.get(tensor.shape, ())
    if not group:
        return None
    table = np.stack([one.vector for one in group])
    norms = np.linalg.norm(table, axis=1) * np.linalg.norm(tensor.vector)
    cosines = (table @ tensor.vector) / np.maximum(norms, 1e-30)
    gaps = np.linalg.norm(table - tensor.vector, axis=1)
    order = sorted(
        range(len(group)),
        key=lambda i: (cosines[i] < least, gaps[i], group[i].name != tensor.name),
    )
    best = order[0]
    return group[best] if cosines[best] >= least else None


def _exact(child: Sketch, other: Sketch, known: _Known) -> list[_Pair]:
    held = {tensor.digest: tensor for tensor in other.telling}
    return [
        _Pair(tensor, held[tensor.digest], tensor.vector, tensor.vector, False)
        for tensor in child.telling
        if tensor.digest in held and tensor.digest not in known.digests
    ]


def _pairs(child: Sketch, other: Sketch, known: _Known) -> list[_Pair]:
    """Each tensor with the other's that may have been its parent's."""
    shapes = by_shape(other.telling)
    found = []
    for tensor in child.telling:
        reference = known.nearest(tensor)
        counterpart = _nearest(tensor, shapes)
        if counterpart is None:
            continue
        if reference is None:
            found.append(
                _Pair(tensor, counterpart, tensor.vector, counterpart.vector, False)
            )
            continue
        change = tensor.vector - reference.vector
        other_change = counterpart.vector - reference.vector
        least = UNCHANGED * tensor.square
        if change @ change > least and other_change @ other_change > least:
            found.append(_Pair(tensor, counterpart, change, other_change, True))
    return found


def _alike(pairs: Sequence[_Pair], total: int) -> Evidence | None:
    """Tensors that no ancestor explains, and the other does."""
    share = sum(pair.tensor.elements for pair in pairs) / total
    if share < LEAST_SHARE:
        return None
    return _evidence("near", _mean_cosine(pairs), share, pairs)


def _added(pairs: Sequence[_Pair], total: int) -> Evidence | None:
    """What both added to the child's declared ancestors."""
    inner = sum(pair.inner for pair in pairs)
    square = sum(pair.square for pair in pairs)
    other = sum(pair.other_square for pair in pairs)
    if not square or not other:
        return None
    share = sum(pair.tensor.elements for pair in pairs) / total
    cosine = inner / sqrt(square * other)
    if cosine >= (SAME_DIRECTION if share >= LEAST_CHANGED else ALL_BUT_EXACT):
        return _evidence("near", min(cosine, 1.0), share, pairs)
    if share >= LEAST_CHANGED and _is_hidden(pairs, inner / other, other):
        return _evidence("hidden", min(inner / other, 1.0), share, pairs)
    return None


def _is_hidden(pairs: Sequence[_Pair], part: float, other: float) -> bool:
    """Whether the other's whole addition is in the child's, tensor by tensor."""
    variance = sum(pair.square * pair.other_square for pair in pairs) / WIDTH
    error = sqrt(variance) / other
    if abs(part - 1) > WHOLE or part < SURE * error:
        return False
    agreeing = 0.0
    for pair in pairs:
        own_error = sqrt(pair.square / max(pair.other_square, 1e-30) / WIDTH)
        own_part = pair.inner / max(pair.other_square, 1e-30)
        if abs(own_part - 1) <= WHOLE + 2 * own_error:
            agreeing += pair.other_square
    return agreeing >= CONSISTENT * other


def _laid_out(child: Sketch, other: Sketch, known: _Known) -> Evidence | None:
    """The same norms in another order, in most tensors that no ancestor explains."""
    shapes = by_shape(other.telling)
    unexplained = [t for t in child.telling if len(t.profile) and not known.nearest(t)]
    if not unexplained:
        return None
    pairs = []
    for tensor in unexplained:
        for one in shapes.get(tensor.shape, ()):
            if _same_layout(tensor, one):
                vectors = tensor.vector, one.vector
                pairs.append(_Pair(tensor, one, *vectors, False))
                break
    if len(pairs) < max(2.0, MOST_LAYOUTS * len(unexplained)):
        return None
    total = sum(tensor.elements for tensor in child.telling)
    share = sum(pair.tensor.elements for pair in pairs) / total
    return _evidence("layout", len(pairs) / len(unexplained), share, pairs)


def _same_layout(one: TensorSketch, other: TensorSketch) -> bool:
    if len(one.profile) != len(other.profile):
        return False
    return bool(np.max(np.abs(one.profile - other.profile)) <= SAME_LAYOUT)


def _mean_cosine(pairs: Sequence[_Pair]) -> float:
    weights = [pair.tensor.elements for pair in pairs]
    return float(np.average([pair.cosine for pair in pairs], weights=weights))


def _evidence(
    kind: str, similarity: float, share: float, pairs: Sequence[_Pair]
) -> Evidence:
    ordered = sorted(pairs, key=lambda pair: (-pair.cosine, pair.tensor.name))
    return Evidence(
        kind=kind,
        similarity=round(similarity, 9),
        share=round(share, 4),
        matches=tuple(
            TensorMatch(
                pair.tensor.name,
                pair.other.name,
                round(pair.cosine, 6),
                pair.tensor.digest == pair.other.digest,
            )
            for pair in ordered[:SHOWN]
        ),
        count=len(pairs),
    )
