"""Celery doors of the book: what the clock sets off."""

from celery import shared_task

from common.clock import now
from ledger import chain, holds


@shared_task(name="ledger.expire_holds")
def expire_holds() -> None:
    """End the holds whose time is over."""
    holds.expire_due(now=now())


@shared_task(name="ledger.seal")
def seal() -> None:
    """Append what was posted since to the chain."""
    chain.seal()
