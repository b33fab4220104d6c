"""A status moves once, whoever else wants to move it."""

import pytest

from common.models import Job
from common.status import move
from tests.services.threads import at_once

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def test_a_move_writes_the_status_and_what_goes_with_it():
    job = Job.objects.create(name="j")

    assert move(job, "waiting", "sent", attempts=2)

    assert (job.status, job.attempts) == ("sent", 2)
    job.refresh_from_db()
    assert (job.status, job.attempts) == ("sent", 2)


def test_a_move_from_another_status_writes_nothing():
    job = Job.objects.create(name="j")
    Job.objects.update(status="done")

    assert not move(job, "waiting", "sent", attempts=2)

    assert (job.status, job.attempts) == ("waiting", 0)
    job.refresh_from_db()
    assert (job.status, job.attempts) == ("done", 0)


@pytest.mark.django_db(transaction=True)
def test_of_eight_moves_at_once_one_succeeds():
    job = Job.objects.create(name="j")

    def run(number: int) -> bool:
        return move(Job.objects.get(pk=job.pk), "waiting", "sent", attempts=number)

    answers = at_once([lambda n=n: run(n) for n in range(8)])

    assert sorted(answers) == [False] * 7 + [True]
    job.refresh_from_db()
    assert job.attempts == answers.index(True)
