"""Celery doors of the catalogue: looking at weights, away from money and deadlines."""

from uuid import UUID

from celery import shared_task

from catalogue.services import weighing
from common.clock import now


@shared_task(name=weighing.TASK)
def sketch(model_id: str) -> None:
    """Sketch one model and flag whose child it looks."""
    weighing.sketch_model(model_id=UUID(model_id), now=now())


@shared_task(name="catalogue.ring_again")
def ring_again() -> None:
    """Ring for sketches whose message or worker was lost."""
    weighing.ring_again(now())
