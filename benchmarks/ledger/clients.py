"""Several processes at once, each with its own connection."""

import multiprocessing
import time
from collections.abc import Callable
from multiprocessing.synchronize import Barrier
from typing import Any

from benchmarks.timing import Timing, durations, summary

CLIENTS = 8


def at_once(prepare: Callable[[int], Callable[[], object]], seconds: float) -> Timing:
    """What ``prepare(number)`` returns, called by each client for a while.

    ``prepare`` is a function of a module, since a client is a new process.
    """
    context = multiprocessing.get_context("spawn")
    gate = context.Barrier(CLIENTS)
    answers: Any = context.Queue()
    clients = [
        context.Process(target=_client, args=(prepare, number, gate, answers, seconds))
        for number in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    found = [answers.get(timeout=seconds + 120) for _ in clients]
    for client in clients:
        client.join()
    began, ended = min(one[0] for one in found), max(one[1] for one in found)
    taken = [
        duration for *_, durations_of_one in found for duration in durations_of_one
    ]
    return summary(taken, wall=ended - began)


def _client(
    prepare: Callable[[int], Callable[[], object]],
    number: int,
    gate: Barrier,
    answers: Any,
    seconds: float,
) -> None:
    call = prepare(number)
    call()
    gate.wait(timeout=120)
    began = time.monotonic()
    taken = durations(call, seconds=seconds)
    answers.put((began, time.monotonic(), taken))
