import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from assay.protocol.statistics.crown import challenge, threshold
from assay.protocol.statistics.racing import Race
from benchmarks.statistics.crowning import first_crowned
from benchmarks.statistics.findings import Finding
from benchmarks.statistics.races import BATCHES, real, sweep

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("part", ["crown", "racing", "ladder", "power"])
def test_the_quick_simulations_meet_every_target(part, tmp_path):
    out = tmp_path / "found.json"
    command = [sys.executable, "-m", "benchmarks.statistics", "--quick"]
    ran = subprocess.run(
        [*command, "--part", part, "--json", str(out)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    found = json.loads(out.read_text("utf-8"))["findings"]
    targets = [
        one for one in found if (one["at_most"], one["at_least"]) != (None, None)
    ]
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert len(targets) >= 3
    assert all(one["met"] for one in targets)


@pytest.mark.parametrize(
    ("figure", "met"), [(4.9, True), (5.0, True), (5.1, False), (float("nan"), False)]
)
def test_a_missed_target_is_a_miss(figure, met):
    assert Finding("crown", "false crowns", figure, at_most=5).met is met


def test_the_fast_crown_is_the_protocols():
    rng = np.random.default_rng(4)
    ours, theirs = rng.random((40, 500)) < 0.65, rng.random((40, 500)) < 0.55
    fast = first_crowned(ours, theirs, threshold(2))
    for row, found in enumerate(fast):
        gaps = (int(a) - int(b) for a, b in zip(ours[row], theirs[row], strict=True))
        assert (challenge(gaps, threshold(2)).decided_at or 0) == found
    assert 0 < (fast > 0).sum() < 40


@pytest.mark.parametrize("places", [1, 3])
def test_the_fast_race_is_the_protocols(places):
    heads = real()[::5, :600]
    rng = np.random.default_rng(9)
    order = rng.permutation(600)
    running, work = sweep(heads[None, :, order], places)
    scores = {str(k): row[order].astype(float).tolist() for k, row in enumerate(heads)}
    race = Race(list(scores), places, 600)
    edges = np.linspace(0, 600, BATCHES + 1).round().astype(int)
    for end in edges[1:]:
        race.advance({k: scores[k][race.seen : end] for k in race.running})
    assert [str(k) in race.running for k in range(len(heads))] == running[0].tolist()
    assert float(race.work) == pytest.approx(float(work[0]))
    assert Fraction(1, 10) < race.work < 1


def test_the_real_entrants_are_forty_and_unlike():
    heads = real()
    assert heads.shape == (40, 1500)
    assert len({row.tobytes() for row in heads}) >= 38
    assert 0.85 < heads[0].mean() < 0.95
