"""Data on standard output: tables for people, JSON and CSV for programs, or ids."""

import csv
import io
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import islice
from typing import Any, TypeVar

import click

from assay.commands.lazily import load
from assay.commands.session import Session
from assay.commands.texts import cell, exact, iso

Row = Mapping[str, Any]
T = TypeVar("T")


def row_of(record: Any) -> dict[str, Any]:
    """A client's record as a row."""
    return asdict(record)


def show_list(
    session: Session, rows: Iterable[Row], *, columns: Sequence[str], identity: str
) -> None:
    """Print rows: all fields as JSON, the ``columns`` otherwise, or only ids.

    Args:
        identity: the field that names a row in other commands.
    """
    found = list(rows)
    if session.quiet:
        click.echo("".join(f"{row[identity]}\n" for row in found), nl=False)
    elif session.format == "json":
        _show_json(found)
    elif session.format == "csv":
        _show_csv(found, columns)
    elif not found:
        session.say("There is nothing to list.")
    else:
        _show_table(found, columns)


def show_one(
    session: Session, row: Row, *, columns: Sequence[str], identity: str
) -> None:
    """Print one thing: a line a field in a table."""
    if session.quiet:
        click.echo(row[identity])
    elif session.format == "json":
        _show_json(row)
    elif session.format == "csv":
        _show_csv([row], columns)
    else:
        width = max(len(column) for column in columns)
        for column in columns:
            name = click.style(f"{_title(column).lower():<{width}}", bold=True)
            click.echo(f"{name}  {cell(row[column])}".rstrip())


def some(session: Session, records: Iterator[T], limit: int) -> list[T]:
    """The first ``limit`` records, all when it is 0; says when there are more."""
    if not limit:
        return list(records)
    found = list(islice(records, limit + 1))
    if len(found) > limit:
        session.say(f"These are the first {limit}; --limit 0 lists all.")
    return found[:limit]


def limit_option(command: Any) -> Any:
    """How long a list may be."""
    return click.option(
        "--limit",
        type=click.IntRange(min=0),
        default=50,
        show_default=True,
        help="The most to list; 0 is all.",
    )(command)


def _show_json(value: Any) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=iso))


def _show_csv(rows: Sequence[Row], columns: Sequence[str]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([exact(row[column]) for column in columns] for row in rows)
    click.echo(text.getvalue(), nl=False)


def _show_table(rows: Sequence[Row], columns: Sequence[str]) -> None:
    titles = [_title(column) for column in columns]
    cells = [[cell(row[column]) for column in columns] for row in rows]
    numeric = [_is_numeric(rows, column) for column in columns]
    if sys.stdout.isatty():
        load("assay.commands.rich_tables", "show")(titles, cells, numeric)
        return
    widths = [max(map(len, column)) for column in zip(titles, *cells, strict=True)]
    for line in [titles, *cells]:
        aligned = (
            text.rjust(width) if right else text.ljust(width)
            for text, width, right in zip(line, widths, numeric, strict=True)
        )
        click.echo("  ".join(aligned).rstrip())


def _title(column: str) -> str:
    return column.replace("_", " ").upper()


def _is_numeric(rows: Sequence[Row], column: str) -> bool:
    return all(
        isinstance(row[column], int | float) and not isinstance(row[column], bool)
        for row in rows
    )
