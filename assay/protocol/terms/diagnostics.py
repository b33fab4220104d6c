"""What a reader has to say about tags."""

from dataclasses import dataclass
from enum import StrEnum

from assay.protocol.terms.sentences import Language, say


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
    """One remark.

    Attributes:
        code: stable.
        tag: the name as it was written.
        sentence: in English, with the details.
        understood: what was read, as a canonical tag; empty when nothing was.
    """

    severity: Severity
    code: str
    tag: str
    sentence: str
    understood: str = ""

    def said(self, language: Language) -> str:
        """The remark as a sentence in ``language``; the details are in English."""
        if language is Language.ENGLISH:
            return self.sentence
        tag = quoted(self.tag)
        return say(language, f"read.{self.code}", tag=tag, understood=self.understood)


def quoted(text: str, limit: int = 60) -> str:
    """``text`` in quotes, safe to print: control and odd characters are escaped."""
    shown = text if len(text) <= limit else text[: limit - 1] + "…"
    body = "".join(
        char if char.isprintable() else f"\\u{ord(char):04x}" for char in shown
    )
    return f"'{body}'"
