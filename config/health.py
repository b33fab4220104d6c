"""Whether the server lives, and whether what it stands on does."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError

from assay.protocol.errors import Refusal
from common.clock import now as clock_now
from common.models import Pulse
from storage import stores

BROKER_SECONDS = 2
PULSE_AGE = max(timedelta(seconds=15), 5 * timedelta(seconds=settings.TICK_SECONDS))


@dataclass(frozen=True)
class Check:
    """One thing that must hold, in a sentence for people."""

    ok: bool
    sentence: str
    seen_at: str | None = None


def check_database(_now: datetime) -> Check:
    """The database answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return Check(False, f"The database does not answer: {_short(error)}.")
    return Check(True, "The database answers.")


def check_broker(_now: datetime) -> Check:
    """The broker takes connections and answers."""
    try:
        with current_app.connection_for_write(connect_timeout=BROKER_SECONDS) as broker:
            broker.ensure_connection(max_retries=0, timeout=BROKER_SECONDS)
    except (OperationalError, OSError) as error:
        return Check(False, f"The broker does not answer: {_short(error)}.")
    return Check(True, "The broker answers.")


def check_storage(_now: datetime) -> Check:
    """The storage takes a file."""
    try:
        stores.current().check()
    except Refusal as refusal:
        return Check(False, refusal.sentence)
    return Check(True, "The storage takes files.")


def check_worker(now: datetime) -> Check:
    """A worker has lately taken work from the queue and written what it did."""
    try:
        pulse = Pulse.objects.order_by("-seen_at").first()
    except DatabaseError as error:
        return Check(False, f"The worker's pulse cannot be read: {_short(error)}.")
    if pulse is None:
        return Check(False, "No worker was seen yet.")
    seen, age = pulse.seen_at.isoformat(), now - pulse.seen_at
    seconds = round(age.total_seconds())
    if age > PULSE_AGE:
        return Check(False, f"The last worker was seen {seconds} s ago.", seen)
    return Check(True, f"A worker was seen {seconds} s ago.", seen)


CHECKS: dict[str, Callable[[datetime], Check]] = {
    "database": check_database,
    "broker": check_broker,
    "storage": check_storage,
    "worker": check_worker,
}


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> JsonResponse:
    """Answer at all."""
    return JsonResponse({"status": "alive"})


@require_safe
@never_cache
def readyz(_request: HttpRequest) -> JsonResponse:
    """Report every check; 503 unless all hold."""
    now = clock_now()
    checks = {name: check(now) for name, check in CHECKS.items()}
    ready = all(check.ok for check in checks.values())
    report: dict[str, Any] = {
        "status": "ready" if ready else "not ready",
        "checks": {name: asdict(check) for name, check in checks.items()},
    }
    return JsonResponse(report, status=200 if ready else 503)


def _short(error: Exception) -> str:
    return str(error).splitlines()[0].rstrip(".") if str(error) else repr(error)
