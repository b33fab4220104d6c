"""Opaque cursors over the ledger's sequence numbers."""

import base64
import binascii
import re

from assay.protocol.errors import Invalid

SEQ = re.compile(rb"seq:([0-9]{1,18})")


def seq_cursor(seq: int) -> str:
    """The cursor of what comes before this sequence number."""
    return base64.urlsafe_b64encode(b"seq:%d" % seq).decode()


def seq_after(cursor: str | None) -> int | None:
    """The sequence number in a cursor of ours; None for the first page.

    Raises:
        Invalid: it is none of ours.
    """
    if not cursor:
        return None
    try:
        content = SEQ.fullmatch(base64.urlsafe_b64decode(cursor.encode()))
    except (ValueError, binascii.Error):
        content = None
    if content is None:
        raise Invalid(
            "cursor_invalid",
            "This cursor is none of ours.",
            fix="Start again from the first page.",
            where="cursor",
        )
    return int(content[1])
