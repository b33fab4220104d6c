"""Races over real and simulated entrants: wrong stops, and the work that is saved."""

import itertools
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assay.protocol.statistics.crown import BETS
from assay.protocol.statistics.racing import LEVEL
from benchmarks.statistics.findings import Finding
from benchmarks.statistics.populations import (
    INTENTS,
    SENTENCES,
    Population,
    Results,
    answer,
    chances,
)

REAL = Path(__file__).with_name("results") / "intents.json"
BATCHES = 30
CHUNK = 100
ENTRANTS = 20
RATES = np.array([bet for bet, _ in BETS], np.float32)
STARTS = np.log(np.array([start for _, start in BETS], np.float32))
Array = NDArray[np.float32]


@dataclass(frozen=True)
class Field:
    """Entrants' right answers on the same examples: one row an entrant."""

    name: str
    results: Results

    @property
    def spread(self) -> str:
        """How far the second and the last stand behind the first, in points."""
        best = np.sort(100 * self.results.mean(axis=1))[::-1]
        return f"2nd -{best[0] - best[1]:.1f}, last -{best[0] - best[-1]:.1f}"


def real() -> Results:
    """Return the forty real entrants' results on 1,500 examples, best first."""
    stored: dict[str, str] = json.loads(REAL.read_text("utf-8"))
    rows = [
        np.unpackbits(np.frombuffer(bytes.fromhex(h), np.uint8))
        for h in _even(stored.values())
    ]
    results = np.array(rows, bool)
    results = results[:, results.shape[1] % 1500 :]
    return results[np.argsort(-results.mean(axis=1), kind="stable")]


def _even(texts: Iterable[str]) -> Iterable[str]:
    return (text if len(text) % 2 == 0 else f"0{text}" for text in texts)


def drawn(
    rng: np.random.Generator, kind: Population, gains: Sequence[float], count: int
) -> Results:
    """Draw entrants' results on one list of examples."""
    easy = np.tile(chances(rng, kind, (count,)), (len(gains), 1))
    return answer(rng, easy, kind, np.array(gains))


def fields(rng: np.random.Generator) -> list[Field]:
    """Return the fields that race."""
    heads = real()
    spread = np.linspace(-0.11, 0.03, ENTRANTS).tolist()
    return [
        Field("real heads, the best 20", heads[:ENTRANTS]),
        Field("real heads, every other", heads[::2]),
        Field("simulated sentences", drawn(rng, SENTENCES, spread, 1200)),
        Field("simulated, all equal", drawn(rng, INTENTS, [0.0] * ENTRANTS, 1500)),
    ]


@dataclass
class Outcome:
    """Of so many races: those with a wrong stop, and the share of work done."""

    races: int
    wrong: int
    work: float


def race(
    rng: np.random.Generator, results: Results, places: int, count: int
) -> Outcome:
    """Run races, each over a resampled list of examples in its own order."""
    examples = results.shape[1]
    order = rng.integers(examples, size=(count, examples))
    drawn_results = results[:, order].transpose(1, 0, 2)
    running, work = sweep(drawn_results, places)
    totals = drawn_results.sum(axis=2)
    better = (totals[:, :, None] < totals[:, None, :]).sum(axis=2)
    wrong = ((better < places) & ~running).any(axis=1)
    return Outcome(count, int(wrong.sum()), float(work.mean()))


def sweep(results: Results, places: int) -> tuple[Results, Array]:
    """Race many fields at once as ``racing.Race`` does, in even batches.

    Returns:
        per race who was never stopped, and the share of the work that was done.
    """
    races, entrants, examples = results.shape
    capital = np.zeros((races, entrants, entrants, len(RATES)), np.float32) + STARTS
    lead = np.zeros((races, entrants, entrants), np.float32)
    running = np.ones((races, entrants), bool)
    work = np.zeros(races, np.float32)
    goal = np.log(entrants / float(LEVEL))
    edges = np.linspace(0, examples, BATCHES + 1).round().astype(int)
    for start, end in itertools.pairwise(edges):
        work += running.sum(axis=1) * (end - start)
        batch = results[:, :, start:end].astype(np.float32)
        active = running[:, :, None] & running[:, None, :]
        _bet(capital, lead, batch, active, examples - start)
        running &= _evidence(capital, places) < goal
    return running, work / np.float32(entrants * examples)


def _bet(
    capital: Array, lead: Array, batch: Array, active: Results, remaining: int
) -> None:
    """Play a batch in place; ``[r, i, j]`` is the game that j is better than i."""
    size = batch.shape[2]
    wins = (1 - batch) @ batch.transpose(0, 2, 1)
    losses = wins.transpose(0, 2, 1)
    most = np.clip(-lead / remaining, -1, 1)[..., None]
    growth = wins[..., None] * np.log1p(RATES) + losses[..., None] * np.log1p(-RATES)
    growth -= size * np.log(1 + RATES * most)  # log1p is many times slower
    capital += np.where(active[..., None], growth, 0)
    lead += np.where(active, wins - losses, 0)
    capital[active & (lead > remaining - size)] = 600


def _evidence(capital: Array, places: int) -> Array:
    """Return per race and entrant the log of the e-value against its place."""
    top = capital.max(axis=3, keepdims=True)
    games = top[..., 0] + np.log(np.exp(capital - top).sum(axis=3))
    entrants = games.shape[1]
    games[:, np.arange(entrants), np.arange(entrants)] = np.inf
    fair = np.sort(games, axis=2)[:, :, : entrants - places].astype(np.float64)
    high = fair.max(axis=2, keepdims=True)
    mean: Array = (high[..., 0] + np.log(np.exp(fair - high).mean(axis=2))).astype(
        np.float32
    )
    return mean


def simulate(seed: int, *, quick: bool) -> Sequence[Finding]:
    """Race all fields for one and for three places."""
    rng = np.random.default_rng(seed)
    runs = 60 if quick else 10_000
    found = []
    for one in fields(rng):
        for places in (1, 3):
            parts = [
                race(rng, one.results, places, min(CHUNK, runs - start))
                for start in range(0, runs, CHUNK)
            ]
            found += _findings(one, places, parts, runs)
    return found


def _findings(
    one: Field, places: int, parts: Sequence[Outcome], runs: int
) -> list[Finding]:
    what = f"top {places} of {one.name} ({one.spread})"
    wrong = 100 * sum(part.wrong for part in parts) / runs
    work = 100 * sum(part.work * part.races for part in parts) / runs
    return [
        Finding("racing", f"wrong stops, {what}", wrong, at_most=1),
        Finding("racing", f"  work done, {what}", work),
    ]
