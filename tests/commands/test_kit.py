"""A starter kit: complete, and nothing that is there is written over."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from accounts.models import User
from assay import kits
from common import clock
from competitions.models import Competition
from tests.builders import world
from tests.commands.conftest import Shell


@pytest.fixture
def run(as_user: Callable[[User], Shell], bob: User, contest: Competition) -> Shell:
    """Bob's shell; he has accepted the rules."""
    world.accept(bob, contest, clock.now())
    return as_user(bob)


def test_there_is_none_before_the_rules_are_accepted(
    as_user: Callable[[User], Shell], charlie: User, contest: Competition, home: Path
) -> None:
    ran = as_user(charlie)("init", contest.slug)

    assert ran.code == "rules_not_accepted"
    assert f"assay competition rules accept {contest.slug}" in ran.err
    assert not list(home.rglob("*.jsonl"))


def test_a_kit_has_data_base_model_script_terms_and_every_step(
    run: Shell, contest: Competition, home: Path
) -> None:
    ran = run("init", contest.slug)

    folder = home / contest.slug
    listed = {row.name for row in folder.iterdir()}
    task = json.loads((folder / "task.json").read_text())
    assert ran.status == 0
    assert listed == {
        *("sample.jsonl", "base", "train.py", "task.json", "terms.toml", "START.md"),
    }
    assert (folder / "base" / "model.safetensors").is_file()
    assert task["options"]["labels"] == contest.task_options["labels"]
    assert f"assay submit my-model -c {contest.slug}" in (
        (folder / "START.md").read_text()
    )


def test_what_was_changed_stays_and_the_command_can_be_repeated(
    run: Shell, contest: Competition, home: Path
) -> None:
    run("init", contest.slug, "mine", "--no-base")
    (home / "mine" / "train.py").write_text("# my own")

    again = run("init", contest.slug, "mine", "--no-base")

    assert again.status == 0
    assert (home / "mine" / "train.py").read_text() == "# my own"
    assert not (home / "mine" / "base").exists()


def test_its_terms_are_ones_that_the_competition_takes(
    run: Shell, contest: Competition, entry: Path
) -> None:
    run("init", contest.slug, "kit", "--no-base")

    ran = run("check", entry, "-c", contest.slug, "--terms", "kit/terms.toml")

    assert ran.status == 0, ran.err


@pytest.mark.parametrize("task_type", kits.names())
def test_every_kit_has_a_script_that_compiles(task_type: str) -> None:
    script = kits.files_of(task_type)["train.py"]

    compile(script, "train.py", "exec")
    assert b"--out" in script


def test_there_is_no_kit_for_a_task_type_that_is_none() -> None:
    assert kits.files_of("../commands") == {}
