"""The boosting attack on a plain board and on ladders.

Whoever knows nothing asks for the scores of random answers, keeps those that the board
made look good, and hands in their majority. The truth stays at 50 %.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from assay.protocol.statistics.ladder import Rung, climb, climb_freely
from benchmarks.statistics.findings import Finding

EXAMPLES = 4000
QUERIES = 1000
STEP = 0.01
Right = NDArray[np.bool_]
Board = Callable[[Right], float]


def plain() -> Board:
    """A board that shows each score as it is."""
    return lambda right: float(right.mean())


def stepped() -> Board:
    """A ladder of one point."""
    shown: list[float] = []

    def show(right: Right) -> float:
        last = shown[-1] if shown else None
        shown.append(climb(last, float(right.mean()), STEP))
        return shown[-1]

    return show


def free() -> Board:
    """A ladder without a stated step, by the same rule on sums."""
    rungs: list[Right] = []

    def show(right: Right) -> float:
        if not rungs or _is_higher(rungs[-1], right):
            rungs.append(right)
        return float(rungs[-1].mean())

    return show


def _is_higher(old: Right, new: Right) -> bool:
    """Decide as ``climb_freely`` does; it itself is asked where the two are close."""
    gap = new.view(np.int8) - old.view(np.int8)
    mean, error = gap.mean(), gap.std(ddof=1) / np.sqrt(gap.size)
    if abs(mean - error) > 1e-6:
        return bool(mean > error)
    rung = Rung(float(old.mean()), tuple(old.astype(float).tolist()))
    return climb_freely(rung, new.astype(float).tolist()) is not rung


def attack(rng: np.random.Generator, make: Callable[[], Board]) -> float:
    """Return by how many points the better of two attacks moves the shown score.

    Both ask for the same random answers. One keeps what is shown above one half and
    inverts the rest; the other keeps what made the shown score rise.
    """
    packed = rng.bytes(QUERIES * EXAMPLES // 8)
    bits = np.unpackbits(np.frombuffer(packed, np.uint8)).view(bool)
    guesses = bits.reshape(QUERIES, EXAMPLES)
    board = make()
    shown = np.array([board(guess) for guess in guesses])
    inverted = guesses ^ (shown <= 0.5)[:, None]
    rising = guesses[np.diff(shown, prepend=0.5) > 0]
    best = float(shown.max())
    for kept in (inverted, rising):
        if len(kept):
            best = max(best, board(2 * kept.sum(axis=0) > len(kept)))
    return 100 * (best - 0.5)


def simulate(seed: int, *, quick: bool) -> Sequence[Finding]:
    """Attack each board many times."""
    rng = np.random.default_rng(seed)
    runs = 4 if quick else 200
    boards = (
        ("a plain board", plain, None, 10.0),
        ("a ladder of one point", stepped, 2.5, None),
        ("a ladder without a step", free, 2.5, None),
    )
    found = []
    for name, make, at_most, at_least in boards:
        moved = [attack(rng, make) for _ in range(runs)]
        what = f"points gained by 1000 queries, {name}"
        found += [
            Finding(
                "ladder",
                f"{what}, mean",
                float(np.mean(moved)),
                at_most,
                at_least,
                unit="pt",
            ),
            Finding("ladder", f"{what}, most", float(np.max(moved)), unit="pt"),
        ]
    return found
