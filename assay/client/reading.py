"""From JSON documents to frozen records, by the records' own annotations.

Fields that a newer server adds are ignored; one that is missing or of another
kind is a ``ServerFault``, because the two versions do not fit together.
"""

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import datetime
from functools import cache
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

from assay.client.errors import ServerFault

Record = TypeVar("Record")
SCALARS = frozenset({str, int, float, bool})


def read(kind: type[Record], document: object) -> Record:
    """The record that ``document`` describes.

    Raises:
        ServerFault: a field is missing or cannot be.
    """
    return cast("Record", _record(kind, document, kind.__name__))


@cache
def _annotations(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _record(kind: type, document: object, where: str) -> object:
    if not isinstance(document, Mapping):
        raise _unreadable(where)
    hints, values = _annotations(kind), {}
    for field in fields(kind):
        if field.name in document:
            place = f"{where}.{field.name}"
            values[field.name] = _value(hints[field.name], document[field.name], place)
        elif field.default is MISSING and field.default_factory is MISSING:
            raise _unreadable(f"{where}.{field.name}")
    return kind(**values)


def _value(hint: Any, given: object, where: str) -> object:
    if hint is Any:
        return given
    origin = get_origin(hint)
    if origin is not None:
        return _container(origin, get_args(hint), given, where)
    if hint is datetime:
        return _moment(given, where)
    if hint in SCALARS:
        return _scalar(hint, given, where)
    return _record(hint, given, where)


def _container(origin: Any, inner: tuple[Any, ...], given: object, where: str) -> Any:
    if origin is types.UnionType:
        return None if given is None else _value(inner[0], given, where)
    if origin is tuple:
        return _sequence(inner[0], given, where)
    return _mapping(inner[1], given, where)


def _scalar(hint: Any, given: object, where: str) -> object:
    if hint is float and type(given) is int:
        return float(given)
    if type(given) is not hint:
        raise _unreadable(where)
    return given


def _sequence(hint: Any, given: object, where: str) -> tuple[object, ...]:
    if not isinstance(given, list):
        raise _unreadable(where)
    return tuple(_value(hint, item, f"{where}[{i}]") for i, item in enumerate(given))


def _mapping(hint: Any, given: object, where: str) -> dict[str, object]:
    if not isinstance(given, dict):
        raise _unreadable(where)
    return {key: _value(hint, item, f"{where}.{key}") for key, item in given.items()}


def _moment(given: object, where: str) -> datetime:
    try:
        return datetime.fromisoformat(cast("str", given))
    except (TypeError, ValueError) as error:
        raise _unreadable(where) from error


def _unreadable(where: str) -> ServerFault:
    return ServerFault(
        "answer_unreadable",
        "The server's answer does not fit this version of assay.",
        fix="Upgrade assay, or ask the operator which version the server has.",
        where=where,
    )
