"""Bars while something takes long, on a terminal only."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import cast

from assay.commands.lazily import load
from assay.commands.session import Session

Advance = Callable[[int], None]
OnCount = Callable[[int, int], None]
BARS = "assay.commands.rich_bars"


def byte_bar(
    session: Session, title: str, total: int
) -> AbstractContextManager[Advance]:
    """A bar over ``total`` bytes; call what it gives with how many more are done."""
    if not _is_watched(session):
        return nullcontext(lambda _more: None)
    bar = load(BARS, "bytes_of")(title, total)
    return cast("AbstractContextManager[Advance]", bar)


def count_bar(session: Session, title: str) -> AbstractContextManager[OnCount]:
    """A bar over examples; call what it gives with how many of how many are done."""
    if not _is_watched(session):
        return nullcontext(lambda _done, _total: None)
    bar = load(BARS, "count_of")(title)
    return cast("AbstractContextManager[OnCount]", bar)


def _is_watched(session: Session) -> bool:
    return sys.stderr.isatty() and not session.quiet
