"""Every table of docs/prizes.md is recomputed."""

import json
import re
from pathlib import Path

import pytest

from assay.protocol.prizes import RULES, award
from assay.protocol.ranking import Entry, rank
from tests.protocol.prizes.contests import contest, shown, submitted

PAGE = Path(__file__).resolve().parents[3] / "docs" / "prizes.md"
SCORE = re.compile(
    r"(?:(?P<hours>\d+) h )?(?P<key>[a-l]) (?P<score>[\d.]+)"
    r"(?: \((?P<low>[\d.]+) to (?P<high>[\d.]+)\))?"
)


def rows():
    """Rule, options and cells by heading of each row of a table of awards."""
    rule, options, heads = "", {}, []
    for line in PAGE.read_text("utf-8").splitlines():
        if heading := re.fullmatch(r"## `(\w+)`", line):
            rule = heading[1]
        if found := re.search(r"Options `(\{.*?\})`(?:,|:)", line):
            options = json.loads(found[1])
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|") or not rule:
            heads = []
        elif not heads:
            heads = cells
        elif not line.startswith("|--"):
            yield rule, options, dict(zip(heads, cells, strict=True))


ROWS = list(rows())


def scores_of(cell):
    return [match.groupdict() for match in SCORE.finditer(cell)]


def contest_of(row):
    private = scores_of(row.get("private scores", row.get("scores", "")))
    placings = rank(
        Entry(one["key"], float(one["score"]), submitted(one["key"])) for one in private
    )
    if "public board" not in row:
        return contest(100, placings)
    timeline = [
        shown(
            one["key"],
            float(one["score"]),
            int(one["hours"]),
            low=float(one["low"] or one["score"]),
            high=float(one["high"] or one["score"]),
        )
        for one in scores_of(row["public board"])
    ]
    return contest(100, placings, timeline=timeline)


def test_every_rule_has_tables():
    assert {rule for rule, _, _ in ROWS} == set(RULES)
    assert len(ROWS) > 25


@pytest.mark.parametrize(
    ("rule", "options", "row"),
    ROWS,
    ids=[f"{r}-{i}" for i, (r, _, _) in enumerate(ROWS)],
)
def test_the_table_holds(rule, options, row):
    awards = award(rule, options, contest_of(row))

    told = ", ".join(f"{key} {amount}" for key, amount in awards.amounts.items())
    assert (told or "–", str(awards.returned)) == (row["awards"], row["returned"])
