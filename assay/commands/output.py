"""Data on standard output: tables for people, JSON and CSV for programs, or ids."""

import csv
import io
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeVar

import click

from assay.commands.lazily import load
from assay.commands.session import Session
from assay.commands.texts import cell, exact, iso
from assay.protocol.errors import Invalid

if TYPE_CHECKING:
    from assay.client.paging import Walk

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
        return
    columns = _chosen(session, found, columns)
    if session.format == "json":
        _show_json([_cut(session, row, columns) for row in found])
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
        return
    columns = _chosen(session, [row], columns)
    if session.format == "json":
        _show_json(_cut(session, row, columns))
    elif session.format == "csv":
        _show_csv([row], columns)
    else:
        width = max(len(column) for column in columns)
        for column in columns:
            name = click.style(f"{_title(column).lower():<{width}}", bold=True)
            click.echo(f"{name}  {cell(row[column])}".rstrip())


def some(session: Session, records: "Walk[T]", limit: int) -> list[T]:
    """The first ``limit`` records, all when it is 0; says how to see more."""
    found, place = records.take(limit or sys.maxsize, after=session.page)
    if place:
        session.say(f"There is more: --page {place} goes on, --limit 0 lists all.")
    return list(found)


def limit_option(command: Any) -> Any:
    """How long a list may be, and where it goes on."""
    limited = click.option(
        "--limit",
        type=click.IntRange(min=0),
        default=50,
        show_default=True,
        help="The most to list; 0 is all.",
    )(command)
    return click.option(
        "--page",
        metavar="TOKEN",
        default="",
        expose_value=False,
        callback=_go_on,
        help="Go on where a list ended; it said the token.",
    )(limited)


def _go_on(context: click.Context, _option: click.Parameter, value: str) -> None:
    context.find_root().ensure_object(Session).page = value


def _chosen(
    session: Session, rows: Sequence[Row], columns: Sequence[str]
) -> Sequence[str]:
    """The fields that were asked for; the command's own when none were."""
    wanted = [name.strip() for name in session.fields.split(",") if name.strip()]
    if not wanted or not rows:
        return columns
    unknown = [name for name in wanted if name not in rows[0]]
    if unknown:
        raise Invalid(
            "field_unknown",
            f"There is no field {unknown[0]!r} here.",
            fix=f"There are: {', '.join(rows[0])}.",
            where="--fields",
        )
    return wanted


def _cut(session: Session, row: Row, columns: Sequence[str]) -> Row:
    """The whole row, or only what was asked for."""
    return {name: row[name] for name in columns} if session.fields else row


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
