"""How long things take: a rate, and how slow the slow ones were."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """Units of work a second, and the time of one call in milliseconds."""

    per_second: float
    p50_ms: float
    p99_ms: float


def timed(call: Callable[[], object], *, seconds: float, units: int = 1) -> Timing:
    """Call again and again for a while; each call does ``units`` of work."""
    return summary(durations(call, seconds=seconds), units=units)


def durations(call: Callable[[], object], *, seconds: float) -> list[float]:
    """The seconds that each call took, until they add up to ``seconds``."""
    taken: list[float] = []
    end = time.perf_counter() + seconds
    while True:
        started = time.perf_counter()
        if started > end:
            return taken
        call()
        taken.append(time.perf_counter() - started)


def summary(
    taken: Sequence[float], *, units: int = 1, clients: int = 1, wall: float = 0
) -> Timing:
    """The timing of calls that took so long, one after another in each client.

    ``wall`` is how long all clients ran; by default their calls' time.
    """
    ordered = sorted(taken)
    spent = wall or sum(ordered) / clients
    return Timing(
        per_second=round(len(ordered) * units / spent, 1),
        p50_ms=round(ordered[len(ordered) // 2] * 1000, 3),
        p99_ms=round(
            ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)] * 1000, 3
        ),
    )
