"""Every command against a live server: once through a pipe, once on a terminal."""

import os
import pty
import re
import shlex
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from accounts.models import User
from assay.commands.shape import Command
from competitions.services import drafting, lifecycle
from tests.api.world import World, make_world
from tests.builders import world as builders
from tests.builders.weights import bert_files
from tests.client.conftest import token_of
from tests.commands.conftest import saved
from tests.commands.test_tree import LEAVES

# A line a call, in an order in which each finds what it needs; "3:" before those that
# are refused with a reason in this world. Braces are filled in from the world.
STORY = """
auth login {token} --endpoint {endpoint}
auth whoami
auth token
auth profiles
auth use default
competition list
competition show {slug}
competition leaderboard {slug}
3: competition power {slug}
competition data {slug} data
competition budget {slug}
competition charges {slug}
competition estimate {slug} --submissions 5
competition init fresh
competition validate fresh
3: competition push fresh
3: competition create fresh/competition.toml
3: competition launch fresh --stake 1
competition export {slug} copy
3: competition open {slug}
competition deadline {slug} +9d
competition rules show {slug}
3: competition rules accept {slug}
competition limits {slug}
3: competition reveal {slug}
competition history {slug}
competition watch ended --from-start
stake add {slug} 1
stake list {slug}
stake withdraw {slug} {stake_id}
init {slug} kit
3: evaluate entry -c {slug}
check entry -c {slug} --terms kit/terms.toml
3: submit entry -c {slug} --name mine --terms open
submission list
submission show {submission_id}
submission logs {submission_id}
3: submission cancel {submission_id}
3: submission withdraw {submission_id}
submission download {submission_id} files
3: submission disqualify {submission_id} --reason because
receipt get {evaluation_id}
receipt keys
challenge list {slug}
challenge show {challenge_id}
3: challenge raise {submission_id} --kind other --grounds because
3: challenge decide {challenge_id} --dismiss --reason because
wallet balance
wallet statement
wallet deposits
wallet holds
wallet head
wallet faucet 5
wallet send charlie 1
wallet withdraw 1 --to somewhere
wallet withdrawals
pool list
pool show {pool_id}
pool open "For beginners" --user-cap 5 --day-cap 50
pool fund {pool_id} 1
pool payments {pool_id}
pool fundings {pool_id}
pool close {pool_id}
model list
model show {base}
model download {base} base
model export {base} papers
model externals
model register-external bert --source https://x.example --digest {sha256} --licence MIT
licence quote {rented} --use commercial
licence buy {quote_id}
licence list
licence show {licence_id} --save certificate.json
licence keys
licence verify certificate.json
3: receipt verify certificate.json
3: receipt recompute certificate.json
3: receipt revoke-key none
licence status
licence save {licence_id} saved
3: licence cancel {licence_id}
licence revenue {licence_id}
3: licence declare {licence_id} 10
licence notices
3: licence refund {licence_id} --reason "not needed"
licence meter price {rented}
licence meter open {rented} 100
licence meter show {meter_id}
licence meter add {meter_id} 1
3: licence meter sign {meter_id} 1
3: licence meter sync {meter_id}
3: licence meter redeem certificate.json
licence meter close {meter_id}
royalties list
royalties totals
royalties verify {payment_id}
royalties offers
royalties take {offer_id}
3: royalties give {rented} bob 1000
3: royalties decline {offer_id}
terms init --preset open --out terms.toml
terms explain open
terms licence MIT
terms check terms.toml
inspect papers/README.md
model inspect papers/README.md
3: competition cancel ended
completion bash
auth logout
"""
COMMANDS = {tuple(words.split()) for words in LEAVES}


@pytest.fixture
def world(server: str, alice: User, charlie: User, home: Path, now: datetime) -> World:
    """Alice's things on a live server, and a folder to work in."""
    made = make_world(alice, charlie, now)
    spec = builders.spec(alice, made.base, now, slug="ended")
    ended = drafting.create_competition(sponsor=alice, spec=spec, now=now)
    lifecycle.cancel(competition=ended, actor=alice, now=now)
    saved(home / "entry", bert_files(seed=7))
    made.places |= {
        "token": token_of(alice),
        "endpoint": server,
        "base": made.base.reference,
        "rented": made.rented.reference,
    }
    return made


def lines_of(world: World) -> list[tuple[int, list[str]]]:
    """Each call with the status that it ends with."""
    calls = []
    for line in STORY.strip().splitlines():
        status = 3 if line.startswith("3: ") else 0
        rest = line.removeprefix("3: ")
        calls.append((status, shlex.split(rest.format(**world.places))))
    return calls


def test_the_story_has_every_command() -> None:
    told = {tuple(shlex.split(re.sub(r"^3: ", "", line))) for line in STORY.split("\n")}

    for words in COMMANDS:
        assert any(line[: len(words)] == words for line in told), words
    assert all(isinstance(leaf.load(), Command) for leaf in LEAVES.values())


@pytest.mark.parametrize("way", ["pipe", "terminal"])
def test_every_command_ends_as_it_should(world: World, home: Path, way: str) -> None:
    environment = {
        **os.environ,
        "ASSAY_ENDPOINT": world.places["endpoint"],
        "ASSAY_TOKEN": world.places["token"],
        "COLUMNS": "100",
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "TERM": "xterm-256color",
    }
    call = through_a_pipe if way == "pipe" else on_a_terminal

    wrong = []
    for expected, words in lines_of(world):
        status, seen = call([*words, "-y"], environment)
        explained = expected == 0 or "Code:" in seen
        if status != expected or not explained or "Traceback" in seen:
            wrong.append(f"{status} assay {shlex.join(words)}\n{seen[-400:]}")
    assert not wrong, "\n".join(wrong)


def through_a_pipe(words: list[str], environment: dict[str, str]) -> tuple[int, str]:
    """Run it with nobody watching; data must be free of colours."""
    done = subprocess.run(
        [sys.executable, "-m", "assay", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert "\x1b" not in done.stdout + done.stderr
    return done.returncode, done.stdout + done.stderr


def on_a_terminal(words: list[str], environment: dict[str, str]) -> tuple[int, str]:
    """Run it on a terminal; returns what appears there."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "assay", *words],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment,
    )
    os.close(theirs)
    seen = b""
    try:
        while chunk := os.read(ours, 65536):
            seen += chunk
    except OSError:
        pass  # the other end is closed: it has ended
    os.close(ours)
    return process.wait(), re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen.decode())
