"""What the supervisor says in the terminal, and what it shows of its programs."""

import re
import sys
import threading
import time
from typing import TextIO

NOTEWORTHY = re.compile(r"\b(warning|error|critical|traceback)\b", re.IGNORECASE)
# Said at each start, and nothing to do about it on a laptop.
HARMLESS = re.compile(r"Memory overcommit must be enabled|Unavailable: /readyz")
VARYING = re.compile(r"[0-9a-f]*\d[0-9a-f-]*")
REPEAT_SECONDS = 60
WIDTH = 160


class Console:
    """One writer for all threads, which does not repeat itself.

    Args:
        stream: where to write; None is silence, for stacks inside other programs.
        verbose: show every line of every program, not only warnings and errors.
    """

    def __init__(
        self, stream: TextIO | None = sys.stdout, *, verbose: bool = False
    ) -> None:
        self.stream = stream
        self.verbose = verbose
        self._lock = threading.Lock()
        self._shown: dict[str, float] = {}

    def say(self, sentence: str) -> None:
        """Write one line of the supervisor's own."""
        if self.stream is None:
            return
        with self._lock:
            print(sentence, file=self.stream, flush=True)

    def show(self, name: str, line: str) -> None:
        """Show a program's line, in short, if it is worth a look."""
        if self.verbose or (is_noteworthy(line) and self._is_new(name, line)):
            text = f"{name:<11} | {line}"
            self.say(text if len(text) <= WIDTH else text[: WIDTH - 1] + "…")

    def _is_new(self, name: str, line: str) -> bool:
        """Whether its like, numbers and ids apart, was not shown a moment ago."""
        likeness = f"{name} {VARYING.sub('', line)}"
        now = time.monotonic()
        last = self._shown.get(likeness)
        if last is not None and now - last < REPEAT_SECONDS:
            return False
        self._shown[likeness] = now
        return True


def is_noteworthy(line: str) -> bool:
    """Whether a log line tells of something that a person should know."""
    return bool(NOTEWORTHY.search(line[:200])) and not HARMLESS.search(line)
