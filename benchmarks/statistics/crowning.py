"""Whole lives of competitions: how often somebody is crowned who should not be."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from assay.protocol.statistics.crown import needed_leads, threshold
from benchmarks.statistics.findings import Finding
from benchmarks.statistics.populations import (
    COINS,
    INTENTS,
    MIDDLING,
    SENTENCES,
    UNALIKE,
    Population,
    Results,
    answer,
    chances,
)

CHUNK = 200
Gains = NDArray[np.float64]


@dataclass(frozen=True)
class Life:
    """A competition's life: the challengers' accuracies, as leads over the baseline."""

    name: str
    kind: Population
    gains: tuple[float, ...]
    shuffled: bool = False


def lives(challengers: int) -> list[Life]:
    """Return the lives that are simulated."""
    equal = (0.0,) * challengers
    spread = tuple(np.linspace(-0.06, 0.06, challengers))
    risen = tuple(0.02 * min(k, 5) for k in range(1, challengers + 1))
    return [
        Life(f"{challengers} equal sybils, alike", SENTENCES, equal),
        Life(f"{challengers} equal sybils, coin tosses", COINS, equal),
        Life("a field from -6 to +6 points", SENTENCES, spread, shuffled=True),
        Life("five rise by 2 points each, then copies", INTENTS, risen),
    ]


@dataclass
class Tally:
    """Of so many lives, those with a false crown by each rule."""

    lives: int = 0
    ours: int = 0
    highest: int = 0
    peeking: int = 0


def first_crowned(ours: Results, theirs: Results, needed: Fraction) -> NDArray[np.intp]:
    """Return per row after how many examples the first is crowned; 0 is never."""
    gap = ours.view(np.int8) - theirs.view(np.int8)
    lead = gap.cumsum(axis=1, dtype=np.int16)
    decisive = np.abs(gap).cumsum(axis=1, dtype=np.int16)
    leads = np.array(needed_leads(needed, int(decisive[:, -1].max())), np.int16)
    hit = lead >= leads[decisive]
    return np.where(hit.any(axis=1), hit.argmax(axis=1) + 1, 0)


def live(rng: np.random.Generator, life: Life, examples: int, count: int) -> Tally:
    """Play so many lives at once."""
    easy = chances(rng, life.kind, (count, examples))
    gains: Gains = np.tile(life.gains, (count, 1))
    if life.shuffled:
        gains = rng.permuted(gains, axis=1)
    base = answer(rng, easy, life.kind, np.zeros(count))
    champion, worth = base.copy(), np.zeros(count)
    false, highest, peeked = (np.zeros(count, bool) for _ in range(3))
    for number in range(1, gains.shape[1] + 1):
        gain = gains[:, number - 1]
        entrant = answer(rng, easy, life.kind, gain)
        crowned = first_crowned(entrant, champion, threshold(number)) > 0
        false |= crowned & (gain <= worth)
        unworthy = gain <= 0
        highest |= unworthy & (entrant.sum(axis=1) > base.sum(axis=1))
        peeked |= unworthy & peeks(entrant, base)
        champion[crowned], worth[crowned] = entrant[crowned], gain[crowned]
    return Tally(count, int(false.sum()), int(highest.sum()), int(peeked.sum()))


def peeks(ours: Results, theirs: Results) -> NDArray[np.bool_]:
    """Tell where a look every 100 examples ever finds z above 1.645."""
    gap = ours.view(np.int8) - theirs.view(np.int8)
    lead = gap.cumsum(axis=1, dtype=np.int16)[:, 99::100]
    decisive = np.abs(gap).cumsum(axis=1, dtype=np.int16)[:, 99::100]
    found: NDArray[np.bool_] = (lead > 1.645 * np.sqrt(decisive)).any(axis=1)
    return found


def false_crowns(
    rng: np.random.Generator, *, runs: int, examples: int, challengers: int
) -> list[Finding]:
    """Return for each life how often it saw a false crown."""
    found = []
    for life in lives(challengers):
        total = Tally()
        for start in range(0, runs, CHUNK):
            part = live(rng, life, examples, min(CHUNK, runs - start))
            total.lives += part.lives
            total.ours += part.ours
            total.highest += part.highest
            total.peeking += part.peeking
        found.append(_share(f"false crown in a life: {life.name}", total.ours, runs, 5))
        if life.gains[-1] == 0:
            found.append(_share("  where the highest mean leads", total.highest, runs))
            found.append(
                _share("  where z is looked at every 100 examples", total.peeking, runs)
            )
    return found


def power(rng: np.random.Generator, *, runs: int) -> list[Finding]:
    """Return how often and how soon a better challenger is crowned."""
    found = []
    for kind in (SENTENCES, INTENTS, MIDDLING, UNALIKE):
        for number in (1, 5, 30):
            reached = _crowned(
                rng, kind, gain=0.03, number=number, runs=runs, examples=6000
            )
            target = 90.0 if number == 1 and kind is not UNALIKE else None
            found.append(
                Finding(
                    "crown",
                    f"+3 points crowned in 6000, challenge {number}, {kind.name}",
                    100 * float((reached > 0).mean()),
                    at_least=target,
                )
            )
    found += _soon(rng, runs)
    return found


def _soon(rng: np.random.Generator, runs: int) -> list[Finding]:
    found = []
    for kind in (SENTENCES, INTENTS, MIDDLING):
        for number in (1, 5):
            reached = _crowned(
                rng, kind, gain=0.10, number=number, runs=runs, examples=3000
            )
            found.append(
                Finding(
                    "crown",
                    f"+10 points, median examples, challenge {number}, {kind.name}",
                    float(np.median(np.where(reached > 0, reached, 10**6))),
                    at_most=350 if number == 1 else None,
                    unit="ex.",
                )
            )
    return found


def _crowned(
    rng: np.random.Generator,
    kind: Population,
    *,
    gain: float,
    number: int,
    runs: int,
    examples: int,
) -> NDArray[np.intp]:
    parts: list[NDArray[np.intp]] = []
    for start in range(0, runs, CHUNK):
        count = min(CHUNK, runs - start)
        easy = chances(rng, kind, (count, examples))
        base = answer(rng, easy, kind, np.zeros(count))
        better = answer(rng, easy, kind, np.full(count, gain))
        parts.append(first_crowned(better, base, threshold(number)))
    return np.concatenate(parts)


def _share(what: str, count: int, runs: int, at_most: float | None = None) -> Finding:
    return Finding("crown", what, 100 * count / runs, at_most=at_most)


def simulate(seed: int, *, quick: bool) -> Sequence[Finding]:
    """Run the crown's simulations; quick ones are for tests."""
    rng = np.random.default_rng(seed)
    if quick:
        found = false_crowns(rng, runs=200, examples=1000, challengers=10)
        return [*found, *power(rng, runs=200)]
    found = false_crowns(rng, runs=10_000, examples=2000, challengers=30)
    return [*found, *power(rng, runs=4000)]
