"""What is told of a competition's public data, wherever it is described."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

ROWS: Final = 1000
_KINDS: Final[Mapping[type, str]] = {
    bool: "bool",
    int: "int64",
    float: "float64",
    type(None): "null",
}

# A feature is told as `datasets` writes it: a type, the names of a class, or a list.
Feature = str | tuple[str, ...] | list["Feature"] | dict[str, "Feature"]


@dataclass(frozen=True, slots=True)
class DataFile:
    """A public file: where it is fetched, its size in bytes and its SHA-256."""

    path: str
    url: str
    size: int
    sha256: str

    @property
    def is_table(self) -> bool:
        """Whether it holds rows, as JSON lines."""
        return self.path.endswith(".jsonl")


@dataclass(frozen=True, slots=True)
class DataRecord:
    """A competition's public data.

    Attributes:
        name: the competition's slug.
        features: of a row of the sample.
        counts: examples by split; those of hidden splits are counted only.
        sample: the file with the sample and its answers.
    """

    name: str
    title: str
    summary: str
    page: str
    sponsor: str
    published: datetime
    task_type: str
    metric: str
    licence: str
    counts: Mapping[str, int]
    features: Mapping[str, Feature]
    sample: DataFile
    files: Sequence[DataFile] = field(default=())


def features_of(
    lines: Iterable[bytes], *, labels: Sequence[str] = ()
) -> dict[str, Feature]:
    """The features of JSON lines, as their first rows show them.

    Args:
        labels: the names of classes, in their order; the field ``label`` is one of
            them.
    """
    found: dict[str, Feature] = {}
    for _, line in zip(range(ROWS), lines, strict=False):
        row = json.loads(line) if line.strip() else {}
        for name, value in row.items():
            found[name] = _wider(found.get(name), _feature(value))
    if labels and found.get("label") == "string":
        found["label"] = tuple(labels)
    return found


def _feature(value: Any) -> Feature:
    if isinstance(value, list):
        kind: Feature = "null"
        for one in value:
            kind = _wider(kind, _feature(one))
        return [kind]
    if isinstance(value, dict):
        return {name: _feature(one) for name, one in value.items()}
    return _KINDS.get(type(value), "string")


def _wider(known: Feature | None, new: Feature) -> Feature:
    """What holds both; text where they have nothing in common."""
    if known is None or known in ("null", new):
        return new
    if new == "null":
        return known
    if isinstance(known, list) and isinstance(new, list):
        return [_wider(known[0], new[0])]
    if isinstance(known, dict) and isinstance(new, dict):
        names = {**known, **new}
        return {n: _wider(known.get(n), new.get(n, "null")) for n in names}
    if {known, new} == {"int64", "float64"}:
        return "float64"
    return "string"
