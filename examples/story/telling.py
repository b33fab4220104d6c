"""How the story is told: each step as it happens, each check as it holds."""

import time
from collections.abc import Sequence

from examples.story.stage import StoryBroken


class Teller:
    """Prints steps with the time since the beginning; stops at a check that fails."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.checks = 0

    def act(self, title: str) -> None:
        """A new part of the story."""
        print(f"\n{title}", flush=True)

    def step(self, sentence: str) -> None:
        """Something that was done."""
        print(f"  {time.monotonic() - self.began:5.0f} s  {sentence}", flush=True)

    def check(self, sentence: str, *, holds: bool) -> None:
        """Something that must be so.

        Raises:
            StoryBroken: it is not.
        """
        if not holds:
            raise StoryBroken(f"This should hold and does not: {sentence}")
        self.checks += 1
        print(f"           ✓ {sentence}", flush=True)

    def table(
        self, title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]
    ) -> None:
        """Rows under heads, columns as wide as they need."""
        lines = [tuple(heads), *(tuple(row) for row in rows)]
        widths = [max(len(line[i]) for line in lines) for i in range(len(heads))]
        print(f"\n{title}")
        for number, line in enumerate(lines):
            cells = (
                cell.ljust(width) for cell, width in zip(line, widths, strict=True)
            )
            print("  " + "  ".join(cells).rstrip())
            if number == 0:
                print("  " + "  ".join("-" * width for width in widths))
