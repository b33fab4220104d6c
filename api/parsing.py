"""Reading JSON bodies strictly: what a database could not keep is refused here."""

import json
import re
from typing import Any, NoReturn

from django.http import HttpRequest
from ninja.parser import Parser

from assay.protocol.errors import Refusal

# NUL, which PostgreSQL's text cannot hold, and halves of a surrogate pair.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class StrictParser(Parser):
    """JSON without NaN, doubled names, and characters that cannot be stored."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The body's value.

        Raises:
            Refusal: it is not such JSON.
        """
        try:
            text = request.body.decode("utf-8")
            value = json.loads(
                text, parse_constant=_no_constant, object_pairs_hook=_once_each
            )
        except (ValueError, RecursionError) as error:
            raise unreadable(f"The body is not JSON: {error}.") from error
        # Escapes are the only way in: UTF-8 decoding refuses surrogates, and JSON
        # refuses a bare NUL.
        if "\\u" in text and not is_storable(value):
            raise unreadable("The body has a character that is none: NUL or half one.")
        return value


def unreadable(sentence: str) -> Refusal:
    """The refusal of a body that is no JSON."""
    return Refusal("body_unreadable", sentence, fix="Send JSON in UTF-8.")


def is_storable(value: Any) -> bool:
    """Whether every string in a JSON value can be kept as text."""
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, str) and UNSTORABLE.search(found):
            return False
        if isinstance(found, dict):
            waiting.extend([*found.keys(), *found.values()])
        elif isinstance(found, list):
            waiting.extend(found)
    return True


def _no_constant(name: str) -> NoReturn:
    msg = f"{name} is not a JSON number"
    raise ValueError(msg)


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) != len(pairs):
        msg = "a name occurs twice in one object"
        raise ValueError(msg)
    return names
