"""Values as text for people: safe to print, times local, numbers short."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime


def printable(text: str) -> str:
    """``text`` without anything that could steer a terminal.

    What other people wrote (titles, messages, file names) may hold escape
    sequences; they are shown, not obeyed.
    """
    return "".join(c if c.isprintable() else _shown(c) for c in text)


def _shown(character: str) -> str:
    if character in "\n\t":
        return " "
    return f"\\u{ord(character):04x}"


def cell(value: object) -> str:
    """A value in a table."""
    if isinstance(value, Mapping):
        return ", ".join(f"{printable(str(k))}={cell(v)}" for k, v in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(cell(item) for item in value)
    return _single(value)


def _single(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4f}"
    if isinstance(value, datetime):
        return value.astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")
    return printable(str(value))


def iso(value: object) -> str:
    """A moment for machines: ISO 8601 in UTC, ending in Z.

    Raises:
        TypeError: it is no moment.
    """
    if not isinstance(value, datetime):
        msg = f"{type(value).__name__} is no JSON value"
        raise TypeError(msg)
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def exact(value: object) -> str:
    """A value in CSV: nothing rounded, moments as ISO 8601."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return iso(value) if isinstance(value, datetime) else str(value)


def byte_count(size: int) -> str:
    """A size such as ``87.3 MB``."""
    amount = float(size)
    for unit in ("B", "kB", "MB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.2f} GB"
