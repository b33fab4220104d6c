"""Licence terms from a file of UDL tags, or from a preset's name.

    License = "dE0rmDfl9_OWjkDznNEXHaSO_JohJkRolvMzaCroUdw"
    Commercial-Use = "Allowed-With-Fee-One-Time-25"

Tags may also stand in a table ``[terms]``. JSON has the same shape.
"""

import json
import tomllib
from pathlib import Path
from typing import Any

from assay.protocol.errors import Invalid
from assay.protocol.terms import PRESETS, write_tags

HELP = "A file of UDL tags (TOML or JSON), or a preset: " + ", ".join(PRESETS) + "."


def read_terms(given: str) -> dict[str, str]:
    """The tags that a file or a preset names.

    Raises:
        Invalid: it is neither, or a tag's value is no text.
    """
    path = Path(given)
    if given in PRESETS and not path.exists():
        return write_tags(PRESETS[given].terms)
    tags = _parse(path)
    tags = tags.get("terms", tags)
    for tag, value in tags.items():
        if not isinstance(value, str):
            raise Invalid(
                "terms_not_text",
                f"The tag {tag} is {value!r}, and a tag's value is a text.",
                fix=f'Write it in quotes: {tag} = "{value}".',
                where=tag,
            )
    return dict(tags)


def _parse(path: Path) -> dict[str, Any]:
    text = _text(path)
    try:
        tags = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except ValueError as error:
        raise Invalid(
            "terms_unreadable",
            f"{path} cannot be read: {error}.",
            fix='Write TOML: one line a tag, such as Derivation = "Allowed".',
            where=str(path),
        ) from error
    if not isinstance(tags, dict) or not isinstance(tags.get("terms", {}), dict):
        raise Invalid("terms_unreadable", f"{path} holds no tags.", where=str(path))
    return tags


def _text(path: Path) -> str:
    if not path.is_file():
        raise Invalid(
            "terms_not_found",
            f"{path} is neither a file nor a preset.",
            fix=f"Presets are {', '.join(PRESETS)}.",
            where=str(path),
        )
    return path.read_text(encoding="utf-8")
