"""Tables on a terminal."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text


def show(
    titles: Sequence[str], lines: Iterable[Sequence[str]], numeric: Sequence[bool]
) -> None:
    """Print a table as wide as the terminal; long cells fold, nothing is cut."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for title, right in zip(titles, numeric, strict=True):
        table.add_column(title, justify="right" if right else "left", overflow="fold")
    for line in lines:
        table.add_row(*(Text(text) for text in line))
    Console().print(table)
