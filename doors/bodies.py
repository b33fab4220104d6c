"""JSON that clients send, read under a limit and asked for field by field."""

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from assay.protocol.errors import Invalid
from common.bodies import sized_body

MAX_JSON = 8 * 2**20


def json_body(request: HttpRequest, *, limit: int = MAX_JSON) -> dict[str, Any]:
    """The body's JSON object.

    Raises:
        Invalid, TooLarge: it is none, or larger than ``limit`` bytes.
    """
    return read_object(sized_body(request, limit=limit).read())


def read_object(text: bytes) -> dict[str, Any]:
    """The JSON object in ``text``.

    Raises:
        Invalid: there is none.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _unreadable() from error
    if not isinstance(value, dict):
        raise _unreadable()
    return value


def text_of(body: Mapping[str, Any], field: str, default: str | None = None) -> str:
    """A text in a body; ``default`` where it is missing or null.

    Raises:
        Invalid: it is no text, or missing without a default.
    """
    value = body.get(field)
    if value is None and default is not None:
        return default
    if not isinstance(value, str) or "\x00" in value:
        raise Invalid("body_invalid", f"{field} is to be a text.", where=field)
    return value


def number_of(body: Mapping[str, Any], field: str) -> int:
    """A whole number of 0 or more in a body.

    Raises:
        Invalid: it is none.
    """
    value = body.get(field)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise Invalid("body_invalid", f"{field} is to be a whole number.", where=field)
    return value


def objects_of(
    body: Mapping[str, Any], field: str, *, most: int
) -> list[Mapping[str, Any]]:
    """A list of at most ``most`` objects in a body.

    Raises:
        Invalid: it is none.
    """
    value = body.get(field)
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise Invalid("body_invalid", f"{field} is to be a list.", where=field)
    if len(value) > most:
        raise Invalid("body_invalid", f"{field} may have {most} entries.", where=field)
    return value


def _unreadable() -> Invalid:
    return Invalid(
        "body_unreadable", "The body is no JSON object.", fix="Send one, in UTF-8."
    )
