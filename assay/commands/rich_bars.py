"""Bars on a terminal's standard error."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)


@contextmanager
def bytes_of(title: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar over bytes, moved on by how many more are done."""
    with _progress(DownloadColumn(), TransferSpeedColumn()) as progress:
        task = progress.add_task(title, total=total)
        yield lambda more: progress.advance(task, more)


@contextmanager
def count_of(title: str) -> Iterator[Callable[[int, int], None]]:
    """A bar over examples, told how many of how many are done."""
    with _progress(MofNCompleteColumn(), TimeElapsedColumn()) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(
            task, completed=done, total=total or None
        )


def _progress(*columns: ProgressColumn) -> Progress:
    text = TextColumn("{task.description}", markup=False)
    bar, left = BarColumn(), TimeRemainingColumn()
    return Progress(text, bar, *columns, left, console=Console(stderr=True))
