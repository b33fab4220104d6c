"""Words that people have to give for what they do to others; they become public."""

from assay.protocol.errors import Invalid

SHORTEST, LONGEST = 10, 4000


def read_reason(text: str, *, where: str) -> str:
    """The text without outer white space.

    Raises:
        Invalid: it is shorter or longer than a reason may be, or holds a NUL.
    """
    read = text.strip()
    if not SHORTEST <= len(read) <= LONGEST or "\x00" in read:
        raise Invalid(
            "reason_length",
            f"Say why, in {SHORTEST} to {LONGEST} characters; this has {len(read)}.",
            fix="Everyone can read it, so name what can be checked.",
            where=where,
        )
    return read
