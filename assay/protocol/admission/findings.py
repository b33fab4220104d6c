"""What inspection reads from, and what it has to say."""

from dataclasses import dataclass
from typing import Final, Protocol


class ReadRange(Protocol):
    """A file that can be read in pieces, wherever it is stored."""

    @property
    def size(self) -> int:
        """The file's length in bytes."""
        ...

    def read(self, offset: int, length: int) -> bytes:
        """At most ``length`` bytes from ``offset``; fewer only at the end."""
        ...


@dataclass(frozen=True, slots=True)
class BytesRange:
    """A ``ReadRange`` over bytes in memory."""

    content: bytes

    @property
    def size(self) -> int:
        """The content's length in bytes."""
        return len(self.content)

    def read(self, offset: int, length: int) -> bytes:
        """The bytes from ``offset``, at most ``length``."""
        return self.content[offset : offset + length]


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason to refuse a file: a stable code, what is wrong, how to mend it."""

    code: str
    path: str
    sentence: str
    fix: str = ""


class FaultError(Exception):
    """One file's fault, raised where it is seen and turned into a ``Finding``."""

    def __init__(self, code: str, sentence: str, fix: str = "") -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.fix = fix

    def at(self, path: str) -> Finding:
        """The finding about ``path``."""
        return Finding(self.code, path, self.sentence, self.fix)


MAX_QUOTED: Final = 60


def quoted(text: str) -> str:
    """Hostile text in quotes, short, with everything odd escaped."""
    shown = text if len(text) <= MAX_QUOTED else text[: MAX_QUOTED - 1] + "…"
    body = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in shown)
    return f"'{body}'"


def read_exactly(file: ReadRange, offset: int, length: int) -> bytes:
    """Exactly ``length`` bytes, or a fault ``file_truncated``."""
    content = file.read(offset, length)
    if len(content) != length:
        raise FaultError(
            "file_truncated",
            "The file is shorter than it says.",
            "Upload the file again.",
        )
    return content
