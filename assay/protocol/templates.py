"""Prompt templates: text with ``{{ column }}`` in it, and nothing that computes.

``{{ column }}`` stands for the row's value, ``{{ column | strip }}`` for it after a
filter. There are no attributes, calls, loops or conditions, so a template from a
stranger can neither run anything nor run for long, and what comes out is bounded.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from assay.protocol.errors import Invalid

MAX_TEMPLATE: Final = 20_000
MAX_FILLED: Final = 40_000
FILTERS: Final[Mapping[str, Callable[[str], str]]] = {
    "capitalize": str.capitalize,
    "lower": str.lower,
    "strip": str.strip,
    "trim": str.strip,
    "upper": str.upper,
}
_HOLE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_INSIDE = re.compile(r"\s*([A-Za-z_]\w*)\s*((?:\|\s*[a-z]+\s*)*)", re.ASCII)


def fill(template: str, row: Mapping[str, Any]) -> str:
    """The template with the row's values in its holes.

    Raises:
        Invalid: ``template_syntax``, ``template_column``, ``template_filter`` or
            ``template_too_long``.
    """
    if len(template) > MAX_TEMPLATE or "{%" in template or "{#" in template:
        raise Invalid(
            "template_syntax",
            f"A template has up to {MAX_TEMPLATE} characters and no {{% or {{#.",
            fix="Write {{ column }}, and prepare the rest in a column of its own.",
        )
    text = _HOLE.sub(lambda hole: _value(hole.group(1), row), template)
    if len(text) > MAX_FILLED:
        raise Invalid(
            "template_too_long", f"A filled template has over {MAX_FILLED} characters."
        )
    return text


def _value(inside: str, row: Mapping[str, Any]) -> str:
    match = _INSIDE.fullmatch(inside)
    if match is None:
        raise Invalid(
            "template_syntax",
            f"{{{{{inside[:60]}}}}} is no column with filters.",
            fix=f"Write a column's name; filters are {', '.join(FILTERS)}.",
        )
    name, filters = match.groups()
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Invalid(
            "template_column", f"The rows have no text or number in {name!r}."
        )
    text = str(value)
    for wanted in filters.replace("|", " ").split():
        if wanted not in FILTERS:
            raise Invalid(
                "template_filter",
                f"There is no filter {wanted!r}.",
                fix=f"Use one of: {', '.join(FILTERS)}.",
            )
        text = FILTERS[wanted](text)
    return text
