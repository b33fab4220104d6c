"""Scoring here: the engine is another program, the scorer is ours."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from assay.client.reading import read
from assay.client.records import Competition as Asked
from assay.commands.evaluate import compared, rival_of, show_score, verdict
from assay.commands.failing import EvaluationFailed
from assay.commands.local_scoring import LocalModel, score_here
from assay.commands.session import Session
from assay.commands.using import Used, limits_in_words, measured
from assay.protocol.errors import Invalid
from assay.protocol.scoring import Answer, Output, score
from competitions.models import Competition
from tests.builders import world
from tests.builders.weights import LABELS
from tests.builders.world import lines, rows
from tests.client.conftest import Connect
from tests.commands.conftest import Shell

# Speaks as the evaluator does: 20 of 30 right, by the number in the id.
ENGINE = """
import json, sys
from pathlib import Path
words = dict(zip(sys.argv[1::2], sys.argv[2::2]))
Path(words["--model"], "heard.json").write_text(json.dumps(words))
asked = [json.loads(line) for line in Path(words["--inputs"]).read_text().splitlines()]
labels = json.loads(words["--options"])["labels"]
with Path(words["--outputs"]).open("w") as outputs:
    for done, row in enumerate(asked):
        assert set(row) == {"id", "text"}, row
        number = int(row["id"].split("-")[1])
        choice = (number if number < 20 else number + 1) % len(labels)
        scores = [(0.0 if i == choice else -1.0).hex() for i in range(len(labels))]
        print(json.dumps({"id": row["id"], "scores": scores}), file=outputs)
        print(f"{done + 1}/{len(asked)}", file=sys.stderr)
"""
BROKEN = """
import sys
print("1/30", file=sys.stderr)
print("weights_incomplete: The weights lack a layer.", file=sys.stderr)
sys.exit(1)
"""
CRASHED = "raise RuntimeError('out of cheese')"

Score = Callable[..., Any]


@pytest.fixture
def competition() -> Asked:
    """What is asked of a competition to score for it."""
    texts = ("slug", "title", "summary", "status", "sponsor", "base_model", "asset")
    more = ("staked", "minimum_stake", "prize_rule", "id", "description")
    costs = ("second_price", "submission_fee", "deposit")
    fields = dict.fromkeys((*texts, *more, *costs, "rules_digest"), "x")
    numbers = ("daily_submissions", "daily_failures", "max_bytes", "max_seconds")
    points = ("fee_points", "budget_points")
    return read(
        Asked,
        {
            **fields,
            **dict.fromkeys((*numbers, *points, "max_memory"), 1),
            "task_type": "text_classification",
            "task_options": {"labels": LABELS},
            "metric": "accuracy",
            "deadline": "2030-01-01T00:00:00Z",
            "prize_options": {},
            "margin": 0.0,
            "board_step": 0.0,
            "required_uses": [],
            "challenge_hours": 0,
            "splits": {},
            "baseline": None,
            "is_mine": False,
        },
    )


@pytest.fixture
def scored(tmp_path: Path, competition: Asked) -> Score:
    """Scores with an engine of this source; returns the score and the progress."""
    sample = tmp_path / "sample.jsonl"
    sample.write_bytes(lines(rows("sample", 30)))

    def run(source: str, kind: str = "full") -> Any:
        progress: list[tuple[int, int]] = []
        found = score_here(
            competition,
            sample,
            LocalModel(folder=tmp_path, kind=kind, base=tmp_path / "base"),
            command=[sys.executable, "-c", source],
            on_progress=lambda done, total: progress.append((done, total)),
        )
        heard = json.loads((tmp_path / "heard.json").read_text())
        return found, progress, heard

    return run


def test_the_score_has_its_interval_and_the_engine_saw_no_answer(scored: Score) -> None:
    found, progress, heard = scored(ENGINE)

    assert found.value == pytest.approx(20 / 30)
    assert 0 < found.low < found.value < found.high < 1
    assert found.count == 30
    assert progress[-1] == (30, 30)
    assert heard["--tokenizer"].endswith("base")
    assert "--base" not in heard


def test_an_adapter_is_put_on_the_base_model(scored: Score) -> None:
    _, _, heard = scored(ENGINE, kind="adapter")

    assert heard["--base"].endswith("base")


def test_a_fault_of_the_model_keeps_its_code(scored: Score) -> None:
    with pytest.raises(EvaluationFailed) as refused:
        scored(BROKEN)

    assert refused.value.code == "weights_incomplete"
    assert refused.value.sentence == "The weights lack a layer."


def test_a_crash_of_the_engine_shows_its_last_words(scored: Score) -> None:
    with pytest.raises(EvaluationFailed) as refused:
        scored(CRASHED)

    assert refused.value.code == "engine_failed"
    assert "out of cheese" in refused.value.sentence


def test_an_engine_that_leaves_an_example_out_gives_no_score(scored: Score) -> None:
    with pytest.raises(Invalid) as refused:
        scored(ENGINE.replace("in enumerate(asked)", "in enumerate(asked[1:])"))

    assert refused.value.code == "outputs_missing"


def test_two_models_are_compared_example_by_example(scored: Score) -> None:
    ours, _, _ = scored(ENGINE)
    theirs, _, _ = scored(ENGINE.replace("number < 20", "5 <= number < 20"))

    found = compared("baseline", ours, theirs)

    assert found["against"] == "baseline"
    assert found["against_score"] == pytest.approx(15 / 30)
    assert found["difference"] == pytest.approx(5 / 30)
    assert (found["better_on"], found["worse_on"]) == (5, 0)
    assert found["p_value"] == pytest.approx(2 / 2**5)


def test_a_rival_that_is_no_folder_is_refused(anyone: Shell, entry: Path) -> None:
    for name in ("base", "sample.jsonl"):
        (entry.parent / "fetched" / name).mkdir(parents=True)
    where = ["--data", entry.parent / "fetched", "--against", entry.parent / "gone"]

    ran = anyone("evaluate", entry, "-c", "bank-intents", *where)

    assert (ran.status, ran.code) == (3, "rival_missing")


def test_without_the_data_the_command_that_fetches_it_is_named(
    anyone: Shell, entry: Path
) -> None:
    ran = anyone("evaluate", entry, "-c", "bank-intents")

    assert (ran.status, ran.code) == (3, "data_missing")
    assert "assay competition data bank-intents bank-intents --base" in ran.err


def test_the_difference_is_said_in_points_with_its_spread_and_whether_it_is_luck(
    scored: Score,
) -> None:
    ours, _, _ = scored(ENGINE)
    theirs, _, _ = scored(ENGINE.replace("number < 20", "5 <= number < 20"))
    worse, _, _ = scored(ENGINE.replace("number < 20", "number < 2"))

    assert verdict("baseline", compared("baseline", ours, theirs)) == (
        "Better than baseline by 16.7 ± 14.1 points."
    )
    assert verdict("x", compared("x", worse, ours)).startswith("Worse than x by 60.0")
    assert verdict("x", compared("x", ours, ours)).startswith("No better than x")
    assert "luck" in verdict("x", compared("x", ours, ours))


def test_an_earlier_submission_is_fetched_to_compare_with(
    connect: Connect, bob: User, contest: Competition, now: datetime, tmp_path: Path
) -> None:
    made = world.submit(bob, contest, now, seed=3)

    rival = rival_of(
        Session(quiet=True), connect(bob), str(made.id), tmp_path, tmp_path
    )

    assert rival is not None
    assert rival.kind == "full"
    assert (rival.folder / "model.safetensors").is_file()


def test_what_it_took_is_set_beside_the_limits(competition: Asked) -> None:
    asked = replace(
        competition, splits={"public": 1000}, max_seconds=60, max_memory=2**30
    )

    pace, memory = limits_in_words(asked, Used(12.0, 3 * 2**30), count=100)

    assert "the public split (1000 examples) takes about 120 s here" in pace
    assert "more than the 60 s allowed" in pace
    assert memory == "It took 3.0 GiB of memory; 1.0 GiB are allowed."


def test_the_time_and_memory_of_programs_below_are_counted() -> None:
    with measured() as used:
        subprocess.run([sys.executable, "-c", "sum(range(10**6))"], check=True)

    assert 0 < used.seconds < 60
    assert used.peak_bytes > 2**20


def test_a_sliced_benchmark_shows_a_table_of_slices(
    competition: Asked, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = [
        Answer(str(n), 0, slices={"topic": "cards" if n % 2 else "loans"})
        for n in range(6)
    ]
    found = score("accuracy", [Output(str(n), (0.0, -1.0)) for n in range(6)], answers)

    show_score(Session(quiet=False), competition, found)
    table = capsys.readouterr().out
    show_score(Session(format="json"), competition, found)

    assert table.splitlines()[-2].split()[:4] == ["topic", "cards", "3", "1.0000"]
    assert json.loads(capsys.readouterr().out)["slices"][1]["name"] == "loans"
