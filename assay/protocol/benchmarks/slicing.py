"""Slices: parts of a split that are scored beside the whole, by columns of its rows.

The option ``slice_by`` of any task type lists the columns. Slices are reported and
never ranked. The option ``cluster_by`` names one column: examples that share its
value count as one source, so that intervals are as wide as they must be.
"""

from collections.abc import Mapping
from typing import Any

from assay.protocol.benchmarks.rows import RowProblem
from assay.protocol.errors import Invalid

OPTION = "slice_by"
CLUSTER = "cluster_by"
MAX_COLUMNS = 5
MAX_VALUE = 60


def columns_of(options: Mapping[str, Any]) -> tuple[str, ...]:
    """The columns by which a benchmark is sliced; none when it is not.

    Raises:
        Invalid: ``slice_by_invalid``.
    """
    columns = options.get(OPTION, [])
    names = isinstance(columns, list) and all(
        isinstance(one, str) and one and one != "id" for one in columns
    )
    if not names or len(columns) > MAX_COLUMNS or len(set(columns)) < len(columns):
        raise Invalid(
            "slice_by_invalid",
            f"slice_by lists up to {MAX_COLUMNS} different columns of the rows.",
            fix='Write it like slice_by = ["topic"].',
            where="task_options",
        )
    return tuple(columns)


def without_slices(options: Mapping[str, Any]) -> dict[str, Any]:
    """What the task type itself is to understand."""
    return {
        name: value for name, value in options.items() if name not in {OPTION, CLUSTER}
    }


def slices_of(row: Mapping[str, Any], columns: tuple[str, ...]) -> dict[str, str]:
    """The row's value in each column.

    Raises:
        RowProblem: one is missing, too long, or no text, integer or truth value.
    """
    found = {}
    for column in columns:
        value = row.get(column)
        text = str(value).lower() if isinstance(value, bool) else str(value)
        if not isinstance(value, str | int) or not 0 < len(text) <= MAX_VALUE:
            raise RowProblem(
                column, f"{column} must be a text of 1 to {MAX_VALUE} characters"
            )
        found[column] = text
    return found


def cluster_column(options: Mapping[str, Any]) -> str | None:
    """The column that says which examples belong together; None when there is none.

    Raises:
        Invalid: ``cluster_by_invalid``.
    """
    column = options.get(CLUSTER)
    if column is not None and (not isinstance(column, str) or not column):
        raise Invalid(
            "cluster_by_invalid",
            "cluster_by names one column of the rows.",
            fix='Write it like cluster_by = "passage".',
            where="task_options",
        )
    return column


def cluster_of(row: Mapping[str, Any], column: str | None) -> str:
    """The row's cluster, empty where the benchmark has none.

    Raises:
        RowProblem: the column is missing or holds no short text or integer.
    """
    if column is None:
        return ""
    return slices_of(row, (column,))[column]
