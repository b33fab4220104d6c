"""Amounts in the database: whole base units, wider than any integer it has.

PostgreSQL keeps ``numeric(48, 0)``. SQLite has no such number, so there an amount
is text: 49 digits of ``amount + 10**48``. Equal amounts are equal text and greater
ones sort later, so that indexes, comparisons and CHECKs mean what they say; adding
and summing go through two functions that each SQLite connection is taught.
"""

import sqlite3
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Combinable
from django.db.models.sql.compiler import SQLCompiler

from assay.protocol.money import MAX_UNITS

if TYPE_CHECKING:
    _Field = models.Field[int, int]
else:
    _Field = models.Field  # takes no type arguments when run

BIAS = MAX_UNITS + 1
WIDTH = len(str(BIAS))


def encode(units: int) -> str:
    """The text that SQLite keeps for an amount.

    Raises:
        OverflowError: it is beyond ``±MAX_UNITS``.
    """
    return f"{_within_bounds(units) + BIAS:0{WIDTH}d}"


def decode(text: str) -> int:
    """The amount that SQLite keeps as ``text``."""
    return int(text) - BIAS


class AmountField(_Field):
    """A signed integer of base units within ``±MAX_UNITS``; an ``int`` in Python.

    Use ``AmountAdd`` and ``AmountSum`` on it in queries, never ``+`` or ``Sum``:
    those would make a float of it on SQLite, which its CHECK refuses to store.
    """

    description = "Whole base units of an asset"

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        is_sqlite = connection.vendor == "sqlite"
        return "text" if is_sqlite else f"numeric({WIDTH - 1}, 0)"

    def db_check(self, connection: BaseDatabaseWrapper) -> str:
        name = connection.ops.quote_name(str(self.column))
        if connection.vendor != "sqlite":  # the range also shuts out NaN
            return f"{name} BETWEEN {-MAX_UNITS} AND {MAX_UNITS}"
        return (
            f"typeof({name}) IN ('text', 'null') AND length({name}) = {WIDTH}"
            f" AND {name} NOT GLOB '*[^0-9]*'"
            f" AND {name} BETWEEN '{encode(-MAX_UNITS)}' AND '{encode(MAX_UNITS)}'"
        )

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        if value is None or isinstance(value, Combinable):
            return value
        if isinstance(value, bool) or not isinstance(value, int):
            msg = f"{self.name} is whole base units, not {value!r}."
            raise TypeError(msg)
        return _within_bounds(value)

    def get_db_prep_value(
        self,
        value: Any,
        connection: BaseDatabaseWrapper,
        prepared: bool = False,  # noqa: FBT001, FBT002 - Django's signature
    ) -> Any:
        value = super().get_db_prep_value(value, connection, prepared)
        if isinstance(value, int) and connection.vendor == "sqlite":
            return encode(value)
        return value

    def from_db_value(self, value: str | Decimal | None, *_: Any) -> int | None:
        if value is None:
            return None
        if isinstance(value, str):
            return decode(value)
        return _within_bounds(int(value))

    def to_python(self, value: Any) -> int | None:
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        try:
            return int(value, 10)
        except (TypeError, ValueError) as error:
            msg = f"“{value}” is not a whole number of base units."
            raise ValidationError(msg, code="invalid") from error

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj))


class AmountAdd(models.Func):
    """The sum of two amounts, such as ``AmountAdd(F("balance"), 5)``."""

    arity = 2
    arg_joiner = " + "
    template = "(%(expressions)s)"

    def __init__(self, *expressions: Any, **extra: Any) -> None:
        terms = [
            models.Value(term, output_field=AmountField())
            if isinstance(term, int)
            else term
            for term in expressions
        ]
        super().__init__(*terms, output_field=AmountField(), **extra)

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> Any:
        template = "amount_add(%(expressions)s)"
        return self.as_sql(
            compiler, connection, template=template, arg_joiner=", ", **context
        )


class AmountSum(models.Aggregate):
    """The sum of an amount over rows; 0 over none, or another ``default``.

    Over a ``Window`` it takes ``default=None``.

    A sum beyond ``±MAX_UNITS`` raises (``OverflowError``, on SQLite Django's
    ``DataError``): it is never rounded.
    """

    function = "SUM"
    arity = 1

    def __init__(
        self, expression: Any, *, default: int | None = 0, **extra: Any
    ) -> None:
        extra.setdefault("output_field", AmountField())
        super().__init__(expression, default=default, **extra)

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> Any:
        return self.as_sql(compiler, connection, function="amount_sum", **context)


def teach_sqlite(connection: sqlite3.Connection) -> None:
    """Give a SQLite connection ``amount_add`` and ``amount_sum``."""
    connection.create_function("amount_add", 2, _add, deterministic=True)
    connection.create_window_function("amount_sum", 1, _Total)


class _Total:
    """An aggregate that can also slide over a window; None over no amount."""

    def __init__(self) -> None:
        self.units = 0
        self.terms = 0

    def step(self, text: str | None, /) -> None:
        if text is not None:
            self.units += decode(text)
            self.terms += 1

    def inverse(self, text: str | None, /) -> None:
        if text is not None:
            self.units -= decode(text)
            self.terms -= 1

    def value(self) -> str | None:
        return encode(self.units) if self.terms else None

    finalize = value


def _add(left: str | None, right: str | None) -> str | None:
    if left is None or right is None:
        return None
    return encode(decode(left) + decode(right))


def _within_bounds(units: int) -> int:
    if not -MAX_UNITS <= units <= MAX_UNITS:
        msg = f"{units} base units are beyond ±{MAX_UNITS}."
        raise OverflowError(msg)
    return units
