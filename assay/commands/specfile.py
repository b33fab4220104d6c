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
from assay.protocol import prizes
from assay.protocol.benchmarks import read_benchmark, shared_inputs, task_type
from assay.protocol.errors import Invalid

NAME = "competition.toml"
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
        "data_licence",
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


def spec_path(place: Path) -> Path:
    """The competition's file: the one that is named, or that of a folder.

    Raises:
        Invalid: ``spec_missing``.
    """
    path = place / NAME if place.is_dir() else place
    if path.is_file():
        return path
    raise Invalid(
        "spec_missing",
        f"{path} is not there.",
        fix="Begin with `assay competition init DIR`.",
        where=str(path),
    )


def read_spec(path: Path, *, now: datetime) -> LocalSpec:
    """Read a competition's file and every row of its benchmark.

    Args:
        path: the file, or the folder that holds it as ``competition.toml``.

    Raises:
        Invalid: a field is missing, unknown or cannot be; a row cannot be used.
    """
    path = spec_path(path)
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
    _check_rows(found, spec.splits)
    _check_rules(found)
    return spec


def _check_rows(found: Mapping[str, Any], splits: Mapping[str, Path]) -> None:
    """Every row can be used, and no hidden question stands in the sample."""
    read = {}
    for name, file in splits.items():
        with file.open("rb") as content:
            read[name] = read_benchmark(
                task=str(found["task_type"]),
                options=_table(found.get("task_options", {}), "task_options"),
                content=content,
                split=name,
            )
    for hidden in SPLITS[1:]:
        leaked = shared_inputs(read[hidden], read["sample"])
        if leaked:
            raise Invalid(
                "benchmark_leak",
                f"{len(leaked)} questions of the {hidden} split also stand in the "
                f"sample, which everyone sees; the first is {leaked[0]}.",
                fix="Take them out of one of the two.",
                where=hidden,
            )


def _check_rules(found: Mapping[str, Any]) -> None:
    metrics = task_type(str(found["task_type"])).metrics
    if found["metric"] not in metrics:
        raise Invalid(
            "metric_not_for_task",
            f"{found['metric']!r} does not suit {found['task_type']}.",
            fix=f"Use one of: {', '.join(metrics)}.",
            where="metric",
        )
    options = _table(found.get("prize_options", {}), "prize_options")
    prizes.check_options(str(found["prize_rule"]), options)


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
