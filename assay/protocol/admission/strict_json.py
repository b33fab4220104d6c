"""JSON from strangers: one meaning or none.

Python's parser keeps the last of two equal keys, reads NaN and turns 1e999 into
infinity; two programs could then see two different files. Here all of that is a fault.
"""

import json
import math
from collections.abc import Mapping
from typing import NoReturn, TypeGuard

from assay.protocol.admission.findings import FaultError, quoted

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]
JsonObject = Mapping[str, JsonValue]

_MAX_DIGITS = 30
_MAX_DEPTH = 32


def parse_object(content: bytes) -> dict[str, JsonValue]:
    """The JSON object in ``content``, which its reader has bounded in size.

    Raises:
        FaultError: ``json_encoding``, ``json_syntax``, ``json_duplicate_key``,
            ``json_number``, ``json_depth`` or ``json_not_object``.
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as trouble:
        raise FaultError("json_encoding", "The file is not UTF-8 text.") from trouble
    value = _parse(text)
    if not isinstance(value, dict):
        raise FaultError("json_not_object", "The file holds no JSON object.")
    _check_depth(value)
    return value


def is_integer(value: JsonValue) -> TypeGuard[int]:
    """Whether ``value`` is a whole number (in Python, booleans are integers too)."""
    return isinstance(value, int) and not isinstance(value, bool)


def _parse(text: str) -> JsonValue:
    try:
        value: JsonValue = json.loads(
            text,
            object_pairs_hook=_without_duplicates,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_bounded,
        )
    except RecursionError as trouble:
        raise _too_deep() from trouble
    except json.JSONDecodeError as trouble:
        raise FaultError(
            "json_syntax",
            f"The file is no JSON: {trouble.msg} in line {trouble.lineno}.",
        ) from trouble
    return value


def _without_duplicates(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    found: dict[str, JsonValue] = {}
    for key, value in pairs:
        if key in found:
            raise FaultError(
                "json_duplicate_key", f"The key {quoted(key)} is there twice."
            )
        found[key] = value
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise FaultError("json_number", f"{name} is no JSON number.")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise FaultError("json_number", f"The number {quoted(digits)} is too large.")
    return number


def _bounded(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise FaultError("json_number", f"The number {quoted(digits)} is too long.")
    return int(digits)


def _check_depth(value: JsonValue) -> None:
    level: list[JsonValue] = [value]
    for _ in range(_MAX_DEPTH):
        level = [inner for outer in level for inner in _children(outer)]
        if not level:
            return
    raise _too_deep()


def _children(value: JsonValue) -> list[JsonValue]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _too_deep() -> FaultError:
    return FaultError("json_depth", f"The file nests deeper than {_MAX_DEPTH} levels.")
