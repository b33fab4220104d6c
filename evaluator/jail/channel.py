"""What a jailed process says to its supervisor: lines on standard output.

    sealed {…}   all layers hold, the model is about to be read
    12/300       progress
    fault {…}    why it gave up: {"by": "model" | "platform" | a layer, code, sentence}

Anything else on standard output is ignored. A line from after ``sealed`` may come
from an enemy, so all it can do is make its own run fail.
"""

import json
import os
import re
import time
from dataclasses import dataclass
from typing import Any

EVERY_SECONDS = 0.2
_PROGRESS = re.compile(rb"(\d{1,9})/(\d{1,9})")
_CODE = re.compile(r"[a-z][a-z0-9_]{0,49}")
_LONGEST_SENTENCE, _LONGEST_LINE = 400, 8192


class Channel:
    """The speaking end, inside the jail."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._said_at = 0.0

    def say(self, word: str, values: dict[str, Any]) -> None:
        """One line: a word and what belongs to it."""
        self._write(f"{word} {json.dumps(values)}\n")

    def progress(self, done: int, total: int) -> None:
        """How far it is; most calls say nothing, the last one always does."""
        now = time.monotonic()
        if done == total or now - self._said_at >= EVERY_SECONDS:
            self._said_at = now
            self._write(f"{done}/{total}\n")

    def _write(self, line: str) -> None:
        os.write(self.descriptor, line.encode("utf-8"))


@dataclass
class Fault:
    """Why the jailed process gave up, as it says itself."""

    by: str
    code: str
    sentence: str


class Transcript:
    """The hearing end: what was said so far, however it was cut into pieces."""

    def __init__(self) -> None:
        self.sealed: dict[str, Any] | None = None
        self.fault: Fault | None = None
        self.done, self.total = 0, 0
        self._rest = b""

    def hear(self, piece: bytes) -> None:
        """Take in the next bytes; malformed lines change nothing."""
        *lines, rest = (self._rest + piece).split(b"\n")
        self._rest = rest[:_LONGEST_LINE]
        for line in lines:
            self._line(line[:_LONGEST_LINE])

    def _line(self, line: bytes) -> None:
        progress = _PROGRESS.fullmatch(line)
        if progress:
            self.done, self.total = int(progress[1]), int(progress[2])
        elif line.startswith(b"sealed ") and self.sealed is None:
            self.sealed = _values(line[7:])
        elif line.startswith(b"fault "):
            self.fault = _fault(_values(line[6:])) or self.fault


def _values(text: bytes) -> dict[str, Any] | None:
    try:
        values = json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) else None


def _fault(values: dict[str, Any] | None) -> Fault | None:
    words = [(values or {}).get(name) for name in ("by", "code", "sentence")]
    by, code, sentence = (word if isinstance(word, str) else "" for word in words)
    if not (_CODE.fullmatch(by) and _CODE.fullmatch(code)):
        return None
    shown = "".join(c if c.isprintable() else " " for c in sentence)
    return Fault(by, code, shown[:_LONGEST_SENTENCE])
