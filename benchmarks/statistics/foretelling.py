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
    baselines = 5 if quick else 25
    for kind, examples in cases[: 1 if quick else None]:
        said = [_said(rng, kind, examples) for _ in range(baselines)]
        found += _compared(rng, kind, said, runs)
    return found


def _said(rng: np.random.Generator, kind: Population, examples: int) -> Power:
    """Return what the report says of one baseline's results."""
    base = answer(rng, chances(rng, kind, (1, examples)), kind, np.zeros(1))
    return report(
        base[0].astype(float).tolist(),
        margin=MARGIN,
        entrants=ENTRANTS,
        alike=kind.correlation,
    )


def _compared(
    rng: np.random.Generator, kind: Population, said: Sequence[Power], runs: int
) -> list[Finding]:
    """Compare the mean report, since each baseline's own luck shifts one a little."""
    examples, gain = said[0].examples, said[0].smallest_gain
    seen = _equals(rng, kind, examples, runs)
    told = [(one.equal_beats, one.any_equal_beats, one.equal_crowned) for one in said]
    names = (
        "an equal beats the baseline by 1 point",
        f"any of {ENTRANTS} equals does",
        "an equal is crowned",
    )
    rows = [
        (name, float(np.mean(column)), figure, float(np.std(column)))
        for name, column, figure in zip(
            names, zip(*told, strict=True), seen, strict=True
        )
    ]
    if gain is not None:
        name = f"the smallest gain, +{100 * gain:.1f}, is crowned"
        rows.append((name, *_smallest(rng, kind, said[0], gain, runs), 0.0))
    found = []
    for what, foretold, figure, spread in rows:
        where = f"{what}, {examples} ex., {kind.name}"
        found += [
            Finding("power", f"{where}: foretold", 100 * foretold),
            Finding("power", "  simulated", 100 * figure),
            Finding("power", "  apart", 100 * abs(foretold - figure), 2, unit="pt"),
            Finding("power", "  sd between baselines", 100 * spread, unit="pt"),
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
