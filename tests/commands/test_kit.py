"""A starter kit: complete, and nothing that is there is written over."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from accounts.models import User
from assay import kits
from competitions.models import Competition
from tests.commands.conftest import Shell


def test_a_kit_has_data_base_model_script_terms_and_every_step(
    anyone: Shell, contest: Competition, home: Path
) -> None:
    ran = anyone("init", contest.slug)

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
    anyone: Shell, contest: Competition, home: Path
) -> None:
    anyone("init", contest.slug, "mine", "--no-base")
    (home / "mine" / "train.py").write_text("# my own")

    again = anyone("init", contest.slug, "mine", "--no-base")

    assert again.status == 0
    assert (home / "mine" / "train.py").read_text() == "# my own"
    assert not (home / "mine" / "base").exists()


def test_its_terms_are_ones_that_the_competition_takes(
    as_user: Callable[[User], Shell],
    bob: User,
    contest: Competition,
    entry: Path,
) -> None:
    run = as_user(bob)
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
