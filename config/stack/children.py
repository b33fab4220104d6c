"""Programs as children: started under a keeper, logged, restarted when they die."""

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path

from config.stack import keeper
from config.stack.console import Console

LOG_BYTES = 10 * 2**20
LINE_CHARS = 64 * 2**10
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
STEADY_SECONDS = 30.0  # who lived this long starts again with the first pause
KEEPER_SECONDS = 5.0  # what a keeper may take beyond its program's grace


@dataclass(frozen=True)
class Program:
    """What to run.

    Args:
        environment: the whole environment; nothing is inherited.
        grace: seconds between being asked to end and being killed.
        stop: the signal that asks.
        descriptors: open files that the program inherits.
        locks: open files that stay open until it and its descendants are gone.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    directory: Path
    grace: float = 10.0
    stop: int = int(signal.SIGTERM)
    descriptors: tuple[int, ...] = ()
    locks: tuple[int, ...] = ()


class Kept:
    """One running program under its keeper; both die when this process does."""

    def __init__(self, program: Program, *, output: int | None) -> None:
        self.program = program
        self._lock = threading.Lock()
        self._lifeline: int | None = None
        reading, self._lifeline = os.pipe()
        try:
            self.process = self._spawn(reading, output)
        except BaseException:
            self._cut()
            raise
        finally:
            os.close(reading)

    def _spawn(self, lifeline: int, output: int | None) -> subprocess.Popen[str]:
        program = self.program
        private = (lifeline, *program.locks)
        numbers = [",".join(map(str, private)), str(program.grace), str(program.stop)]
        return subprocess.Popen(
            [sys.executable, "-I", "-S", keeper.__file__, *numbers, *program.command],
            env=dict(program.environment),
            cwd=program.directory,
            pass_fds=(*private, *program.descriptors),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output is not None else None,
            start_new_session=True,  # Ctrl-C is for the supervisor alone
            encoding="utf-8",
            errors="replace",
        )

    @property
    def pid(self) -> int | None:
        """The program's own process id, if it lives."""
        return keeper.program_of(self.process.pid)

    def ask_to_end(self) -> None:
        """Begin its end; the keeper sees it through."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, once it and all its descendants are gone.

        Raises:
            subprocess.TimeoutExpired: it still runs.
        """
        code = self.process.wait(timeout)
        self._cut()
        return code

    def end(self) -> int:
        """End it, by asking and then by force; returns the exit code."""
        self.ask_to_end()
        try:
            return self.wait(self.program.grace + KEEPER_SECONDS)
        except subprocess.TimeoutExpired:
            self._cut()  # the keeper kills everything when its lifeline closes
            return self.wait()

    def _cut(self) -> None:
        with self._lock:
            lifeline, self._lifeline = self._lifeline, None
        if lifeline is not None:
            os.close(lifeline)


class Child:
    """A program that is kept running until it is told to end."""

    def __init__(self, program: Program, *, console: Console, logs: Path) -> None:
        self.program = program
        self.deaths = 0
        self.last_line = ""
        self._console = console
        self._log = RotatingFileHandler(
            logs / f"{program.name}.log", maxBytes=LOG_BYTES, backupCount=1, delay=True
        )
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._kept: Kept | None = None
        self._thread = threading.Thread(
            target=self._live, name=program.name, daemon=True
        )

    def start(self) -> None:
        """Start it, and go on starting it when it dies."""
        self._thread.start()

    @property
    def pid(self) -> int | None:
        """The program's present process id, if it lives."""
        return self._kept.pid if self._kept else None

    def ask_to_end(self) -> None:
        """Begin its end without waiting."""
        with self._lock:
            self._ending.set()
            if self._kept:
                self._kept.ask_to_end()

    def end(self) -> None:
        """End it and wait until it and its descendants are gone."""
        self.ask_to_end()
        if self._kept:
            self._kept.end()
        self._thread.join(KEEPER_SECONDS)
        self._log.close()

    def _live(self) -> None:
        pause = FIRST_PAUSE
        while not self._ending.is_set():
            began = time.monotonic()
            code = self._run()
            if self._ending.is_set():
                return
            if time.monotonic() - began > STEADY_SECONDS:
                pause = FIRST_PAUSE
            self.deaths += 1
            self._console.say(
                f"{self.program.name} ended ({describe(code)}); it starts again in "
                f"{pause:.0f} s. Its log: {self._log.baseFilename}"
            )
            self._ending.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _run(self) -> int:
        with self._lock:
            if self._ending.is_set():
                return 0
            self._kept = Kept(self.program, output=subprocess.PIPE)
        self._copy(self._kept.process)
        return self._kept.wait()

    def _copy(self, process: subprocess.Popen[str]) -> None:
        """Copy what the program says to its log and, in short, to the terminal."""
        if process.stdout is None:
            return
        with process.stdout as lines:
            for line in iter(lambda: lines.readline(LINE_CHARS), ""):
                self._write(line.rstrip("\n"))

    def _write(self, line: str) -> None:
        if line:
            self.last_line = line
        self._log.handle(logging.makeLogRecord({"msg": line}))
        self._console.show(self.program.name, line)


def describe(code: int) -> str:
    """An exit code in words."""
    if code <= 128:
        return f"exit code {code}"
    try:
        return f"killed by {signal.Signals(code - 128).name}"
    except ValueError:
        return f"exit code {code}"


def wait_until(
    condition: Callable[[], bool], *, seconds: float, every: float = 0.05
) -> bool:
    """Whether the condition came true within the time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True
