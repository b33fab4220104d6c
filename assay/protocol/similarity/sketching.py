"""A model's tensors as short vectors, read once and in pieces.

Each tensor's numbers, with a fixed pseudo-random sign each, are added up in 512 sums
(a count sketch: Charikar, Chen & Farach-Colton, 2002). The vector is linear in the
weights: the sketch of a difference is the difference of the sketches, so what a model
added to its parent can be compared without either's weights. Inner products are kept
up to |x||y|/sqrt(512). Neither names nor dtypes enter.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import gcd, prod
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from assay.protocol.admission.findings import ReadRange, read_exactly
from assay.protocol.admission.safetensors import Tensor, read_header

Floats: TypeAlias = NDArray[np.float32]
Doubles: TypeAlias = NDArray[np.float64]

VERSION: Final = 1
WIDTH: Final = 512  # sums a tensor; a sketch has 2 KiB a tensor
BLOCK: Final = 1 << 20  # signs are drawn for so many places at a time
PIECE: Final = 1 << 21  # numbers held at once
LARGEST_PIECE: Final = 1 << 24
QUANTILES: Final = 16
# Fewer numbers than this may agree by chance or by custom (norms, counters, biases).
LEAST_ELEMENTS: Final = 1024
# Numbers that carry a tensor's norm: an identity or a one-hot table is no fingerprint.
LEAST_PARTICIPATION: Final = 1 / 200
LEAST_PARTICIPANTS: Final = 256
_SEED: Final = 0x617373_6179


@dataclass(frozen=True, slots=True)
class TensorSketch:
    """One tensor.

    Attributes:
        digest: SHA-256 of dtype, shape and bytes.
        square: the sum of the squares of its numbers.
        telling: whether it is large and rich enough to tell models apart by.
        vector: (512,) float32.
        profile: 2 x 16 quantiles of the rows' and the columns' norms, relative to
            their median; empty when the tensor is no matrix.
    """

    name: str
    shape: tuple[int, ...]
    digest: str
    square: float
    telling: bool
    vector: Floats
    profile: Floats

    @property
    def elements(self) -> int:
        """How many numbers it holds."""
        return prod(self.shape)


@dataclass(frozen=True, slots=True)
class Sketch:
    """All tensors of a model."""

    tensors: tuple[TensorSketch, ...]

    @property
    def telling(self) -> tuple[TensorSketch, ...]:
        """Those by which models can be told apart."""
        return tuple(tensor for tensor in self.tensors if tensor.telling)


def sketch_files(files: Mapping[str, ReadRange]) -> Sketch:
    """The sketch of all safetensors among ``files``, by path.

    Memory stays at some tens of mebibytes, whatever the files' size.

    Raises:
        FaultError: a file is no safetensors that could be admitted.
    """
    return Sketch(
        tuple(
            _sketch(file, tensor, base)
            for path, file in sorted(files.items())
            if path.endswith(".safetensors")
            for tensor, base in _tensors(file)
        )
    )


def _tensors(file: ReadRange) -> Iterator[tuple[Tensor, int]]:
    tensors = read_header(file)
    data_bytes = max(tensor.end for tensor in tensors)
    for tensor in tensors:
        if tensor.dtype != "I64":
            yield tensor, file.size - data_bytes


def _sketch(file: ReadRange, tensor: Tensor, base: int) -> TensorSketch:
    sums = _Sums(tensor)
    for raw in _pieces(file, tensor, base + tensor.begin):
        sums.add(raw)
    return sums.result()


def _pieces(file: ReadRange, tensor: Tensor, start: int) -> Iterator[bytes]:
    size = (tensor.end - tensor.begin) // max(tensor.elements, 1)
    step = _piece_elements(tensor.shape) * max(size, 1)
    end = start + tensor.end - tensor.begin
    for offset in range(start, end, step):
        yield read_exactly(file, offset, min(step, end - offset))


def _piece_elements(shape: tuple[int, ...]) -> int:
    """A piece holds whole rows and whole groups of 512 numbers."""
    columns = prod(shape[1:]) if len(shape) > 1 else 1
    group = max(columns, 1) * (WIDTH // gcd(max(columns, 1), WIDTH))
    if group > LARGEST_PIECE:
        return PIECE
    return group * max(1, PIECE // group)


def floats_of(raw: bytes, dtype: str) -> Floats:
    """The numbers of F32, F16 or BF16 bytes; what is not finite counts as zero."""
    if dtype == "BF16":
        wide = np.frombuffer(raw, "<u2").astype(np.uint32) << 16
        numbers = wide.view(np.float32)
    else:
        numbers = np.frombuffer(raw, "<f4" if dtype == "F32" else "<f2")
    found: Floats = np.nan_to_num(
        numbers.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0
    )
    # Squares of squares must stay finite.
    return np.clip(found, -1e9, 1e9)


@lru_cache(maxsize=8)
def _signs(block: int) -> Floats:
    """+1 and -1 for the places of one block; the same for every tensor."""
    random = np.random.Generator(np.random.PCG64([_SEED, VERSION, block]))
    bits = np.unpackbits(np.frombuffer(random.bytes(BLOCK // 8), np.uint8))
    found: Floats = (bits.astype(np.float32) * 2 - 1).reshape(-1, WIDTH)
    return found


class _Sums:
    """What is kept of a tensor while its pieces go by."""

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor
        self.hash = hashlib.sha256(f"{tensor.dtype}{list(tensor.shape)}".encode())
        self.place = 0
        self.vector = np.zeros(WIDTH)
        self.square = self.fourth = 0.0
        self.columns = prod(tensor.shape[1:]) if len(tensor.shape) > 1 else 0
        whole_rows = _piece_elements(tensor.shape) % max(self.columns, 1) == 0
        self.is_matrix = self.columns > 1 and tensor.shape[0] > 1 and whole_rows
        self.row_squares: list[Doubles] = []
        self.column_squares = np.zeros(self.columns if self.is_matrix else 0)

    def add(self, raw: bytes) -> None:
        """Take the next piece in."""
        self.hash.update(raw)
        numbers = floats_of(raw, self.tensor.dtype)
        squares = np.square(numbers, dtype=np.float64)
        self.square += float(squares.sum())
        self.fourth += float(squares @ squares)
        if self.is_matrix:
            table = squares.reshape(-1, self.columns)
            self.row_squares.append(table.sum(axis=1))
            self.column_squares += table.sum(axis=0)
        for start in range(0, len(numbers), BLOCK):
            self._project(numbers[start : start + BLOCK])

    def _project(self, numbers: Floats) -> None:
        """Add signed numbers up; a slice may lie across two blocks of signs."""
        while len(numbers):
            block, within = divmod(self.place, BLOCK)
            now, numbers = numbers[: BLOCK - within], numbers[BLOCK - within :]
            self.place += len(now)
            rest = -len(now) % WIDTH
            table = np.pad(now, (0, rest)).reshape(-1, WIDTH)
            first = within // WIDTH
            signs = _signs(block)[first : first + len(table)]
            self.vector += np.einsum("ij,ij->j", table, signs, dtype=np.float64)

    def result(self) -> TensorSketch:
        """The sketch, once all pieces are in."""
        elements = self.tensor.elements
        return TensorSketch(
            name=self.tensor.name,
            shape=self.tensor.shape,
            digest=self.hash.hexdigest(),
            square=self.square,
            telling=self._is_telling(elements),
            vector=self.vector.astype(np.float32),
            profile=self._profile(),
        )

    def _is_telling(self, elements: int) -> bool:
        if elements < LEAST_ELEMENTS or len(self.tensor.shape) < 2 or not self.fourth:
            return False
        if _DRAWN in self.tensor.name or _DRAWN_EMBEDDING in self.tensor.name:
            return False
        participation = self.square**2 / self.fourth
        return participation >= max(LEAST_PARTICIPANTS, elements * LEAST_PARTICIPATION)

    def _profile(self) -> Floats:
        if not self.is_matrix:
            return np.zeros(0, np.float32)
        rows = np.concatenate(self.row_squares)
        both = [_quantiles(np.sqrt(rows)), _quantiles(np.sqrt(self.column_squares))]
        return np.concatenate(both).astype(np.float32)


# One half of an adapter starts at random, so that two people who use one seed share
# it; the other half starts at zero, and holds what was learnt.
_DRAWN: Final = ".lora_A."
_DRAWN_EMBEDDING: Final = ".lora_embedding_A"


def _quantiles(norms: Doubles) -> Doubles:
    levels = np.linspace(0.02, 0.98, QUANTILES)
    found = np.quantile(norms, levels)
    return np.asarray(found / max(float(np.median(norms)), 1e-30))


def by_shape(
    tensors: Iterable[TensorSketch],
) -> Mapping[tuple[int, ...], list[TensorSketch]]:
    """Tensors grouped by shape."""
    groups: dict[tuple[int, ...], list[TensorSketch]] = {}
    for tensor in tensors:
        groups.setdefault(tensor.shape, []).append(tensor)
    return groups
