"""Celery doors of competitions: what the clock and a finished evaluation set off.

The clock is the database's: several hosts run these, and theirs may be wrong.
"""

import structlog
from celery import shared_task

from common.clock import database_now
from common.jobs import handler
from competitions.models import Competition
from competitions.services import evaluating, lifecycle

log = structlog.get_logger(__name__)


@handler("competitions.advance")
def advance(competition_id: str) -> None:
    """Carry one competition as far as it can go."""
    competition = Competition.objects.get(pk=competition_id)
    lifecycle.advance(competition=competition, now=database_now())


@shared_task(name="competitions.tick")
def tick() -> None:
    """Carry every competition that the clock may move; each by itself."""
    moment = database_now()
    for competition in lifecycle.due(moment):
        try:
            lifecycle.advance(competition=competition, now=moment)
        except Exception:  # one that breaks must not stop the others
            log.exception("competition.stuck", competition=competition.slug)


@shared_task(name="competitions.reap")
def reap() -> None:
    """Take lapsed evaluations up again."""
    evaluating.reap(database_now())
