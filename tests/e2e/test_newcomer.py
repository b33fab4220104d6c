"""A newcomer follows START.md, line by line, from nothing to a ranked submission."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from config.stack import Stack
from examples.story.stage import Person, Stage

pytestmark = [pytest.mark.e2e, pytest.mark.jail, pytest.mark.model]

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "intent_routing"
MODELS = os.environ.get("ASSAY_BASE_MODELS", str(ROOT / "var/cache/base_models"))
ROWS = {"sample": 60, "public": 60, "private": 20, "train": 1500}
BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A stack with the real encoder, and a small part of the example's questions."""
    env = {"ASSAY_TICK_SECONDS": "1", "ASSAY_BASE_MODELS": MODELS}
    with Stack(var=tmp_path / "var", port=0, env=env) as running:
        yield Stage(running.url, running.env, tmp_path / "people")


def test_following_the_starter_kit_ends_with_a_ranked_submission(
    stage: Stage, tmp_path: Path
):
    open_a_competition(stage, tmp_path)
    newcomer = stage.join("nell")
    bin_folder = commands_of(tmp_path / "bin")

    newcomer.run("competition", "rules", "accept", "intent-routing")
    newcomer.run("init", "intent-routing", "peek", "--no-base")
    told = BLOCK.search((newcomer.folder / "peek" / "START.md").read_text())
    assert told is not None
    place = newcomer.folder
    for line in told[1].splitlines():
        place = follow(newcomer, line, place, bin_folder)

    board = newcomer.run("competition", "leaderboard", "intent-routing")
    first = board["rows"][0]
    assert (first["rank"], first["miner"]) == (1, "nell")
    assert first["score"] > board["baseline"]["score"]


def open_a_competition(stage: Stage, tmp_path: Path) -> None:
    weights = Path(MODELS) / "minilm-l6-banking77"
    if not weights.exists():
        prepare = [sys.executable, "-m", "examples.base_models.prepare", MODELS]
        subprocess.run(prepare, check=True, cwd=ROOT)
    about = ROOT / "examples" / "base_models" / "minilm-l6-intents.toml"
    stage.manage("register_base_model", str(weights), str(about))
    folder = tmp_path / "intent_routing"
    (folder / "data").mkdir(parents=True)
    (folder / "kit").mkdir()
    for split, count in ROWS.items():
        with (EXAMPLE / "data" / f"{split}.jsonl").open("rb") as rows:
            kept = b"".join(islice(rows, count))
        (folder / "data" / f"{split}.jsonl").write_bytes(kept)
    for name in ("data/LICENSE", "data/SOURCE.md", "kit/README.md", "kit/terms.toml"):
        (folder / name).write_bytes((EXAMPLE / name).read_bytes())
    spec = (EXAMPLE / "competition.toml").read_text("utf-8")
    (folder / "competition.toml").write_text(
        spec.replace('minimum_stake = "1000"', 'minimum_stake = "10"')
    )
    sponsor = stage.join("sofia")
    sponsor.run("wallet", "faucet", "10")
    sponsor.run("competition", "launch", str(folder), "--timeout", "240")


def commands_of(folder: Path) -> Path:
    """A folder with ``assay`` and ``python`` as an installation would give them."""
    folder.mkdir()
    python = shlex.quote(sys.executable)
    for name, words in (("assay", "-m assay "), ("python", "")):
        script = folder / name
        script.write_text(f'#!/bin/sh\nexec {python} {words}"$@"\n')
        script.chmod(0o755)
    return folder


def follow(newcomer: Person, line: str, place: Path, bin_folder: Path) -> Path:
    """Type one line as it stands in a folder; returns where that leads."""
    words = shlex.split(line)
    if words[0] == "pip" or words[:3] == ["assay", "auth", "login"]:
        return place  # installed, and logged in by the token that `join` made
    if words[0] == "cd":
        return place / words[1]
    path = f"{bin_folder}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        f"{line} --yes" if words[0] == "assay" else line,
        shell=True,
        cwd=place,
        env=newcomer.env | {"PATH": path, "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
    return place
