"""Keyset paging: pages stay right while rows arrive, and the last costs no more."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet

from assay.protocol.errors import Invalid

Row = TypeVar("Row", bound=Model)
Item = TypeVar("Item")
MAX_LIMIT = 100


@dataclass(frozen=True)
class Page(Generic[Item]):
    """Some rows, and the cursor of the next page when there is one."""

    items: Sequence[Item]
    next_cursor: str | None = None


def keyset(
    queryset: QuerySet[Row], *, cursor: str | None, limit: int, order: Sequence[str]
) -> Page[Row]:
    """One page of ``queryset`` in ``order``.

    Args:
        cursor: where the page before ended; None for the first.
        limit: rows a page, at most 100.
        order: field names, "-" for descending; the last must be unique.

    Raises:
        Invalid: the cursor is not one of ours.
    """
    limit = max(1, min(limit, MAX_LIMIT))
    if cursor:
        try:
            queryset = queryset.filter(_after(order, _decode(cursor, len(order))))
            rows = list(queryset.order_by(*order)[: limit + 1])
        except (ValidationError, ValueError, TypeError) as error:
            raise Invalid(
                "cursor_invalid",
                "This cursor is none of ours.",
                fix="Start again from the first page.",
                where="cursor",
            ) from error
    else:
        rows = list(queryset.order_by(*order)[: limit + 1])
    if len(rows) <= limit:
        return Page(rows)
    return Page(rows[:limit], _encode(rows[limit - 1], order))


def _after(order: Sequence[str], values: Sequence[Any]) -> Q:
    """(a, b) > (x, y), written as a > x or (a = x and b > y)."""
    alternatives = []
    for index, (field, value) in enumerate(zip(order, values, strict=True)):
        name, operator = field.lstrip("-"), "lt" if field.startswith("-") else "gt"
        equal = {
            f.lstrip("-"): v for f, v in zip(order[:index], values[:index], strict=True)
        }
        alternatives.append(Q(**equal, **{f"{name}__{operator}": value}))
    return reduce(lambda one, other: one | other, alternatives)


def _encode(row: Model, order: Sequence[str]) -> str:
    values = [_plain(getattr(row, field.lstrip("-"))) for field in order]
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | str) else str(value)


def _decode(cursor: str, length: int) -> list[Any]:
    values = json.loads(base64.urlsafe_b64decode(cursor.encode()))
    if not isinstance(values, list) or len(values) != length:
        msg = "wrong length"
        raise ValueError(msg)
    return values
