"""The Celery application and its schedule.

The database is the record and the broker a doorbell: a message that is lost is
rung again by the sweep, one that comes twice does nothing the second time.
"""

import os
from typing import Any

import structlog
from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.conf import settings  # the settings module must be named first

HOUR = 3600.0

app = Celery("assay")
app.conf.update(
    broker_url=settings.REDIS_URL,
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        "visibility_timeout": 3600,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_keepalive": True,
        "health_check_interval": 10,
    },
    task_default_queue="platform",
    task_routes={
        "evaluator.*": {"queue": "evaluations"},
        "catalogue.sketch": {"queue": "weights"},
    },
    beat_schedule_filename=str(settings.VAR / "run" / "beat-schedule"),
    beat_schedule={
        name: {
            "task": task,
            "schedule": settings.TICK_SECONDS,
            # A tick that waited out a stopped worker has nothing to say any more.
            "options": {"expires": settings.TICK_SECONDS * 5},
        }
        for name, task in {
            "sweep": "common.sweep",
            "tick": "competitions.tick",
            "reap": "competitions.reap",
            "sales": "royalties.tick",
            "expire_holds": "ledger.expire_holds",
            "seal": "ledger.seal",
            "pulse": "common.pulse",
            "weigh": "catalogue.ring_again",
        }.items()
    }
    | {"collect": {"task": "storage.collect", "schedule": HOUR}},
)
app.autodiscover_tasks()
app.autodiscover_tasks(["evaluator"])


@signals.task_prerun.connect
def bind_task(task_id: str, task: Any, **_: object) -> None:
    """Put the task's id, and the request that caused it, into every log line."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(
        task_id=task_id,
        task=task.name,
        request_id=getattr(task.request, "request_id", None) or task_id,
    )
