"""Two schedulers and two workers at once, and clocks that are wrong."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from catalogue.models import Model
from common import clock
from competitions import tasks
from competitions.models import Competition, Evaluation
from competitions.services import escrow, evaluating
from config.stack.children import wait_until
from config.stack.layout import ROOT
from ledger import verification, wallets
from tests.builders import world
from tests.builders.world import UNIT

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

CELERY = (sys.executable, "-m", "celery", "-q", "-A", "config.celery")
WORKER = ("worker", "-Q", "platform", "-c", "1", "--pool", "solo", "-l", "WARNING")
SKEWS = [timedelta(hours=2), timedelta(hours=-2)]


def test_two_schedulers_make_one_transition_one_line_of_history_and_one_settlement(
    alice: User, bob: User, base: Model, valkey: str, tmp_path: Path
):
    began = clock.now() - timedelta(days=8)
    competition = world.open_competition(alice, base, began)
    made = world.submit(bob, competition, began, seed=1)
    world.score(made.evaluations.get(), right=20, now=began)

    with schedulers(valkey, tmp_path):
        assert becomes(competition, "judging"), said(tmp_path)
        private = Evaluation.objects.get(submission=made, split="private")
        world.score(private, right=20, now=clock.now())
        assert becomes(competition, "provisional"), said(tmp_path)
        world.repeat(competition, now=clock.now())
        assert becomes(competition, "settled"), said(tmp_path)

    kinds = list(competition.history.values_list("kind", flat=True))
    steps = ["closed", "judging", "provisional", "repeated", "settled"]
    assert [kind for kind in kinds if kind in steps] == steps
    assert Evaluation.objects.filter(submission=made).count() == 3
    assert wallets.balance_of(bob) == 100 * UNIT
    assert escrow.escrow_balance(competition) == 0
    assert [check.name for check in verification.verify() if not check.ok] == []


@contextmanager
def schedulers(valkey: str, folder: Path) -> Iterator[None]:
    """Two beats that ring every second, and two workers that answer."""
    env = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "REDIS_URL": valkey,
        "ASSAY_TICK_SECONDS": "1",
    }
    with ExitStack() as running:
        for name in ("one", "two"):
            beat = ("beat", "-s", str(folder / f"beat-{name}"), "-l", "WARNING")
            for words in ((*WORKER, "-n", f"{name}@test"), beat):
                log = (folder / f"{words[0]}-{name}.log").open("wb")
                process = subprocess.Popen(
                    [*CELERY, *words],
                    cwd=ROOT,
                    env=env,
                    stdout=running.enter_context(log),
                    stderr=subprocess.STDOUT,
                )
                running.callback(end, process)
        yield


def end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=30)


def database_url() -> str:
    """The test's own database, for other processes."""
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{settings['NAME']}"
    host = quote(str(settings["HOST"]), safe="")
    return f"postgresql://{settings['USER']}@{host}/{settings['NAME']}"


def becomes(competition: Competition, status: str) -> bool:
    def has() -> bool:
        competition.refresh_from_db()
        return competition.status == status

    return wait_until(has, seconds=90, every=0.2)


def said(folder: Path) -> str:
    return "\n".join(log.read_text()[-2000:] for log in folder.glob("*.log"))


@pytest.fixture(params=SKEWS, ids=["two hours fast", "two hours slow"])
def skewed(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> timedelta:
    """This host's clock, as Django reads it, is wrong."""
    monkeypatch.setattr(
        timezone, "now", lambda: datetime.now(UTC) + request.param, raising=True
    )
    return request.param


def test_a_wrong_clock_of_a_host_is_not_what_things_are_due_by(skewed: timedelta):
    right = datetime.now(UTC)

    assert abs(clock.now() - skewed - right) < timedelta(minutes=1)
    assert abs(clock.database_now() - right) < timedelta(minutes=1)
    assert clock.database_now().tzinfo is UTC


def test_a_wrong_clock_neither_closes_early_nor_late(
    alice: User, bob: User, base: Model, skewed: timedelta
):
    right = datetime.now(UTC)
    ahead, past = (
        world.open_competition(
            sponsor, base, right - timedelta(days=1), slug=slug, deadline=deadline
        )
        for sponsor, slug, deadline in (
            (alice, "ahead", right + timedelta(hours=1)),
            (bob, "past", right - timedelta(seconds=1)),
        )
    )

    tasks.tick()

    ahead.refresh_from_db()
    past.refresh_from_db()
    assert (ahead.status, past.status) == ("open", "settled")


def test_a_wrong_clock_settles_nothing_before_its_challenge_window_is_over(
    alice: User, bob: User, base: Model, skewed: timedelta
):
    right = datetime.now(UTC)
    competition = world.open_competition(
        alice, base, right - timedelta(days=8), challenge_window=timedelta(hours=1)
    )
    made = world.submit(bob, competition, right - timedelta(days=8), seed=1)
    world.score(made.evaluations.get(), right=20, now=right - timedelta(days=8))
    world.rank_all(competition, {"bob": 20}, right)
    world.repeat(competition, now=right)

    tasks.tick()
    tasks.advance(competition_id=str(competition.pk))

    competition.refresh_from_db()
    assert competition.status == "provisional"
    Competition.objects.update(provisional_until=right)
    tasks.tick()
    competition.refresh_from_db()
    assert competition.status == "settled"
    times = list(competition.history.values_list("at", flat=True))
    assert times == sorted(times)


def test_a_wrong_clock_takes_no_lease_away(
    alice: User, bob: User, base: Model, skewed: timedelta
):
    right = clock.database_now()
    competition = world.open_competition(alice, base, right)
    evaluation = world.submit(bob, competition, right, seed=1).evaluations.get()
    job = world.lease(evaluation, right)

    tasks.reap()

    evaluating.heartbeat(
        evaluation_id=job.evaluation, lease=job.lease, done=1, now=right
    )
    evaluation.refresh_from_db()
    assert (evaluation.status, evaluation.attempts) == ("leased", 1)
