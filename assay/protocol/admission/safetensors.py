"""The header of a safetensors file, believed only as far as it can be checked.

Layout (safetensors format): eight bytes, the header's length as an unsigned
little-endian number; the header, a JSON object padded with spaces; then the tensors'
bytes. Each tensor names its type, shape and ``[begin, end)`` within those bytes.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from assay.protocol.admission.findings import (
    FaultError,
    ReadRange,
    quoted,
    read_exactly,
)
from assay.protocol.admission.rules import MIB
from assay.protocol.admission.strict_json import (
    JsonObject,
    JsonValue,
    is_integer,
    parse_object,
)

# The format allows 100 MB. A model of 70 billion parameters needs 0.1 MB; parsed JSON
# takes some twenty times its size in memory, so the limit is kept near the need.
MAX_HEADER_BYTES: Final = 4 * MIB
MAX_TENSORS: Final = 20_000
MAX_RANK: Final = 8
MAX_METADATA_TEXT: Final = 10_000

DTYPE_BYTES: Final[Mapping[str, int]] = MappingProxyType(
    {"F32": 4, "F16": 2, "BF16": 2, "I64": 8}
)
# Integers are no weights: they are admitted where models keep counters, no further.
INTEGER_BUFFERS: Final = frozenset({"position_ids", "token_type_ids"})

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,255}")
_LENGTH_BYTES = 8
_ENTRY_KEYS = frozenset({"dtype", "shape", "data_offsets"})
_SAVE_AGAIN = "Save the file again with the safetensors library."


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor: name, dtype, shape and its half-open byte range in the data."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int

    @property
    def elements(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)


def read_header(file: ReadRange) -> tuple[Tensor, ...]:
    """The tensors of a safetensors file, in the order of their bytes.

    Only the header is read. Every byte of the file is accounted for: no gap, no
    overlap, nothing after the last tensor.

    Raises:
        FaultError: a code that starts with ``safetensors_``, ``json_`` or ``file_``.
    """
    length = _header_length(file)
    header = read_exactly(file, _LENGTH_BYTES, length)
    if not header.startswith(b"{"):
        raise _fault("header", "The header does not begin with '{'.")
    # Other parsers may read past other padding; the format allows spaces only.
    if header.rstrip(b" ")[-1:] != b"}":
        raise _fault("header", "The header does not end with '}' and spaces.")
    entries = parse_object(header)
    _check_metadata(entries.pop("__metadata__", {}))
    if len(entries) > MAX_TENSORS:
        raise _fault("tensors", f"The file has more than {MAX_TENSORS} tensors.")
    if not entries:
        raise _fault("tensors", "The file has no tensors.")
    tensors = [_tensor(name, entry) for name, entry in entries.items()]
    tensors.sort(key=lambda tensor: (tensor.begin, tensor.end))
    _check_cover(tensors, file.size - _LENGTH_BYTES - length)
    return tuple(tensors)


def _header_length(file: ReadRange) -> int:
    if file.size < _LENGTH_BYTES + 2:
        raise _fault("size", "The file is too short to be safetensors.")
    length = int.from_bytes(read_exactly(file, 0, _LENGTH_BYTES), "little")
    if length > file.size - _LENGTH_BYTES:
        raise _fault(
            "size",
            f"The header claims {length} bytes and the file has {file.size}: it is no "
            "safetensors, or it was cut off.",
        )
    if length > MAX_HEADER_BYTES:
        raise _fault(
            "header", f"The header has {length} bytes; {MAX_HEADER_BYTES} is the most."
        )
    if length < 2:
        raise _fault("header", "The header is empty.")
    return length


def _check_metadata(metadata: JsonValue) -> None:
    if not isinstance(metadata, dict) or not all(
        isinstance(text, str) for text in metadata.values()
    ):
        raise _fault("metadata", "__metadata__ may hold text only.")
    size = sum(len(key) + len(str(text)) for key, text in metadata.items())
    if size > MAX_METADATA_TEXT:
        raise _fault(
            "metadata", f"__metadata__ is longer than {MAX_METADATA_TEXT} characters."
        )


def _tensor(name: str, entry: JsonValue) -> Tensor:
    if _NAME.fullmatch(name) is None:
        raise _fault(
            "name",
            f"The tensor name {quoted(name)} has characters other than letters, "
            "digits, '_', '-' and '.', or is too long.",
        )
    if not isinstance(entry, dict) or entry.keys() != _ENTRY_KEYS:
        raise _fault(
            "entry", f"Tensor {name} must have dtype, shape and data_offsets only."
        )
    dtype = _dtype(name, entry)
    shape = _shape(name, entry["shape"])
    begin, end = _offsets(name, entry["data_offsets"])
    expected = math.prod(shape) * DTYPE_BYTES[dtype]
    if end - begin != expected:
        raise _fault(
            "bytes",
            f"Tensor {name} of {dtype} {list(shape)} needs {expected} bytes and has "
            f"{end - begin}.",
        )
    return Tensor(name, dtype, shape, begin, end)


def _dtype(name: str, entry: JsonObject) -> str:
    dtype = entry["dtype"]
    if not isinstance(dtype, str) or dtype not in DTYPE_BYTES:
        raise _fault(
            "dtype",
            f"Tensor {name} has dtype {quoted(str(dtype))}; admitted are F32, F16 and "
            "BF16.",
            "Convert the weights with model.float() or model.bfloat16(), then save.",
        )
    if dtype == "I64" and name.rpartition(".")[2] not in INTEGER_BUFFERS:
        raise _fault(
            "dtype",
            f"Tensor {name} holds integers; only position_ids and token_type_ids may.",
            "Remove the tensor, or save it as floating point.",
        )
    return dtype


def _shape(name: str, value: JsonValue) -> tuple[int, ...]:
    if not isinstance(value, list) or len(value) > MAX_RANK:
        raise _fault(
            "shape", f"Tensor {name} must have a shape of at most {MAX_RANK} numbers."
        )
    sizes = tuple(size for size in value if is_integer(size) and 0 <= size < 2**48)
    if len(sizes) != len(value):
        raise _fault("shape", f"Tensor {name} has a shape that no tensor can have.")
    return sizes


def _offsets(name: str, value: JsonValue) -> tuple[int, int]:
    match value:
        case [begin, end] if is_integer(begin) and is_integer(end):
            if 0 <= begin <= end:
                return begin, end
    raise _fault("offsets", f"Tensor {name} has data_offsets that make no sense.")


def _check_cover(tensors: list[Tensor], data_bytes: int) -> None:
    position = 0
    for tensor in tensors:
        if tensor.begin < position:
            raise _fault("overlap", f"Tensor {tensor.name} overlaps the one before it.")
        if tensor.begin > position:
            raise _fault("gap", f"There are unused bytes before tensor {tensor.name}.")
        position = tensor.end
    if position > data_bytes:
        raise _fault("size", "The tensors go beyond the end of the file.")
    if position < data_bytes:
        raise _fault("trailing", "There are bytes after the last tensor.")


def _fault(code: str, sentence: str, fix: str = _SAVE_AGAIN) -> FaultError:
    return FaultError(f"safetensors_{code}", sentence, fix)
