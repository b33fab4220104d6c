"""A worker that is killed in the middle of an evaluation, on a whole stack."""

import contextlib
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from config.stack import Stack
from config.stack.keeper import children_of
from examples.story.stage import Person, Stage
from examples.story.waiting import wait_for
from tests.evaluator.engine import tiny

pytestmark = [pytest.mark.e2e, pytest.mark.jail, pytest.mark.model]

EXAMPLES = 12_000  # on a fast machine 4,000 were done before the kill came
DESCRIPTION = """
name = "tiny"
owner = "open-models"
architecture = "BertForSequenceClassification"
card = "A tiny random model."
[terms]
License = "dE0rmDfl9_OWjkDznNEXHaSO_JohJkRolvMzaCroUdw"
Commercial-Use = "Allowed"
Derivation = "Allowed"
"""
SPEC = """
slug = "tiny-task"
title = "A tiny task"
summary = "For a test."
task_type = "text_classification"
metric = "accuracy"
base_model = "open-models/tiny"
minimum_stake = "1"
prize_rule = "winner_takes_all"
deadline = "+7d"
[task_options]
labels = ["yes", "no", "perhaps"]
[splits]
sample = "sample.jsonl"
public = "public.jsonl"
private = "private.jsonl"
"""


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """A stack of its own, with no real base models and a short lease."""
    env = {
        "ASSAY_LEASE_SECONDS": "6",
        "ASSAY_TICK_SECONDS": "1",
        "ASSAY_BASE_MODELS": os.environ.get(
            "ASSAY_BASE_MODELS", str(Path.cwd() / "var/cache/base_models")
        ),
    }
    with Stack(var=tmp_path / "var", port=0, env=env) as running:
        yield running


def test_an_evaluation_whose_worker_was_killed_is_taken_up_again_and_scored_once(
    stack: Stack, tmp_path: Path
):
    stage = Stage(stack.url, stack.env, tmp_path / "people")
    sponsor = launch(stage, tmp_path)
    running = wait_for("a running evaluation", lambda: in_the_middle(stage), seconds=90)

    kill_all_of(stack.pids()["evaluations"])
    baseline = wait_for(
        "the baseline",
        lambda: sponsor.run("competition", "show", "tiny-task")["baseline"],
        seconds=180,
    )
    wait_for("both splits", lambda: all_scored(stage), seconds=180)

    evaluations = {row["id"]: row for row in evaluations_of(stage)}
    assert 0 <= baseline["score"] <= 1
    assert evaluations[running]["attempts"] >= 2
    assert len(evaluations) == 2
    assert scored_in_history(stage) == 1


def launch(stage: Stage, folder: Path) -> Person:
    """A sponsor with a funded draft whose baseline is being measured."""
    weights = tiny.save_bert(folder / "tiny")
    (folder / "tiny.toml").write_text(DESCRIPTION)
    stage.manage("register_base_model", str(weights), str(folder / "tiny.toml"))
    sponsor = stage.join("sofia")
    for split, count in (("sample", 10), ("public", EXAMPLES), ("private", 10)):
        rows = [
            {"id": f"{split}-{n}", "text": f"{split} {n}", "label": "yes"}
            for n in range(count)
        ]
        tiny.write_rows(sponsor.folder / f"{split}.jsonl", rows)
    (sponsor.folder / "spec.toml").write_text(SPEC)
    sponsor.run("competition", "create", "spec.toml")
    sponsor.run("wallet", "faucet", "1")
    sponsor.run("stake", "add", "tiny-task", "1")
    return sponsor


def evaluations_of(stage: Stage) -> list[dict]:
    """What the database says, asked as an operator would."""
    return json.loads(stage.manage("evaluations", "--json"))


def in_the_middle(stage: Stage) -> str | None:
    """The id of an evaluation that has done some of its examples and not all."""
    for row in evaluations_of(stage):
        if row["status"] == "leased" and 0 < row["done"] < row["total"]:
            return row["id"]
    return None


def all_scored(stage: Stage) -> bool | None:
    return all(row["status"] == "scored" for row in evaluations_of(stage)) or None


def scored_in_history(stage: Stage) -> int:
    answer = httpx2.get(f"{stage.endpoint}/api/competitions/tiny-task/history")
    return sum(entry["kind"] == "scored" for entry in answer.json()["items"])


def kill_all_of(pid: int) -> None:
    """SIGKILL for the worker and everything below it, its jail too."""
    for child in children_of(pid):
        kill_all_of(child)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
