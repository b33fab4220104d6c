"""Reading the options of prize rules: whole numbers and exact decimal texts."""

import re
from collections.abc import Mapping
from typing import TypeAlias

from assay.protocol.errors import Invalid
from assay.protocol.ranking import BILLION

Options: TypeAlias = Mapping[str, object]

_DECIMAL = re.compile(r"([0-9]{1,3})(?:\.([0-9]{1,9}))?")


def take_no_options(options: Options) -> None:
    """Refuse any option.

    Raises:
        Invalid: ``prize_options``.
    """
    if options:
        raise Invalid(
            "prize_options",
            f"This prize rule has no options: {', '.join(sorted(options))}.",
            fix="Leave the options empty.",
            where="options",
        )


def say_nothing(_options: Options) -> str:
    """There are no options to describe."""
    return ""


def check_names(options: Options, known: set[str], *, fix: str) -> None:
    """Refuse options of other names.

    Raises:
        Invalid: ``prize_options``.
    """
    unknown = sorted(set(options) - known)
    if unknown:
        raise Invalid(
            "prize_options",
            f"This prize rule has no option {unknown[0]!r}.",
            fix=fix,
            where="options",
        )


def is_whole(given: object, least: int, most: int) -> bool:
    """Whether it is a whole number of that range; ``true`` is none."""
    return type(given) is int and least <= given <= most


def read_billionths(given: object, *, where: str) -> int:
    """Read an exact decimal text such as ``"0.015"``, in billionths.

    Raises:
        Invalid: ``prize_options`` for anything else, a number included: a float
            would not say exactly what its writer meant.
    """
    match = _DECIMAL.fullmatch(given) if isinstance(given, str) else None
    if match is None:
        raise Invalid(
            "prize_options",
            f"{given!r} is no exact decimal text.",
            fix='Write it in quotes with at most nine digits after the point: "0.015".',
            where=f"options.{where}",
        )
    return int(match[1]) * BILLION + int((match[2] or "").ljust(9, "0"))
