"""Whether the power report foretells what simulated competitions then show."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assay.protocol.statistics.crown import threshold
from assay.protocol.statistics.power import Power, chance_crowned, decisive_with, report
from benchmarks.statistics.crowning import first_crowned
from benchmarks.statistics.findings import Finding
from benchmarks.statistics.populations import (
    INTENTS,
    MIDDLING,
    SENTENCES,
    Population,
    answer,
    chances,
)

CHUNK = 250
ENTRANTS = 30
MARGIN = 0.01


def simulate(seed: int, *, quick: bool) -> Sequence[Finding]:
    """Compare the report with simulations of equal and of better entrants."""
    rng = np.random.default_rng(seed)
    runs = 3000 if quick else 10_000
    found = []
    cases = ((SENTENCES, 1500), (INTENTS, 1500), (MIDDLING, 500))
    for kind, examples in cases[: 1 if quick else None]:
        base = answer(rng, chances(rng, kind, (1, examples)), kind, np.zeros(1))
        said = report(
            base[0].astype(float).tolist(),
            margin=MARGIN,
            entrants=ENTRANTS,
            alike=kind.correlation,
        )
        found += _compared(rng, kind, said, runs)
    return found


def _compared(
    rng: np.random.Generator, kind: Population, said: Power, runs: int
) -> list[Finding]:
    wins, any_wins, crowned = _equals(rng, kind, said.examples, runs)
    rows = [
        ("an equal beats the baseline by 1 point", said.equal_beats, wins),
        (f"any of {ENTRANTS} equals does", said.any_equal_beats, any_wins),
        ("an equal is crowned", said.equal_crowned, crowned),
    ]
    if said.smallest_gain is not None:
        name = f"the smallest gain, +{100 * said.smallest_gain:.1f}, is crowned"
        rows.append((name, *_smallest(rng, kind, said, said.smallest_gain, runs)))
    found = []
    for what, foretold, seen in rows:
        where = f"{what}, {said.examples} ex., {kind.name}"
        found += [
            Finding("power", f"{where}: foretold", 100 * foretold),
            Finding("power", "  simulated", 100 * seen),
            Finding("power", "  apart", 100 * abs(foretold - seen), 2, unit="pt"),
        ]
    return found


def _smallest(
    rng: np.random.Generator, kind: Population, said: Power, gain: float, runs: int
) -> tuple[float, float]:
    """Return the foretold and the seen chance that a gain is crowned."""
    wider = decisive_with(gain, said.decisive, said.baseline)
    foretold = chance_crowned(gain, said.examples, wider)
    crowned = 0
    for start in range(0, runs, CHUNK):
        count = min(CHUNK, runs - start)
        easy = chances(rng, kind, (count, said.examples))
        base = answer(rng, easy, kind, np.zeros(count))
        better = answer(rng, easy, kind, np.full(count, gain))
        crowned += int((first_crowned(better, base, threshold(1)) > 0).sum())
    return foretold, crowned / runs


def _equals(
    rng: np.random.Generator, kind: Population, examples: int, runs: int
) -> tuple[float, float, float]:
    """Return how often an equal, any of many, and the crown's test say "better"."""
    lead = int(np.ceil(MARGIN * examples - 1e-9))
    one = some = crowned = 0
    for start in range(0, runs, CHUNK):
        count = min(CHUNK, runs - start)
        easy = chances(rng, kind, (count, examples))
        base = answer(rng, easy, kind, np.zeros(count))
        first = answer(rng, easy, kind, np.zeros(count))
        crowned += int((first_crowned(first, base, threshold(1)) > 0).sum())
        leads: list[NDArray[np.bool_]] = []
        for _ in range(ENTRANTS):
            entrant = answer(rng, easy, kind, np.zeros(count))
            leads.append(entrant.sum(axis=1) - base.sum(axis=1) >= lead)
        one += int(leads[0].sum())
        some += int(np.any(leads, axis=0).sum())
    return one / runs, some / runs, crowned / runs
