"""Waiting for a condition, with an end."""

import time
from collections.abc import Callable
from typing import TypeVar

from examples.story.stage import StoryBroken

Found = TypeVar("Found")


def wait_for(
    what: str, ask: Callable[[], Found | None], *, seconds: float, every: float = 0.5
) -> Found:
    """The first answer that is not None.

    Raises:
        StoryBroken: none came in time.
    """
    deadline = time.monotonic() + seconds
    while True:
        found = ask()
        if found is not None:
            return found
        if time.monotonic() > deadline:
            raise StoryBroken(f"Waited {seconds:.0f} s in vain for {what}.")
        time.sleep(every)
