"""The command that says what a rule would pay."""

import json
import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from assay.protocol.prizes import RULES

SPONSORS = Path("docs/sponsors.md").read_text("utf-8")
HISTORY = "examples/score_history.csv"
TERMS = ("--purse", "1000", "--baseline", "0.60", "--margin", "0.01")
WEEK = ("--opened", "2026-05-01", "--closed", "2026-05-08")


def run(*arguments: str) -> str:
    said = StringIO()
    call_command("simulate_competition", *arguments, stdout=said)
    return said.getvalue()


def test_the_output_in_the_sponsors_guide_is_what_the_command_prints():
    shown = re.search(r"```text\n(king_of_the_hill .*?)```", SPONSORS, re.DOTALL)
    lead = ("--options", '{"lead": "0.01"}')

    said = run("--rule", "king_of_the_hill", *lead, *TERMS, "--scores", HISTORY, *WEEK)

    assert shown is not None
    assert said == shown[1]


def test_all_rules_are_told_and_each_sums_to_the_purse():
    given = json.dumps({"milestone": {"milestones": [{"score": "0.7", "parts": 1}]}})

    said = run(
        *("--rule", "all", "--options", given),
        *(*TERMS, "--scores", HISTORY, "--json"),
    )

    outcomes = {one["rule"]: one for one in json.loads(said)}
    assert list(outcomes) == list(RULES)
    assert outcomes["milestone"]["options"] == json.loads(given)["milestone"]
    assert outcomes["shares_by_rank"]["options"] == RULES["shares_by_rank"].example
    for one in outcomes.values():
        amounts = [float(line["amount"]) for line in one["awards"]]
        assert sum(amounts) + float(one["returned"]) == pytest.approx(1000)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"--options": "{"}, "--options is not JSON"),
        ({"--options": "[]"}, "--options is a JSON object."),
        ({"--options": '{"shares": [1, 2]}'}, "A lower place may not earn more"),
        ({"--rule": "all", "--options": '{"lottery": {}}'}, "no prize rule 'lottery'"),
        ({"--rule": "all", "--options": '{"milestone": 5}'}, "object"),
        ({"--purse": "-1"}, "is negative"),
        ({"--baseline": "high"}, "--baseline high is no number."),
        ({"--margin": "-1"}, "The margin is negative"),
        ({"--opened": "noon"}, "--opened: 'noon' is no time in ISO 8601."),
        ({"--closed": "2026-05-02"}, "not between the opening and the deadline"),
        ({"--scores": "nowhere.csv"}, "nowhere.csv cannot be read"),
        ({"--scores": "docs/prizes.md"}, "The history lacks the column 'time'."),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(changes, sentence):
    given = {
        "--rule": "shares_by_rank",
        "--purse": "1000",
        "--baseline": "0.6",
        "--scores": HISTORY,
        **changes,
    }

    with pytest.raises(CommandError, match=re.escape(sentence)):
        run(*(part for pair in given.items() for part in pair))


def test_a_bad_row_is_named(tmp_path: Path):
    file = tmp_path / "scores.csv"
    file.write_text("time,entrant,score\n2026-05-01,ann,0.7\n2026-05-02,bob,high\n")

    with pytest.raises(CommandError, match=r"Row 3, column score: 'high' is no score"):
        run("--rule", "winner_takes_all", *TERMS, "--scores", str(file))
