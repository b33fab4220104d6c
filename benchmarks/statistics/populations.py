"""Entrants whose right and wrong answers go together as those of real models do.

Each example has a chance of being answered, drawn from a beta distribution; entrants
answer independently given that chance. For a mean accuracy p and a correlation r
between the results of two entrants, the beta's parameters are p(1/r - 1) and
(1 - p)(1/r - 1). Real models of one base: r of 0.62 to 0.68.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Results = NDArray[np.bool_]


@dataclass(frozen=True)
class Population:
    """How accurate an entrant is, and how alike two of them are."""

    name: str
    accuracy: float
    correlation: float

    @property
    def decisive(self) -> float:
        """The share of examples that only one of two equal entrants has right."""
        p = self.accuracy
        return 2 * p * (1 - p) * (1 - self.correlation)


SENTENCES = Population("sentences (0.60, r 0.62)", 0.60, 0.62)
INTENTS = Population("intents (0.88, r 0.68)", 0.88, 0.68)
MIDDLING = Population("middling (0.40, r 0.50)", 0.40, 0.50)
UNALIKE = Population("unalike (0.40, r 0.05)", 0.40, 0.05)
COINS = Population("coins (0.50, r 0)", 0.50, 0.0)


def chances(
    rng: np.random.Generator, kind: Population, shape: tuple[int, ...]
) -> NDArray[np.float32]:
    """Draw the chances of the examples."""
    if kind.correlation == 0:
        return np.full(shape, kind.accuracy, np.float32)
    size = 1 / kind.correlation - 1
    drawn = rng.beta(kind.accuracy * size, (1 - kind.accuracy) * size, shape)
    return drawn.astype(np.float32)


def answer(
    rng: np.random.Generator,
    easy: NDArray[np.float32],
    kind: Population,
    gain: NDArray[np.float64],
) -> Results:
    """Draw an entrant's results, one row a run; ``gain`` is its lead in accuracy.

    A gain turns wrong answers right, and a negative one right answers wrong, each
    with the same chance.
    """
    drawn = rng.random(easy.shape, np.float32)
    up = np.maximum(gain, 0) / (1 - kind.accuracy)
    down = np.maximum(-gain, 0) / kind.accuracy
    moved = easy + up[:, None] * (1 - easy) - down[:, None] * easy
    return drawn < moved.astype(np.float32)
