"""SPDX licence expressions: ``MIT OR (Apache-2.0 AND CC-BY-4.0)``.

A single id needs nothing but the table. What combines ids is parsed by the library
``license-expression``, which the extra ``documents`` brings.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

from assay.protocol.errors import Invalid, TooLarge
from assay.protocol.extras import load_extra
from assay.protocol.licences.facts import Facts, merged, unknown_licence
from assay.protocol.licences.table import known_licence

MAX_EXPRESSION: Final = 1000
MAX_ALTERNATIVES: Final = 64
# The library takes some of these for well-known licences; a reference is private to
# the document that it stands in.
_REFERENCE = re.compile(r"(?:DocumentRef-[\w.-]+:)?LicenseRef-", re.IGNORECASE)
_PRIVATE: Final = "private-LicenseRef-"


@dataclass(frozen=True, slots=True)
class Alternatives:
    """What an expression offers: the licensee may take any one of ``options``."""

    expression: str
    options: tuple[Facts, ...]

    @property
    def unknown(self) -> tuple[str, ...]:
        """The options of which nothing is known here."""
        return tuple(option.name for option in self.options if not option.is_known)


def read_expression(expression: str) -> Alternatives:
    """The alternatives of an SPDX expression or a Hub id.

    Ids that are not known here stay as options that allow nothing. An exception of
    the SPDX list (``WITH …``) is passed over, since it only adds permissions to its
    licence; any other makes the whole unknown.

    Raises:
        TooLarge: ``licence_expression_large``.
        Invalid: ``licence_expression`` when it cannot be parsed.
        Unavailable: ``documents_missing``.
    """
    if len(expression) > MAX_EXPRESSION:
        raise TooLarge(
            "licence_expression_large",
            f"A licence expression has at most {MAX_EXPRESSION} characters.",
        )
    single = known_licence(expression)
    if single is not None:
        return Alternatives(single.name, (single,))
    if re.fullmatch(r"\s*[\w.+-]+\s*", expression):
        name = expression.strip()
        return Alternatives(name, (unknown_licence(name),))
    tree = _parse(expression)
    options = tuple(merged(option) for option in _options(tree))
    return Alternatives(str(tree).replace(_PRIVATE, "LicenseRef-"), options)


def _parse(expression: str) -> Any:
    library = load_extra("license_expression")
    try:
        plain = _REFERENCE.sub(_PRIVATE, expression)
        tree = library.get_spdx_licensing().parse(plain, validate=False, strict=False)
    except (library.ExpressionError, ValueError, RecursionError) as error:
        raise _unreadable(str(error)) from error
    if tree is None:
        raise _unreadable("it is empty")
    return tree


def _options(tree: Any) -> list[Sequence[Facts]]:
    """The tree as a choice (OR) of sets that bind together (AND)."""
    kind = type(tree).__name__
    if kind == "OR":
        return _bounded([option for part in tree.args for option in _options(part)])
    if kind == "AND":
        sets = _bounded([()])
        for part in tree.args:
            sets = _bounded([(*a, *b) for a, b in product(sets, _options(part))])
        return sets
    name = str(tree).replace(_PRIVATE, "LicenseRef-")
    exception = getattr(tree, "exception_symbol", None)
    if exception is None:
        return [(known_licence(name) or unknown_licence(name),)]
    if not exception.is_exception:  # it could as well be a restriction
        return [(unknown_licence(name),)]
    base = str(tree.license_symbol.key)
    return [(known_licence(base) or unknown_licence(name),)]


def _bounded(options: list[Sequence[Facts]]) -> list[Sequence[Facts]]:
    if len(options) > MAX_ALTERNATIVES:
        raise TooLarge(
            "licence_expression_large",
            f"A licence expression may offer {MAX_ALTERNATIVES} alternatives at most.",
        )
    return options


def _unreadable(reason: str) -> Invalid:
    return Invalid(
        "licence_expression",
        f"The licence expression cannot be read: {reason[:200]}.",
        fix="Write SPDX, such as MIT OR Apache-2.0.",
    )
