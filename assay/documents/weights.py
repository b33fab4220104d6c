"""Terms in the header of a safetensors file, read and written without the tensors.

Layout (safetensors format): eight bytes, the header's length as an unsigned
little-endian number; the header, a JSON object padded with spaces, whose
``__metadata__`` maps texts to texts; then the tensors' bytes. Offsets in the header
count from the end of the header, so a longer one moves no tensor.
"""

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any, Final

from assay.documents.carried import (
    Carried,
    check_sayable,
    day_of,
    licence_name,
    parents_of,
    tags_of,
)
from assay.documents.record import ModelRecord
from assay.protocol.admission.findings import FaultError
from assay.protocol.admission.safetensors import MAX_METADATA_TEXT
from assay.protocol.admission.strict_json import JsonValue, parse_object
from assay.protocol.canonical import Json, canonical_bytes, read_json
from assay.protocol.errors import Conflict, Invalid, TooLarge

FORMAT: Final = "assay-weights-1"
MAX_HEADER: Final = 32 * 2**20
COPIED_AT_ONCE: Final = 4 * 2**20
_LENGTH = 8
_METADATA = "__metadata__"


def metadata_of(record: ModelRecord) -> dict[str, str]:
    """What a model's weights are to say.

    Raises:
        Invalid: ``terms_…`` when its terms are in error.
    """
    terms = check_sayable(record.terms)
    parents = [
        {"reference": parent.reference, "digest": parent.digest}
        for parent in record.parents
    ]
    return {
        "license": licence_name(terms),
        "assay.format": FORMAT,
        "assay.model": record.reference,
        "assay.digest": record.digest,
        "assay.page": record.page,
        "assay.granted": record.granted.date().isoformat(),
        "assay.terms": canonical_bytes(dict(record.terms)).decode(),
        "assay.parents": canonical_bytes(parents).decode(),
    }


def read_weights(path: Path) -> Carried:
    """What the header of a safetensors file says of terms and origin.

    Raises:
        Invalid: ``weights_…`` for a file that is no safetensors.
    """
    with path.open("rb") as file:
        header = _read_header(file, path)
    said = _texts(header.get(_METADATA, {}), path)
    return Carried(
        document="weights",
        tags=tags_of(_json(said.get("assay.terms", ""))),
        licence=said.get("license", ""),
        model=said.get("assay.model", ""),
        digest=said.get("assay.digest", ""),
        page=said.get("assay.page", ""),
        granted=day_of(said.get("assay.granted", "")),
        parents=parents_of(_json(said.get("assay.parents", ""))),
    )


def write_weights(source: Path, target: Path, metadata: Mapping[str, str]) -> None:
    """Copy ``source`` with ``metadata`` added to its header; the tensors stay the same.

    Other metadata is kept. The copy appears whole or not at all, and memory does not
    grow with the file.

    Raises:
        Conflict: ``file_exists``.
        Invalid: ``weights_…`` when the source is no safetensors.
        TooLarge: ``weights_metadata_large``, beyond what the platform admits.
    """
    if target.exists():
        raise _exists(target)
    with source.open("rb") as file:
        header = _read_header(file, source)
        kept = _texts(header.pop(_METADATA, {}), source)
        _write_whole(file, target, _header_bytes({**kept, **metadata}, header))


def _header_bytes(metadata: Mapping[str, str], tensors: Mapping[str, Any]) -> bytes:
    size = sum(len(key) + len(text) for key, text in metadata.items())
    if size > MAX_METADATA_TEXT:
        raise TooLarge(
            "weights_metadata_large",
            f"The metadata would have {size} characters; {MAX_METADATA_TEXT} is the "
            "most that weights may carry here.",
            fix="Take out other metadata, or hand on the model card instead.",
        )
    header = {_METADATA: dict(metadata), **tensors}
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False)
    content = text.encode("utf-8")
    return content + b" " * (-len(content) % _LENGTH)


def _write_whole(tensors: IO[bytes], target: Path, header: bytes) -> None:
    """The header, then the rest of ``tensors`` from where it stands."""
    with NamedTemporaryFile(
        dir=target.parent, prefix=f".{target.name}.", delete=False
    ) as part:
        try:
            part.write(len(header).to_bytes(_LENGTH, "little") + header)
            shutil.copyfileobj(tensors, part, COPIED_AT_ONCE)
            part.flush()
            os.fsync(part.fileno())
            Path(part.name).chmod(0o644)
            _place(Path(part.name), target)
        finally:
            Path(part.name).unlink()


def _place(part: Path, target: Path) -> None:
    """Give ``part`` its name; unlike a rename, a link replaces nothing."""
    try:
        target.hardlink_to(part)
    except FileExistsError:
        raise _exists(target) from None
    except OSError:  # a file system without links
        if target.exists():
            raise _exists(target) from None
        shutil.copy(part, target)


def _exists(target: Path) -> Conflict:
    return Conflict(
        "file_exists",
        f"{target} exists already.",
        fix="Give another name, or remove it first.",
        where=str(target),
    )


def _read_header(file: IO[bytes], path: Path) -> dict[str, JsonValue]:
    size = path.stat().st_size
    length = int.from_bytes(file.read(_LENGTH), "little")
    if size < _LENGTH + 2 or not 2 <= length <= size - _LENGTH:
        raise _unreadable(path, "its first bytes give no header's length")
    if length > MAX_HEADER:
        raise _unreadable(path, f"its header has more than {MAX_HEADER} bytes")
    try:
        return parse_object(file.read(length).rstrip(b" "))
    except FaultError as fault:
        raise _unreadable(path, fault.sentence) from fault


def _texts(metadata: JsonValue, path: Path) -> dict[str, str]:
    if not isinstance(metadata, dict):
        raise _unreadable(path, "__metadata__ is no object")
    texts = {key: text for key, text in metadata.items() if isinstance(text, str)}
    if len(texts) < len(metadata):
        raise _unreadable(path, "__metadata__ holds more than text")
    return texts


def _json(text: str) -> Json:
    return read_json(text.encode()) if text else None


def _unreadable(path: Path, reason: str) -> Invalid:
    return Invalid(
        "weights_unreadable",
        f"{path} is no safetensors file: {reason.rstrip('.')}.",
        where=str(path),
    )
