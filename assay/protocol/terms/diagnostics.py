"""What a reader has to say about tags."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a diagnostic matters.

    An error closes what it touches: nothing is granted on its account. A warning is
    read with a stated meaning. A note says how another spelling was understood.
    """

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One remark: a stable code, the tag as it was written, a sentence for people."""

    severity: Severity
    code: str
    tag: str
    sentence: str


def quoted(text: str, limit: int = 60) -> str:
    """``text`` in quotes, safe to print: control and odd characters are escaped."""
    shown = text if len(text) <= limit else text[: limit - 1] + "…"
    body = "".join(
        char if char.isprintable() else f"\\u{ord(char):04x}" for char in shown
    )
    return f"'{body}'"
