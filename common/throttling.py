"""How often strangers may try: log in, sign up, make tokens, send parts.

Counts are kept in the broker, so that all web hosts share them, by the library
``limits`` (a moving window). While the broker is away each process counts for itself.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import cast

import limits
import structlog
from django.conf import settings
from django.http import HttpRequest
from limits.errors import StorageError
from limits.storage import Storage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

from assay.protocol.errors import LimitReached

log = structlog.get_logger(__name__)


def spend(action: str, **keys: str) -> None:
    """Count one try of an action; refuse it when there were too many.

    Args:
        keys: who tries, by kind: an ``address``, a ``handle``, a ``person``. Each is
            counted by the rates that ``settings.RATES[action]`` has for its kind.

    Raises:
        LimitReached: ``too_many_requests``, with the moment of the next try.
    """
    check(action, **keys)
    _each(action, keys, "hit")


def check(action: str, **keys: str) -> None:
    """Refuse what would be one try too many, without counting it.

    Raises:
        LimitReached: as ``spend``.
    """
    full = _each(action, keys, "test")
    if full is not None:
        raise LimitReached(
            "too_many_requests",
            "This was tried too often from here.",
            fix=f"Try again at {full:%R:%S} UTC.",
            retry_at=full,
        )


def address_of(request: HttpRequest) -> str:
    """The caller's address, as the nearest proxy that we trust has seen it.

    Each proxy appends whom it heard from to ``X-Forwarded-For``; what stands before
    the last ``settings.PROXIES`` entries anybody could have written.
    """
    told = request.headers.get("X-Forwarded-For", "")
    seen = [part.strip() for part in told.split(",")]
    if settings.PROXIES and len(seen) >= settings.PROXIES and seen[-1]:
        return seen[-settings.PROXIES]
    return request.META.get("REMOTE_ADDR") or "local"


def _each(action: str, keys: Mapping[str, str], verb: str) -> datetime | None:
    """Do something with every rate of the action; when the first full one is free."""
    rates: Mapping[str, str] = settings.RATES.get(action, {})
    for kind, key in keys.items():
        for rate in limits.parse_many(rates[kind]) if kind in rates else ():
            limiter = _limiter()
            if not getattr(limiter, verb)(rate, action, kind, key.lower()):
                free = limiter.get_window_stats(rate, action, kind, key.lower())
                return datetime.fromtimestamp(free.reset_time, UTC)
    return None


@cache
def _shared() -> MovingWindowRateLimiter:
    return MovingWindowRateLimiter(_storage(settings.REDIS_URL))


@cache
def _own() -> MovingWindowRateLimiter:
    return MovingWindowRateLimiter(_storage("memory://"))


def _limiter() -> MovingWindowRateLimiter:
    shared = _shared()
    try:
        if shared.storage.check():
            return shared
    except StorageError as error:
        log.warning("throttling.broker_away", reason=str(error))
    return _own()


def _storage(url: str) -> Storage:
    """The broker as the library names it: a socket's path follows its host's place."""
    if url.startswith("redis+socket://"):
        path = url.removeprefix("redis+socket://").partition("?")[0]
        url = f"redis+unix://{path}"
    return cast("Storage", storage_from_string(url))
