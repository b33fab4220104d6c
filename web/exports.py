"""Rows as files, written piece by piece while they are read."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping

COLUMNS = (
    "at",
    "kind",
    "memo",
    "reference",
    "amount",
    "running",
    "asset",
    "transfer",
)
TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
# A spreadsheet runs a cell that begins so as a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
NUMBERS = frozenset({"amount", "running"})


class _Echo:
    """What a CSV writer writes to: it hands each line back."""

    def write(self, line: str) -> str:
        return line


def csv_lines(rows: Iterable[Mapping[str, str]]) -> Iterator[str]:
    """CSV with a header; no cell of text can be taken for a formula."""
    writer = csv.writer(_Echo(), lineterminator="\r\n")
    yield writer.writerow(COLUMNS)
    for row in rows:
        yield writer.writerow(_cell(name, row[name]) for name in COLUMNS)


def json_lines(rows: Iterable[Mapping[str, str]]) -> Iterator[str]:
    """One JSON array of objects, a line each."""
    between = "[\n"
    for row in rows:
        yield between + json.dumps(row, ensure_ascii=False)
        between = ",\n"
    yield "[]\n" if between == "[\n" else "\n]\n"


def _cell(name: str, text: str) -> str:
    is_formula = name not in NUMBERS and text.startswith(FORMULA)
    return f"'{text}" if is_formula else text
