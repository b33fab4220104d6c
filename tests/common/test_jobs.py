"""The outbox: work follows a commit, and nothing is lost with the broker."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import structlog
from celery import current_app
from django.db import transaction

from accounts.models import User
from common import jobs
from common.clock import now as clock_now
from common.models import Job
from common.tasks import perform as perform_task
from tests.services.threads import at_once

pytestmark = [pytest.mark.database, pytest.mark.django_db]

committed = pytest.mark.django_db(transaction=True)
ENQUEUED = re.compile(r'enqueue\(\s*"([^"]+)"')


class Stumble(Exception):
    """What a handler trips over."""


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Whom the handler ``test.greet`` has greeted."""
    greeted: list[str] = []

    def greet(whom: str) -> None:
        greeted.append(whom)

    monkeypatch.setitem(jobs.HANDLERS, "test.greet", greet)
    return greeted


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """``test.break`` writes a row and then raises."""

    def fail() -> None:
        User.objects.create(username="half-done")
        raise Stumble("over its own feet")

    monkeypatch.setitem(jobs.HANDLERS, "test.break", fail)


def status_of(job: Job) -> str:
    return Job.objects.values_list("status", flat=True).get(pk=job.pk)


@committed
def test_what_is_enqueued_is_sent_after_the_commit_and_not_before(broker, received):
    with transaction.atomic():
        jobs.enqueue("test.greet", whom="alice")
        job = Job.objects.get()
        assert (job.status, received("platform")) == ("waiting", [])

    ((task, arguments, _),) = received("platform")
    assert (task, arguments) == ("common.perform", {"job_id": str(job.id)})
    assert status_of(job) == "sent"


@committed
def test_an_announcement_goes_to_its_queue_and_is_done_once_sent(broker, received):
    with structlog.contextvars.bound_contextvars(request_id="request-1"):
        jobs.announce("evaluator.evaluate", queue="evaluations", evaluation_id="e1")

    ((task, arguments, headers),) = received("evaluations")
    assert (task, arguments) == ("evaluator.evaluate", {"evaluation_id": "e1"})
    assert headers["request_id"] == "request-1"
    assert status_of(Job.objects.get()) == "done"
    assert received("platform") == []


@committed
def test_work_that_was_rolled_back_sends_nothing(broker, received):
    with transaction.atomic():
        jobs.enqueue("test.greet", whom="alice")
        jobs.announce("evaluator.evaluate", queue="evaluations", evaluation_id="e1")
        transaction.set_rollback(True)

    assert received("platform") == received("evaluations") == []
    assert not Job.objects.exists()


@committed
def test_without_a_broker_the_row_stays_and_the_caller_is_not_held_up(no_broker):
    started = clock_now()
    for _ in range(10):
        jobs.enqueue("test.greet", whom="alice")

    # One attempt to connect each; a single wait of kombu's would be two seconds.
    assert clock_now() - started < timedelta(seconds=2)
    assert set(Job.objects.values_list("status", flat=True)) == {"waiting"}


@committed
def test_the_sweep_sends_what_could_not_be_sent(
    no_broker, valkey, received, monkeypatch
):
    jobs.enqueue("test.greet", whom="alice")
    jobs.announce("evaluator.evaluate", queue="evaluations", evaluation_id="e1")
    later = clock_now() + timedelta(seconds=1)
    assert jobs.sweep(later) == 0

    monkeypatch.setattr(current_app.conf, "broker_url", valkey)
    assert jobs.sweep(later) == 2

    assert len(received("platform")) == len(received("evaluations")) == 1
    assert jobs.sweep(later) == 0  # what was just sent is not due


@committed
def test_a_message_that_was_lost_is_sent_again_after_a_while(broker, received, done):
    jobs.enqueue("test.greet", whom="alice")
    broker.flushall()
    sent = clock_now()

    assert jobs.sweep(sent) == 0
    assert jobs.sweep(sent + jobs.RESEND_AFTER + timedelta(seconds=1)) == 1
    ((_, arguments, _),) = received("platform")
    perform_task(**arguments)

    assert done == ["alice"]
    assert jobs.sweep(sent + timedelta(days=9)) == 0


@committed
def test_a_connection_that_the_broker_has_cut_is_made_anew(broker, received):
    jobs.enqueue("test.greet", whom="alice")
    for client in broker.client_list():
        if int(client["id"]) != broker.client_id():
            broker.client_kill_filter(_id=client["id"])

    jobs.enqueue("test.greet", whom="bob")
    jobs.sweep(clock_now() + timedelta(seconds=1))

    assert len(received("platform")) == 2


def made(name: str, **arguments: str) -> Job:
    """A job as ``enqueue`` writes it; inside a test's transaction none is sent."""
    jobs.enqueue(name, **arguments)
    return Job.objects.latest("created_at")


def test_a_job_that_comes_twice_is_done_once(now: datetime, done: list[str]):
    job = made("test.greet", whom="alice")

    jobs.perform(str(job.id), now)
    jobs.perform(str(job.id), now)

    assert done == ["alice"]
    job.refresh_from_db()
    assert (job.status, job.done_at) == ("done", now)


@committed
def test_a_job_that_comes_eight_times_at_once_is_done_once(
    no_broker, now: datetime, done: list[str]
):
    job = made("test.greet", whom="alice")

    assert at_once([lambda: jobs.perform(str(job.id), now)] * 8) == [None] * 8

    assert done == ["alice"]


def test_a_handler_that_fails_leaves_nothing_half_done_and_is_tried_later(
    now: datetime, broken: None
):
    job = made("test.break")

    jobs.perform(str(job.id), now)

    assert not User.objects.exists()
    job.refresh_from_db()
    assert (job.status, job.attempts) == ("waiting", 1)
    assert "over its own feet" in job.last_error
    assert job.due_at == now + timedelta(seconds=2)


def test_a_failure_that_comes_late_undoes_nothing(now: datetime, broken: None):
    job = made("test.break")
    Job.objects.filter(pk=job.pk).update(status="done")

    jobs._record_failure(str(job.pk), now=now, error=Stumble("over the other's feet"))

    job.refresh_from_db()
    assert (job.status, job.attempts, job.last_error) == ("done", 0, "")


def test_each_failure_waits_longer_and_the_last_one_ends_it(
    now: datetime, broken: None, no_broker
):
    job = made("test.break")
    waits = []
    for _ in range(jobs.MAX_ATTEMPTS):
        jobs.perform(str(job.id), now)
        job.refresh_from_db()
        waits.append((job.due_at - now).total_seconds())

    assert waits == [2, 4, 8, 16, 32, 64]
    assert (job.status, job.attempts) == ("dead", jobs.MAX_ATTEMPTS)
    assert jobs.sweep(now + timedelta(days=99)) == 0
    jobs.perform(str(job.id), now)
    job.refresh_from_db()
    assert job.attempts == jobs.MAX_ATTEMPTS


def test_a_job_whose_handler_is_gone_is_kept_with_the_reason(now: datetime):
    job = made("test.forgotten")

    jobs.perform(str(job.id), now)

    job.refresh_from_db()
    assert job.status == "waiting"
    assert "test.forgotten" in job.last_error


def test_every_job_that_a_service_enqueues_has_a_handler():
    current_app.loader.import_default_modules()
    root = Path(jobs.__file__).parents[1]
    sources = [p.read_text() for p in root.glob("*/services*/**/*.py")]
    sources += [p.read_text() for p in root.glob("*/services.py")]

    named = {name for text in sources for name in ENQUEUED.findall(text)}

    assert named
    assert named <= jobs.HANDLERS.keys()
