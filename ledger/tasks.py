"""Celery doors of the book: what the clock sets off."""

from celery import shared_task

from common.clock import now
from ledger import holds


@shared_task(name="ledger.expire_holds")
def expire_holds() -> None:
    """End the holds whose time is over."""
    holds.expire_due(now=now())
