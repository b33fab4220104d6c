"""What a store says no with, whichever it is."""

from assay.protocol.errors import NotFound, Unavailable


def blob_missing() -> NotFound:
    """There are no such bytes."""
    return NotFound("blob_not_found", "There is no such file here.")


def upload_gone() -> NotFound:
    """Its parts are gone: it was finished, given up, or has expired."""
    return NotFound(
        "upload_not_found",
        "There is no such unfinished upload of yours.",
        fix="Begin it again; parts that were completed are not lost.",
    )


def store_full() -> Unavailable:
    """No more bytes fit."""
    return Unavailable(
        "storage_full",
        "The server's storage is full; what has arrived so far is kept.",
        fix="Tell the operator, and run the command again later: it goes on from here.",
    )


def store_unreachable(reason: str) -> Unavailable:
    """The store is somewhere else, and does not answer."""
    return Unavailable(
        "storage_unavailable",
        f"The server's storage does not answer: {reason}.",
        fix="Run the command again in a while: it goes on from here.",
    )
