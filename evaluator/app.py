"""Celery for a host that only evaluates, without Django or a database.

    celery -A evaluator.app worker -Q evaluations

needs REDIS_URL, and ASSAY_ENDPOINT and ASSAY_EVALUATOR_TOKEN for the tasks. Start
one worker process per core: each evaluation runs on one thread.
"""

import logging
import os

from celery import Celery, signals

from evaluator.logs import log_as_json

QUEUE = "evaluations"

app = Celery("assay-evaluator")
app.conf.update(
    broker_url=os.environ.get("REDIS_URL"),
    imports=("evaluator.tasks",),
    accept_content=["json"],
    task_serializer="json",
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    task_default_queue=QUEUE,
    worker_prefetch_multiplier=1,
    worker_send_task_events=False,
    broker_connection_retry_on_startup=True,
    # as on the platform: a lease, not the broker, says that work was lost
    broker_transport_options={
        "visibility_timeout": 3600,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_keepalive": True,
        "health_check_interval": 10,
    },
)


@signals.setup_logging.connect
def set_up_logging(loglevel: int | str | None = None, **_: object) -> None:
    """In place of Celery's own, which knows no structure."""
    log_as_json(loglevel if isinstance(loglevel, int) else logging.INFO)
