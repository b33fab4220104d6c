"""What scoring here takes, beside what the competition allows."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from assay.client.records import Competition


@dataclass(slots=True)
class Used:
    """What programs below this one took.

    Attributes:
        seconds: of processor time; 0 where it cannot be told.
        peak_bytes: resident memory of the largest of them so far.
    """

    seconds: float = 0.0
    peak_bytes: int = 0


@contextmanager
def measured() -> Iterator[Used]:
    """Fills in what the programs that ran inside took, once they have ended."""
    used = Used()
    before, _ = _so_far()
    yield used
    after, used.peak_bytes = _so_far()
    used.seconds = after - before


def _so_far() -> tuple[float, int]:
    if find_spec("resource") is None:  # Windows has no such count
        return 0.0, 0
    resource = import_module("resource")
    told = resource.getrusage(resource.RUSAGE_CHILDREN)
    unit = 1 if sys.platform == "darwin" else 1024
    return told.ru_utime + told.ru_stime, told.ru_maxrss * unit


def limits_in_words(competition: Competition, used: Used, count: int) -> list[str]:
    """How far it is from the limits, a sentence each.

    Args:
        count: the examples that ``used`` is for.
    """
    sentences = []
    for split, hidden in sorted(competition.splits.items()):
        seconds = used.seconds / count * hidden
        over = "more than" if seconds > competition.max_seconds else "of"
        sentences.append(
            f"At this pace the {split} split ({hidden} examples) takes about "
            f"{seconds:.0f} s here, {over} the {competition.max_seconds} s allowed."
        )
    if used.peak_bytes > competition.max_memory:
        allowed = competition.max_memory / 2**30
        sentences.append(
            f"It took {used.peak_bytes / 2**30:.1f} GiB of memory; {allowed:.1f} GiB "
            "are allowed."
        )
    return sentences if used.seconds else []
