"""Small checks that a table of allowed fields is made of.

A check takes a JSON value and returns what the value must be, or None when it is.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from assay.protocol.admission.findings import FaultError, quoted
from assay.protocol.admission.strict_json import JsonObject, JsonValue, is_integer

Check = Callable[[JsonValue], str | None]

_MODULE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z0-9_]+)*")
MAX_MODULES: Final = 4096


def integer(low: int, high: int) -> Check:
    """A whole number from ``low`` to ``high``."""

    def check(value: JsonValue) -> str | None:
        fits = is_integer(value) and low <= value <= high
        return None if fits else f"a whole number from {low} to {high}"

    return check


def number(low: float, high: float) -> Check:
    """A number from ``low`` to ``high``; these are model settings, never money."""

    def check(value: JsonValue) -> str | None:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        fits = is_number and low <= float(value) <= high  # type: ignore[arg-type]
        return None if fits else f"a number from {low} to {high}"

    return check


def flag(value: JsonValue) -> str | None:
    """True or false."""
    return None if isinstance(value, bool) else "true or false"


def null(value: JsonValue) -> str | None:
    """Nothing: the setting is known, and must not be used."""
    return None if value is None else "null"


def false(value: JsonValue) -> str | None:
    """Off: the setting is known, and must not be switched on."""
    return None if value is False else "false"


def choice(*texts: str) -> Check:
    """One of a few words."""

    def check(value: JsonValue) -> str | None:
        listed = " or ".join(f"'{text}'" for text in texts)
        return None if isinstance(value, str) and value in texts else listed

    return check


def text(longest: int) -> Check:
    """Any text up to a length; what it says is never acted upon."""

    def check(value: JsonValue) -> str | None:
        fits = isinstance(value, str) and len(value) <= longest
        return None if fits else f"text of at most {longest} characters"

    return check


def either(*checks: Check) -> Check:
    """Whatever one of ``checks`` accepts."""

    def check(value: JsonValue) -> str | None:
        wants = [one(value) for one in checks]
        if None in wants:
            return None
        return " or ".join(want for want in wants if want)

    return check


def list_of(item: Check, longest: int) -> Check:
    """A list of values that ``item`` accepts."""

    def check(value: JsonValue) -> str | None:
        if not isinstance(value, list) or len(value) > longest:
            return f"a list of at most {longest} entries"
        wants = [want for want in map(item, value) if want]
        return f"a list in which each entry is {wants[0]}" if wants else None

    return check


def map_of(key: Check, item: Check, longest: int) -> Check:
    """An object whose keys and values two checks accept."""

    def check(value: JsonValue) -> str | None:
        if not isinstance(value, dict) or len(value) > longest:
            return f"an object of at most {longest} entries"
        wants = [*map(key, value), *map(item, value.values())]
        found = [want for want in wants if want]
        return f"an object in which each entry is {found[0]}" if found else None

    return check


def record(fields: Mapping[str, Check]) -> Check:
    """An object with no other keys than ``fields``; each may be missing."""

    def check(value: JsonValue) -> str | None:
        if not isinstance(value, dict) or not value.keys() <= fields.keys():
            return f"an object with the keys {', '.join(fields)}"
        wants = [(key, fields[key](inner)) for key, inner in value.items()]
        found = [f"an object in which {key} is {want}" for key, want in wants if want]
        return found[0] if found else None

    return check


def module_name(value: JsonValue) -> str | None:
    """A module's plain dotted name: never a pattern, which could run forever."""
    plain = (
        isinstance(value, str)
        and len(value) <= 200
        and _MODULE.fullmatch(value) is not None
    )
    return None if plain else "a plain module name"


module_names: Final = list_of(module_name, MAX_MODULES)


def field_faults(
    prefix: str,
    found: JsonObject,
    fields: Mapping[str, Check],
    required: frozenset[str],
) -> Iterator[FaultError]:
    """Every unknown, missing or wrong field; codes are ``<prefix>_key`` and so on."""
    for key in sorted(found.keys() - fields.keys()):
        yield FaultError(
            f"{prefix}_key",
            f"The key {quoted(key)} is not admitted.",
            "Remove the key.",
        )
    for key in sorted(required - found.keys()):
        yield FaultError(f"{prefix}_missing", f"The key {key} is missing.", "Add it.")
    for key in sorted(found.keys() & fields.keys()):
        if want := fields[key](found[key]):
            yield FaultError(f"{prefix}_value", f"{key} must be {want}.")
