"""One column of many rows, written in one round."""

from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.db.models import Model


def write_column(model: type[Model], name: str, values: Mapping[Any, Any]) -> None:
    """Set the column ``name`` of rows by primary key, each to a value of its own.

    ``bulk_update`` says the same by one CASE a row, and takes twenty times as long.
    """
    if not values:
        return
    meta = model._meta  # noqa: SLF001 - Django's public spelling
    column: Any = meta.get_field(name)
    key: Any = meta.pk
    rows = [
        (
            column.get_db_prep_save(value, connection),
            key.get_db_prep_save(pk, connection),
        )
        for pk, value in values.items()
    ]
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {quote(meta.db_table)} SET {quote(column.column)} = %s"  # noqa: S608 - names of ours
            f" WHERE {quote(key.column)} = %s",
            rows,
        )
