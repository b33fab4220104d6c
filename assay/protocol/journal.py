"""A hash chain: each head commits to an entry and to everything before it.

``head = SHA-256("assay-journal-1\\n" + previous head + "\\n" + canonical entry)``
"""

import hashlib
import re
from collections.abc import Sequence

from assay.protocol.canonical import Json, canonical_bytes
from assay.protocol.errors import Invalid

GENESIS = "0" * 64
"""The head before the first entry."""

_PREFIX = b"assay-journal-1\n"
_HEAD = re.compile(r"[0-9a-f]{64}")


def link(previous: str, entry: Json) -> str:
    """Return the head after ``entry``, 64 hex digits, given the head before it.

    Raises:
        Invalid: ``journal_head`` when ``previous`` is not such a head, and what
            ``canonical_bytes`` refuses of the entry.
    """
    if not _HEAD.fullmatch(previous):
        raise Invalid("journal_head", f"{previous[:80]!r} is not a journal's head.")
    content = _PREFIX + previous.encode() + b"\n" + canonical_bytes(entry)
    return hashlib.sha256(content).hexdigest()


def check(entries: Sequence[Json], heads: Sequence[str]) -> str:
    """Recompute the chain from ``GENESIS`` and return its last head.

    An entry that was edited, moved, added or removed in the middle is found here.
    Entries cut off at the end are found by comparing the returned head with one
    that was published.

    Raises:
        Invalid: ``journal_broken``, ``where`` naming the first entry (from 0)
            that does not fit its head; ``journal_length`` when entries and heads
            differ in number.
    """
    if len(entries) != len(heads):
        raise Invalid(
            "journal_length",
            f"The journal has {len(entries)} entries but {len(heads)} heads.",
        )
    head = GENESIS
    for index, (entry, stated) in enumerate(zip(entries, heads, strict=True)):
        head = link(head, entry)
        if head != stated:
            raise Invalid(
                "journal_broken",
                f"Entry {index} does not fit the head recorded for it.",
                where=f"entry {index}",
            )
    return head
