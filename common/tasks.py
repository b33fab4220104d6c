"""Celery doors of the outbox and the worker's pulse."""

from celery import shared_task

from common import jobs
from common.clock import database_now, now
from common.models import Pulse


@shared_task(name="common.perform")
def perform(job_id: str) -> None:
    """Run one outbox job."""
    jobs.perform(job_id, database_now())


@shared_task(name="common.sweep")
def sweep() -> None:
    """Ring for jobs that were not done in time."""
    jobs.sweep(database_now())


@shared_task(name="common.pulse")
def pulse() -> None:
    """Prove that a worker takes work from the queue."""
    Pulse.objects.update_or_create(name="platform", defaults={"seen_at": now()})
