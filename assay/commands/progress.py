"""Bars on standard error, on a terminal only."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from assay.commands.session import Session

Advance = Callable[[int], None]


@contextmanager
def byte_bar(session: Session, title: str, total: int) -> Iterator[Advance]:
    """A bar over ``total`` bytes; call what it gives with how many more are done."""
    if not _visible(session):
        yield _nothing
        return
    from rich.console import Console  # noqa: PLC0415 - heavy: only on a terminal
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    console = Console(stderr=True)
    text = TextColumn("{task.description}", markup=False)
    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(text, *columns, TimeRemainingColumn(), console=console) as progress:
        task = progress.add_task(title, total=total)
        yield lambda more: progress.advance(task, more)


@contextmanager
def count_bar(session: Session, title: str) -> Iterator[Callable[[int, int], None]]:
    """A bar over examples; call what it gives with how many of how many are done."""
    if not _visible(session):
        yield _nothing_yet
        return
    from rich.console import Console  # noqa: PLC0415 - heavy: only on a terminal
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    text = TextColumn("{task.description}", markup=False)
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(text, *columns, TimeRemainingColumn(), console=console) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(
            task, completed=done, total=total or None
        )


def _visible(session: Session) -> bool:
    return sys.stderr.isatty() and not session.quiet


def _nothing(_: int) -> None:
    """Nobody watches."""


def _nothing_yet(_: int, __: int) -> None:
    """Nobody watches."""
