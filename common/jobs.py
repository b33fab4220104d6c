"""The outbox: work that must follow a commit, and is never lost with the broker.

``enqueue`` and ``announce`` write a row inside the caller's transaction; the bell
rings after commit; the sweep rings again for whatever was not done in time.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from celery import current_app
from django.db import transaction
from django.db.models import F
from kombu.exceptions import OperationalError
from kombu.pools import ProducerPool, producers

from common.clock import now as clock_now
from common.models import Job

log = structlog.get_logger(__name__)
Handler = Callable[..., None]
HANDLERS: dict[str, Handler] = {}

RESEND_AFTER = timedelta(seconds=60)
MAX_ATTEMPTS = 6
SWEEP_SIZE = 200


def handler(name: str) -> Callable[[Handler], Handler]:
    """Register the function that does the work of ``enqueue(name, …)``.

    It must be idempotent: a job can be run more than once.
    """

    def register(function: Handler) -> Handler:
        HANDLERS[name] = function
        return function

    return register


def enqueue(name: str, **arguments: Any) -> None:
    """Have a platform worker run the handler ``name`` once this commits."""
    _write(kind=Job.Kind.CALL, name=name, queue="platform", arguments=arguments)


def announce(name: str, *, queue: str, **arguments: Any) -> None:
    """Send the Celery message ``name`` to ``queue`` once this commits."""
    _write(kind=Job.Kind.MESSAGE, name=name, queue=queue, arguments=arguments)


def _write(**fields: Any) -> None:
    context = structlog.contextvars.get_contextvars()
    job = Job.objects.create(request_id=context.get("request_id") or "", **fields)
    transaction.on_commit(lambda: ring(job))


def ring(job: Job) -> bool:
    """Publish one job; False when the broker could not be reached."""
    task, kwargs = job.name, job.arguments
    if job.kind == Job.Kind.CALL:
        task, kwargs = "common.perform", {"job_id": str(job.id)}
    try:
        with _producers().acquire(block=True) as producer:
            current_app.send_task(
                task,
                kwargs=kwargs,
                queue=job.queue,
                headers={"request_id": job.request_id},
                producer=producer,
                retry=False,
            )
    except (OperationalError, OSError) as error:
        log.warning("job.not_sent", job=str(job.id), reason=str(error))
        return False
    is_call = job.kind == Job.Kind.CALL
    Job.objects.filter(pk=job.pk, status__in=["waiting", "sent"]).update(
        status=Job.Status.SENT if is_call else Job.Status.DONE,
        due_at=clock_now() + RESEND_AFTER,
    )
    return True


def _producers() -> ProducerPool:
    """Producers that give up at once: a page must not wait for a broker that is away.

    ``retry=False`` alone is about publishing; connecting would be tried for seconds.
    """
    connection = current_app.connection_for_write(transport_options={"max_retries": 0})
    pool: ProducerPool = producers[connection]
    return pool


def sweep(now: datetime) -> int:
    """Ring for every job that is due and not done; returns how many were sent."""
    due = Job.objects.filter(
        status__in=[Job.Status.WAITING, Job.Status.SENT], due_at__lte=now
    ).order_by("due_at")[:SWEEP_SIZE]
    return sum(ring(job) for job in due)


def perform(job_id: str, now: datetime) -> None:
    """Run one job's handler and mark it done, in one transaction."""
    try:
        with transaction.atomic():
            job = Job.objects.select_for_update().get(pk=job_id)
            if job.status in {Job.Status.DONE, Job.Status.DEAD}:
                return
            HANDLERS[job.name](**job.arguments)
            job.status, job.done_at = Job.Status.DONE, now
            job.save(update_fields=["status", "done_at"])
    except Exception as error:  # noqa: BLE001 - whatever it was, the job is kept
        _record_failure(job_id, now=now, error=error)


def _record_failure(job_id: str, *, now: datetime, error: Exception) -> None:
    log.exception("job.failed", job=job_id, exc_info=error)
    # Whoever did it meanwhile has the last word: what is done stays done.
    undone = Job.objects.filter(
        pk=job_id, status__in=[Job.Status.WAITING, Job.Status.SENT]
    )
    undone.update(attempts=F("attempts") + 1, last_error=repr(error)[:2000])
    attempts = Job.objects.values_list("attempts", flat=True).get(pk=job_id)
    undone.update(
        status=Job.Status.DEAD if attempts >= MAX_ATTEMPTS else Job.Status.WAITING,
        due_at=now + timedelta(seconds=2**attempts),
    )
