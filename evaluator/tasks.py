"""The Celery door. A message is a doorbell: the lease decides who works, and when."""

import os

import structlog
from celery import Task, shared_task

from assay.protocol.errors import Refusal
from evaluator.blobs import BlobCache
from evaluator.evaluation import evaluate
from evaluator.jail import run_in_jail
from evaluator.server import Server
from evaluator.settings import read_settings
from evaluator.signing import load_key

log = structlog.get_logger(__name__)


@shared_task(
    bind=True,
    name="evaluator.evaluate",
    acks_late=True,
    reject_on_worker_lost=True,
    ignore_result=True,
)
def evaluate_task(self: "Task[..., None]", evaluation_id: str) -> None:
    """Evaluate if it is still to be done; a refusal leaves the lease to lapse."""
    request_id = getattr(self.request, "request_id", None) or self.request.id
    context = {"evaluation": evaluation_id, "request_id": str(request_id)}
    with structlog.contextvars.bound_contextvars(**context):
        try:
            _evaluate(evaluation_id, str(request_id))
        except Refusal as refusal:
            log.error("evaluation.left", code=refusal.code, reason=str(refusal))


def _evaluate(evaluation_id: str, request_id: str) -> None:
    settings = read_settings(os.environ)
    cache = BlobCache(settings.cache, settings.cache_bytes)
    seed = load_key(settings.key)
    with Server(settings.endpoint, settings.token, request_id) as server:
        evaluate(
            evaluation_id, server=server, cache=cache, contain=run_in_jail, seed=seed
        )
