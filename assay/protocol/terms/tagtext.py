"""Tags as people keep them: a TOML or JSON text, or Arweave's list of names and values.

    License = "dE0rmDfl9_OWjkDznNEXHaSO_JohJkRolvMzaCroUdw"
    Commercial-Use = "Allowed-With-Fee-One-Time-25"

Tags may also stand in a table ``[terms]``; in JSON they are an object, or a list of
``{"name": …, "value": …}``. A name that is there twice has no meaning and is refused.
"""

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any, Final

from assay.protocol.errors import Invalid, TooLarge

MAX_TEXT: Final = 100_000
_FIX: Final = 'Write TOML: one line a tag, such as Derivation = "Allowed".'

_JSON: Final = re.compile(r"\s*(\{|\[\s*(\{|\]))")


def parse_tags(text: str, *, source: str = "The text") -> dict[str, str]:
    """The tags that ``text`` holds, by name; ``source`` names it in a refusal.

    Raises:
        TooLarge: ``terms_too_large``, beyond MAX_TEXT characters.
        Invalid: ``terms_unreadable``, ``terms_tag_twice`` or ``terms_not_text``.
    """
    if len(text) > MAX_TEXT:
        raise TooLarge(
            "terms_too_large",
            f"{source} is longer than {MAX_TEXT} characters, which no tags need.",
        )
    found = _parse(text, source)
    if isinstance(found, list):
        found = _from_list(found, source)
    if isinstance(found, dict):
        found = found.get("terms", found)
    if not isinstance(found, dict):
        raise Invalid("terms_unreadable", f"{source} holds no tags.", fix=_FIX)
    for tag, value in found.items():
        if not isinstance(value, str):
            raise Invalid(
                "terms_not_text",
                f"The tag {tag} is {value!r:.60}, and a tag's value is a text.",
                fix=f'Write it in quotes: {tag} = "…".',
                where=tag,
            )
    return dict(found)


def write_toml(tags: Mapping[str, str], remarks: Iterable[str]) -> str:
    """Tags as TOML that ``parse_tags`` reads, under remarks for people."""
    lines = [f"# {remark}" for remark in remarks]
    # A JSON text is a TOML basic string, and tags' names are bare keys.
    lines += [f"{name} = {json.dumps(value)}" for name, value in tags.items()]
    return "\n".join(lines) + "\n"


def _parse(text: str, source: str) -> Any:
    try:
        if _JSON.match(text):
            return json.loads(text, object_pairs_hook=_unique)
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise Invalid(
            "terms_unreadable", f"{source} cannot be read: {error}.", fix=_FIX
        ) from error


def _unique(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise Invalid(
                "terms_tag_twice",
                f"The name {name[:60]!r} is there twice.",
                fix="Keep the one that is meant.",
                where=name[:60],
            )
        found[name] = value
    return found


def _from_list(entries: Iterable[Any], source: str) -> dict[str, Any]:
    pairs = []
    for entry in entries:
        named = isinstance(entry, dict) and entry.keys() == {"name", "value"}
        if not named or not isinstance(entry["name"], str):
            raise Invalid(
                "terms_unreadable",
                f"{source} is a list, and not one of names and values.",
                fix=_FIX,
            )
        pairs.append((entry["name"], entry["value"]))
    return _unique(pairs)
