"""Celery door of the collector."""

from celery import shared_task

from common.clock import database_now
from storage.services.collecting import collect_garbage


@shared_task(name="storage.collect")
def collect() -> None:
    """Give up abandoned uploads and delete what nobody needs."""
    collect_garbage(now=database_now())
