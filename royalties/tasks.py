"""Celery doors of the sales desk: what the clock sets off."""

from collections.abc import Callable
from functools import partial

import structlog
from celery import shared_task

from common.clock import now
from royalties.services import metering, paying, renewing

log = structlog.get_logger(__name__)


@shared_task(name="royalties.tick")
def tick() -> None:
    """Renew, remind, pay out what was held, close meters; each by itself."""
    at = now()
    for licence in renewing.due(at):
        _carry_out(partial(renewing.attend, licence=licence, now=at), licence)
    for royalty in paying.due_for_release(at):
        _carry_out(partial(paying.release, royalty=royalty, now=at), royalty)
    for meter in metering.due_for_closing(at):
        _carry_out(partial(metering.close, meter=meter, now=at), meter)


def _carry_out(verb: Callable[[], object], thing: object) -> None:
    try:
        verb()
    except Exception:  # one that breaks must not stop the others
        log.exception("royalties.stuck", thing=str(thing))
