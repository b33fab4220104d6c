"""A competition in a file: TOML beside the data that it names.

slug = "bank-intents"
deadline = "+7d"                      # or 2030-05-01T12:00:00Z
task_options = { labels = ["card", "loan"] }
prize_rule = "king_of_the_hill"       # docs/prizes.md has them all
prize_options = { lead = "0.01" }     # decimals are texts: they are hashed

[splits]                              # files, from this file's folder
sample = "sample.jsonl"
public = "public.jsonl"
private = "private.jsonl"

[attachments]                         # path for miners = file, or folder
"starter" = "starter/"
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from assay.commands.folder import visible_files
from assay.commands.moments import read_moment
from assay.commands.texts import iso
from assay.protocol.benchmarks import read_benchmark
from assay.protocol.errors import Invalid

SPLITS = ("sample", "public", "private")
NEEDED = frozenset(
    {
        "slug",
        "title",
        "summary",
        "task_type",
        "metric",
        "base_model",
        "splits",
        "minimum_stake",
        "prize_rule",
        "deadline",
    }
)
OPTIONAL = frozenset(
    {
        "description",
        "task_options",
        "attachments",
        "prize_options",
        "margin",
        "board_step",
        "required_uses",
        "challenge_hours",
        "daily_submissions",
        "max_seconds",
        "budget_points",
        "submission_fee",
        "deposit",
    }
)
AMOUNTS = ("minimum_stake", "submission_fee", "deposit")


@dataclass(frozen=True, slots=True)
class LocalSpec:
    """A competition as it lies on disk: its fields, and the files by their place."""

    fields: Mapping[str, Any]
    splits: Mapping[str, Path]
    attachments: Mapping[str, Path]

    def paths(self) -> set[Path]:
        """Every file that has to be uploaded."""
        return {*self.splits.values(), *self.attachments.values()}

    def body(self, digests: Mapping[Path, str]) -> dict[str, Any]:
        """What the server takes, once the files have been uploaded."""
        return {
            **self.fields,
            "splits": {name: digests[path] for name, path in self.splits.items()},
            "attachments": {
                name: digests[path] for name, path in self.attachments.items()
            },
        }


def read_spec(path: Path, *, now: datetime) -> LocalSpec:
    """Read a competition's file and every row of its benchmark.

    Raises:
        Invalid: a field is missing, unknown or cannot be; a row cannot be used.
    """
    found = _toml(path)
    _check_names(found)
    splits, attachments = found.pop("splits"), found.pop("attachments", {})
    found["deadline"] = iso(read_moment(found["deadline"], now=now, where="deadline"))
    for name in AMOUNTS:
        if name in found:
            found[name] = _amount(found[name], name)
    spec = LocalSpec(
        fields=found,
        splits=_splits(path.parent, splits),
        attachments=dict(_attachments(path.parent, attachments)),
    )
    for name, file in spec.splits.items():
        with file.open("rb") as content:
            read_benchmark(
                task=str(found["task_type"]),
                options=_table(found.get("task_options", {}), "task_options"),
                content=content,
                split=name,
            )
    return spec


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise Invalid(
            "spec_unreadable", f"{path} is not TOML: {error}.", where=str(path)
        ) from error


def _check_names(found: Mapping[str, Any]) -> None:
    missing = sorted(NEEDED - found.keys())
    unknown = sorted(found.keys() - NEEDED - OPTIONAL)
    if missing:
        raise Invalid(
            "spec_field_missing",
            f"The competition has no {', no '.join(missing)}.",
            fix="docs/cli.md lists the fields with an example.",
            where=missing[0],
        )
    if unknown:
        raise Invalid(
            "spec_field_unknown",
            f"A competition has no field {unknown[0]!r}.",
            fix=f"Its fields are {', '.join(sorted(NEEDED | OPTIONAL))}.",
            where=unknown[0],
        )


def _amount(given: object, where: str) -> str:
    if isinstance(given, str) or type(given) is int:
        return str(given)
    raise Invalid(
        "spec_amount",
        f"{where} is {given!r}; an amount is written exactly.",
        fix='Write it in quotes, such as "12.5".',
        where=where,
    )


def _splits(folder: Path, given: object) -> dict[str, Path]:
    splits = _table(given, "splits")
    if set(splits) != set(SPLITS):
        raise Invalid(
            "splits_wrong",
            f"A benchmark has exactly the splits {', '.join(SPLITS)}.",
            where="splits",
        )
    return {name: folder / str(splits[name]) for name in SPLITS}


def _attachments(folder: Path, given: object) -> Iterator[tuple[str, Path]]:
    for name, place in _table(given, "attachments").items():
        path = folder / str(place)
        if not path.is_dir():
            yield name, path
            continue
        for inner, file in visible_files(path).items():
            yield f"{name.rstrip('/')}/{inner}", file


def _table(given: object, where: str) -> Mapping[str, Any]:
    if isinstance(given, Mapping):
        return given
    raise Invalid("spec_field_type", f"{where} is a table.", where=where)
