"""Celery doors of competitions: what the clock and a finished evaluation set off.

The clock is the database's: several hosts run these, and theirs may be wrong.
"""

import structlog
from celery import shared_task

from common.clock import database_now as now
from common.jobs import handler
from competitions.models import Competition, Pool
from competitions.services import budget, evaluating, lifecycle, paymaster

log = structlog.get_logger(__name__)


@handler("competitions.advance")
def advance(competition_id: str) -> None:
    """Carry one competition as far as it can go."""
    competition = Competition.objects.get(pk=competition_id)
    lifecycle.advance(competition=competition, now=now())


@handler(budget.PAY)
def pay_evaluations(competition_id: str) -> None:
    """Pay the evaluations that waited for the budget to be filled."""
    budget.pay_waiting(competition_id=competition_id, now=now())


@handler(paymaster.FINISH)
def finish_pool(pool_id: str) -> None:
    """Give back what is left of a closing pool, once all it paid for is decided."""
    paymaster.finish(pool=Pool.objects.get(pk=pool_id), now=now())


@shared_task(name="competitions.tick")
def tick() -> None:
    """Carry every competition that the clock may move; each by itself."""
    moment = now()
    for competition in lifecycle.due(moment):
        try:
            lifecycle.advance(competition=competition, now=moment)
        except Exception:  # one that breaks must not stop the others
            log.exception("competition.stuck", competition=competition.slug)


@shared_task(name="competitions.reap")
def reap() -> None:
    """Take lapsed evaluations up again."""
    evaluating.reap(now())
