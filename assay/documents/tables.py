"""Rows of a dataset: JSON lines, CSV or Parquet, each as a dictionary."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from assay.protocol.benchmarks import MAX_ROWS
from assay.protocol.errors import Invalid
from assay.protocol.extras import load_extra


def read_table(path: Path) -> list[dict[str, Any]]:
    """All rows of a file; its name says what it is.

    Raises:
        Invalid: ``table_unreadable``, with the reason.
        Unavailable: ``parquet_missing`` without that extra.
    """
    readers = {".jsonl": _lines, ".json": _array, ".csv": _csv, ".parquet": _parquet}
    reader = readers.get(path.suffix)
    if reader is None:
        raise _unreadable(path, f"its name ends with none of {', '.join(readers)}")
    try:
        rows = [dict(row) for row in islice(reader(path), MAX_ROWS + 1)]
    except (OSError, ValueError, TypeError, csv.Error) as error:
        raise _unreadable(path, str(error)) from error
    if len(rows) > MAX_ROWS:
        raise _unreadable(path, f"it has over {MAX_ROWS} rows")
    return rows


def _lines(path: Path) -> Iterator[Mapping[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines if line.strip())


def _array(path: Path) -> Iterable[Mapping[str, Any]]:
    found = json.loads(path.read_text("utf-8"))
    return iter(found if isinstance(found, list) else [found])


def _csv(path: Path) -> Iterator[Mapping[str, Any]]:
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines, strict=True)


def _parquet(path: Path) -> Iterator[Mapping[str, Any]]:
    module = load_extra("pyarrow.parquet", extra="parquet")
    for batch in module.ParquetFile(path).iter_batches(batch_size=1_000):
        yield from batch.to_pylist()


def _unreadable(path: Path, reason: str) -> Invalid:
    return Invalid(
        "table_unreadable",
        f"{path} cannot be read: {reason}.",
        fix="Give JSON lines, a JSON list, CSV with a head, or Parquet.",
        where=str(path),
    )
