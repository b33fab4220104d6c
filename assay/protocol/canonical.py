"""One byte string for one JSON value, so that digests and signatures can agree.

RFC 8785 (JSON Canonicalization Scheme) with one change: there are no floats, and
integers of any size are written as they are. A quantity that is not an integer
travels as a string.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import NoReturn, TypeAlias

from assay.protocol.errors import Invalid

Json: TypeAlias = "bool | int | str | Sequence[Json] | Mapping[str, Json] | None"

MAX_DEPTH = 64
_PLAIN = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def canonical_bytes(value: Json) -> bytes:
    """Write ``value`` as UTF-8 JSON without spaces, keys sorted by UTF-16 units.

    Raises:
        Invalid: with a code ``canonical_…`` for a float or other foreign type, a
            key that is not a string, text that is not Unicode (a lone surrogate),
            an integer over 4300 digits, or nesting deeper than ``MAX_DEPTH``.
    """
    return _write(value, "$", 0).encode()


def digest(value: Json) -> str:
    """Return the SHA-256 of the canonical bytes, as 64 lower-case hex digits."""
    return hashlib.sha256(canonical_bytes(value)).hexdigest()


def plain_digest(value: Json) -> str:
    """``digest`` of texts, integers and lists of them under ASCII keys.

    The JSON library writes those in the same bytes, and many times faster: for what
    we made ourselves, not for what a stranger sent.
    """
    return hashlib.sha256(_PLAIN.encode(value).encode()).hexdigest()


def read_json(text: bytes) -> Json:
    """Read JSON of any layout, strictly: what it returns can be made canonical.

    Raises:
        Invalid: for what ``canonical_bytes`` refuses, for bytes that are not
            JSON in UTF-8, and for a key that stands twice in one object.
    """
    try:
        value: Json = json.loads(
            text.decode(),
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
            object_pairs_hook=_object_of,
        )
    except (ValueError, RecursionError) as error:
        raise Invalid("json_unreadable", f"This is not JSON: {error}.") from error
    canonical_bytes(value)
    return value


def _write(value: object, where: str, depth: int) -> str:
    if depth > MAX_DEPTH:
        raise Invalid(
            "canonical_depth",
            f"The value is nested deeper than {MAX_DEPTH} levels.",
            where=where,
        )
    if isinstance(value, Mapping):
        return _write_object(value, where, depth + 1)
    if isinstance(value, list | tuple):
        inner = (
            _write(item, f"{where}[{i}]", depth + 1) for i, item in enumerate(value)
        )
        return f"[{','.join(inner)}]"
    return _write_scalar(value, where)


def _write_object(value: Mapping[object, object], where: str, depth: int) -> str:
    texts = {_key(key, where): item for key, item in value.items()}
    members = (
        f"{_write_text(key, where)}:{_write(texts[key], f'{where}.{key}', depth)}"
        for key in sorted(texts, key=_utf16)
    )
    return f"{{{','.join(members)}}}"


def _write_scalar(value: object, where: str) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):  # before int: a bool is one
        return "true" if value else "false"
    if isinstance(value, int):
        return _write_integer(value, where)
    if isinstance(value, str):
        return _write_text(value, where)
    raise Invalid(
        "canonical_type",
        f"A {type(value).__name__} has no canonical form.",
        fix="Use an integer of base units, or text.",
        where=where,
    )


def _write_integer(value: int, where: str) -> str:
    try:
        return int.__repr__(value)
    except ValueError as error:  # Python's own bound, which readers share
        raise Invalid(
            "canonical_integer", "An integer is too long to write.", where=where
        ) from error


def _write_text(value: str, where: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise Invalid(
            "canonical_text", "A text is not Unicode: lone surrogate.", where=where
        ) from error
    return json.dumps(value, ensure_ascii=False)


def _key(key: object, where: str) -> str:
    if isinstance(key, str):
        return key
    raise Invalid(
        "canonical_key", f"The key {key!r} is not text.", fix="Use text.", where=where
    )


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be", "surrogatepass")  # _write_text refuses those


def _refuse_number(text: str) -> NoReturn:
    raise Invalid(
        "canonical_type",
        f"The number {text[:40]} is not an integer.",
        fix="Use an integer of base units, or text.",
    )


def _object_of(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise Invalid("json_key_twice", "A key stands twice in one JSON object.")
    return members
