"""Rehearsing an entry, following it, and taking it back, from the command line."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connections

from accounts.models import User
from assay.client import Client
from assay.client.records import Entry
from assay.commands.following import Wait, follow, steps_said
from assay.commands.session import Session
from assay.protocol.errors import LimitReached
from common import clock
from competitions.models import Competition, Evaluation, Submission
from tests.builders import world
from tests.builders.weights import bert_files
from tests.client.conftest import AT_ONCE, Connect, token_of
from tests.commands.conftest import Shell

WORDS = ("-c", "bank-intents", "--name", "mine", "--terms", "open")


@pytest.fixture
def run(as_user: Callable[[User], Shell], bob: User, contest: Competition) -> Shell:
    """Bob's shell, the rules accepted."""
    world.accept(bob, contest, clock.now())
    return as_user(bob)


def test_a_rehearsal_says_everything_and_sends_nothing(run: Shell, entry: Path) -> None:
    ran = run("submit", entry, *WORDS, "--dry-run", "--json")

    assert ran.status == 0
    assert ran.json["files"] == 2
    assert ran.json["bytes"] > 1000
    assert (ran.json["used"], ran.json["fee"]) == (0, "0")
    assert not Submission.objects.exists()


def test_a_rehearsal_finds_what_would_be_refused(run: Shell, entry: Path) -> None:
    (entry / "evil.pkl").write_bytes(b"\x80\x04")

    ran = run("submit", entry, *WORDS, "--dry-run")

    assert (ran.status, ran.code) == (3, "submission_refused")


def test_following_says_each_step(
    run: Shell, entry: Path, connect: Connect, bob: User, capsys: pytest.CaptureFixture
) -> None:
    made = run("submit", entry, *WORDS).out.strip()
    evaluation = Evaluation.objects.get(submission=made)

    def meanwhile(_: float) -> None:
        if evaluation.status == "queued":
            leased = world.evaluating.lease(
                evaluation_id=str(evaluation.id),
                evaluator=User.objects.get(username="evaluator"),
                now=clock.now(),
            )
            world.evaluating.heartbeat(
                evaluation_id=leased.evaluation,
                lease=leased.lease,
                done=15,
                now=clock.now(),
            )
        evaluation.refresh_from_db()
        if evaluation.done == 15:
            Evaluation.objects.update(status="scored", score=0.5, low=0.4, high=0.6)
            Submission.objects.update(status="scored")

    done = follow(
        connect(bob),
        made,
        wait=Wait(timeout=60.0, sleep=meanwhile),
        on_progress=steps_said(Session()),
    )

    assert done.status == "scored"
    assert capsys.readouterr().err.splitlines()[0] == "Queued."


def test_an_entry_is_cancelled_and_its_place_comes_back(
    run: Shell, entry: Path
) -> None:
    made = run("submit", entry, *WORDS).out.strip()

    ran = run("submission", "cancel", made, "-y", "--json")

    assert ran.json["status"] == "cancelled"
    assert run("competition", "limits", "bank-intents", "--json").json["used"] == 0
    assert run("submission", "cancel", made).code == "confirmation_needed"


def test_a_scored_entry_is_withdrawn_and_its_log_says_so(
    run: Shell, entry: Path
) -> None:
    made = run("submit", entry, *WORDS).out.strip()
    world.score(Evaluation.objects.get(submission=made), right=24, now=clock.now())

    ran = run("submission", "withdraw", made, "-y", "--json")
    steps = run("submission", "logs", made, "--json").json

    assert ran.json["disqualified"]["reason"] == "Its miner withdrew it."
    assert [row["step"] for row in steps] == [
        "accepted",
        "queued",
        "started",
        "scored",
        "struck off",
    ]
    assert (
        run("competition", "leaderboard", "bank-intents", "--json").json["rows"] == []
    )


def test_twenty_submissions_at_once_against_a_limit_of_five_are_five(
    server: str, bob: User, contest: Competition
) -> None:
    world.accept(bob, contest, clock.now())
    token = token_of(bob)
    entries = [
        Entry(
            name=f"model-{seed}",
            kind="full",
            files=world.stored(bob, bert_files(seed=seed)),
            terms=world.PAID_TERMS,
        )
        for seed in range(20)
    ]

    def submit(entry: Entry) -> str:
        with Client(server, token=token, patience=AT_ONCE) as client:
            try:
                return client.submissions.submit(contest.slug, entry).status
            except LimitReached as refusal:
                return refusal.code if refusal.retry_at else "no moment is named"
            finally:
                connections.close_all()

    with ThreadPoolExecutor(20) as pool:
        answers = sorted(pool.map(submit, entries))

    assert contest.daily_submissions == 5
    assert answers == ["queued"] * 5 + ["submission_quota"] * 15
    assert Submission.objects.filter(competition=contest).count() == 5
