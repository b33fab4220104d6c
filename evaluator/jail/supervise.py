"""Watches a running jail: hears it, counts what it says, and ends it in time."""

import os
import selectors
import time
from collections.abc import Callable
from dataclasses import dataclass

from evaluator.jail.channel import Transcript
from evaluator.jail.errors import JailBrokenError
from evaluator.jail.start import Running
from evaluator.jail.usage import sample
from evaluator.job import Limits, Usage

OnProgress = Callable[[int, int], bool]

HEARTBEAT_SECONDS = 2.0
READY_SECONDS = 300.0
_DEATH_SECONDS = 20.0
_TICK_SECONDS, _SAMPLE_SECONDS = 0.2, 0.1
_PIECE, _KEPT = 65536, 8192


@dataclass(frozen=True)
class Ending:
    """How a run ended.

    Args:
        why: ``exited``, ``wall``, ``flood``, ``stopped`` or ``unready``.
        status: the exit status; 128 + n for a death by signal n.
        noise: the end of what it said on standard error.
    """

    why: str
    status: int
    transcript: Transcript
    noise: bytes
    usage: Usage


class _Watch:
    """One process under observation."""

    def __init__(self, running: Running, limits: Limits) -> None:
        self.running, self.limits = running, limits
        self.process = process = running.process
        self.transcript, self.noise, self.said = Transcript(), b"", 0
        self.started = time.monotonic()
        self.deadline = self.started + READY_SECONDS
        self.sampled, self.sampled_at = (0.0, 0), 0.0
        self.selector = selectors.DefaultSelector()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                self.selector.register(stream, selectors.EVENT_READ)

    def hear(self, seconds: float) -> None:
        """Take in whatever is said within this time."""
        for key, _ in self.selector.select(seconds):
            piece = os.read(key.fd, _PIECE)
            if not piece:
                self.selector.unregister(key.fileobj)
            elif key.fileobj is self.process.stdout:
                self._speech(piece)
            else:
                self.noise = (self.noise + piece)[-_KEPT:]
            self.said += len(piece)

    def sample(self) -> None:
        """Note what has been used: bubblewrap does not wait for its children."""
        now = time.monotonic()
        if now - self.sampled_at >= _SAMPLE_SECONDS:
            seconds, peak = sample(self.process.pid)
            self.sampled = (
                max(seconds, self.sampled[0]),
                max(peak, self.sampled[1]),
            )
            self.sampled_at = now

    def _speech(self, piece: bytes) -> None:
        ready = self.transcript.sealed is not None
        self.transcript.hear(piece)
        if not ready and self.transcript.sealed is not None:
            self.deadline = time.monotonic() + self.limits.wall_seconds

    def silent(self) -> bool:
        """Both streams are closed, so every process of the jail is gone.

        The jail's first process is bubblewrap's own; it holds them to its end.
        """
        return not self.selector.get_map()

    def verdict(self) -> str:
        """Why it must end now; empty while it may go on."""
        if self.said > self.limits.output_bytes:
            return "flood"
        if time.monotonic() > self.deadline:
            return "wall" if self.transcript.sealed is not None else "unready"
        return ""


def supervise(running: Running, limits: Limits, on_progress: OnProgress) -> Ending:
    """Follow a jail to its end, which every way out of here brings about.

    ``on_progress`` is called as (done, total) at least every two seconds, with
    (0, 0) while nothing is known; when it answers False the jail is ended. The last
    call comes after the run has ended by itself, and its answer changes nothing.
    """
    watch = _Watch(running, limits)
    try:
        why = _follow(watch, on_progress)
    finally:
        status, usage = _bury(watch)
    return Ending(why, status, watch.transcript, watch.noise, usage)


def _follow(watch: _Watch, on_progress: OnProgress) -> str:
    called = 0.0
    while not watch.silent():
        watch.hear(_TICK_SECONDS)
        watch.sample()
        why = watch.verdict()
        if why:
            return why
        now = time.monotonic()
        if now - called >= HEARTBEAT_SECONDS:
            called = now
            if not on_progress(watch.transcript.done, watch.transcript.total):
                return "stopped"
    on_progress(watch.transcript.done, watch.transcript.total)
    return "exited"


def _bury(watch: _Watch) -> tuple[int, Usage]:
    """Kill what still runs, wait until all of it is gone, and say what it used."""
    process = watch.process
    if not watch.silent():
        watch.running.kill()
    deadline = time.monotonic() + _DEATH_SECONDS
    while not watch.silent():
        watch.hear(_TICK_SECONDS)
        if time.monotonic() > deadline:
            raise JailBrokenError("jail_outlived", "The jail could not be ended.")
    watch.selector.close()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    watch.running.close()
    usage = Usage(
        cpu_seconds=round(max(used.ru_utime + used.ru_stime, watch.sampled[0]), 3),
        wall_seconds=round(time.monotonic() - watch.started, 3),
        peak_bytes=max(used.ru_maxrss * 1024, watch.sampled[1]),
    )
    return process.returncode, usage
