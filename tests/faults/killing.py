"""Who is killed, and when the next one may be."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence

from config.stack import Stack
from config.stack.keeper import children_of
from tests.faults.server import Server

PATIENCE = 90.0
PAUSE = (0.02, 0.25)
# The database takes seconds to recover and a worker to import: fewer of those.
WEIGHTS = {
    "writer": 44,
    "web worker": 24,
    "settling process": 14,
    "database server": 8,
    "money worker": 4,
    "web server": 3,
    "broker": 3,
}


class Killer:
    """Kills with signal 9, by a seed, and waits for a successor of who was killed."""

    def __init__(self, stack: Stack, server: Server, writers: int, seed: int) -> None:
        self._stack = stack
        self._server = server
        self._writers = writers
        self._dice = random.Random(seed)
        self.kills: Counter[str] = Counter()

    def await_writers(self) -> None:
        """Return when the writers write."""
        _wait_for("a writer", lambda: children_of(self._writers))

    def kill_one(self) -> str:
        """Kill one of them; returns what it was."""
        time.sleep(self._dice.uniform(*PAUSE))
        target = self._dice.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        if target == "database server":
            self._server.kill()
            self._server.start()
        else:
            self._kill(target)
        self.kills[target] += 1
        return target

    def _kill(self, target: str) -> None:
        family = self._families()[target]
        victims = _wait_for(f"a {target}", family)
        victim = self._dice.choice(victims)
        os.kill(victim, signal.SIGKILL)
        _wait_for(
            f"a successor of the {target}",
            lambda: [pid for pid in family() if pid not in victims],
        )

    def _families(self) -> dict[str, Callable[[], Sequence[int]]]:
        return {
            "writer": lambda: children_of(self._writers),
            "web worker": lambda: self._below("web"),
            "web server": lambda: self._program("web"),
            "settling process": lambda: self._below("platform"),
            "money worker": lambda: self._program("platform"),
            "broker": lambda: self._program("valkey"),
        }

    def _program(self, name: str) -> Sequence[int]:
        pid = self._stack.pids().get(name)
        return [pid] if pid else []

    def _below(self, name: str) -> Sequence[int]:
        return [child for pid in self._program(name) for child in children_of(pid)]


def _wait_for(what: str, ask: Callable[[], Sequence[int]]) -> Sequence[int]:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = ask()
        if found:
            return found
        time.sleep(0.01)
    raise RuntimeError(f"Waited {PATIENCE:.0f} s in vain for {what}.")
