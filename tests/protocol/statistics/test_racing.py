import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.protocol.errors import Invalid
from assay.protocol.statistics.racing import Race


def run(results, places, size=10, level=Fraction(1, 100)):
    examples = len(next(iter(results.values())))
    race = Race(list(results), places, examples, level)
    while race.seen < examples and race.running:
        end = race.seen + size
        race.advance({key: results[key][race.seen : end] for key in race.running})
    return race


def field(chances, examples, seed):
    rng = random.Random(seed)
    return {
        f"e{k}": [float(rng.random() < chance) for _ in range(examples)]
        for k, chance in enumerate(chances)
    }


def ranks(results):
    totals = {key: sum(scores) for key, scores in results.items()}
    return {key: sum(t > totals[key] for t in totals.values()) for key in totals}


def test_a_field_that_is_far_apart_stops_early_and_keeps_its_winner():
    results = field([0.9, 0.6, 0.5, 0.4, 0.3], 400, seed=1)
    race = run(results, places=1)
    assert "e0" in race.running
    assert {"e2", "e3", "e4"} <= set(race.stopped)
    assert race.work < Fraction(2, 3)


def test_what_was_skipped_is_said():
    race = run(field([0.9, 0.2], 300, seed=2), places=1)
    out = race.stopped["e1"]
    assert out.examples + out.skipped == 300
    assert out.skipped > 150
    assert 0 <= out.low <= out.mean <= out.high <= 1
    assert out.low <= 0.2 <= out.high
    assert race.work == Fraction(600 - out.skipped, 600)


def test_equal_entrants_are_hardly_ever_stopped():
    wrong = 0
    for seed in range(60):
        results = field([0.6] * 5, 120, seed)
        race = run(results, places=1, level=Fraction(1, 10))
        wrong += any(ranks(results)[key] < 1 for key in race.stopped)
    assert wrong <= 6


@given(st.integers(0, 10**6), st.integers(1, 4))
def test_whoever_cannot_be_caught_is_known_at_the_latest_by_the_end(seed, places):
    # a wrong stop is all but excluded by such a level, so stops are proofs
    results = field([0.9, 0.7, 0.5, 0.3], 40, seed)
    race = run(results, places, level=Fraction(1, 10**12))
    standing = ranks(results)
    assert all(standing[key] >= places for key in race.stopped)
    assert {key for key in standing if standing[key] >= places} == set(race.stopped)


def test_as_many_places_as_entrants_stop_nobody():
    assert run(field([0.9, 0.1], 200, seed=1), places=2).stopped == {}


def test_ties_at_the_last_prize_rank_are_kept():
    same = [1.0, 0.0] * 50
    race = run({"a": same, "b": same, "c": [0.0] * 100}, places=1)
    assert race.running == ["a", "b"]


def test_scores_between_0_and_1_race_too():
    rng = random.Random(3)
    results = {
        "good": [0.5 + rng.random() / 2 for _ in range(200)],
        "bad": [rng.random() / 2 for _ in range(200)],
    }
    assert list(run(results, places=1).stopped) == ["bad"]


@pytest.mark.parametrize(
    ("batch", "code"),
    [
        ({"a": [1.0]}, "batch_entrants"),
        ({"a": [1.0], "b": [1.0, 0.0]}, "batch_size"),
        ({"a": [], "b": []}, "batch_size"),
        ({"a": [1.0] * 6, "b": [1.0] * 6}, "batch_size"),
        ({"a": [2.0], "b": [1.0]}, "values_range"),
    ],
)
def test_a_batch_that_does_not_fit_is_refused_and_changes_nothing(batch, code):
    race = Race(["a", "b"], 1, 5)
    with pytest.raises(Invalid) as refused:
        race.advance(batch)
    assert refused.value.code == code
    assert (race.seen, race.work) == (0, 0)


@pytest.mark.parametrize(
    ("race", "code"),
    [
        (lambda: Race(["a"], 0, 5), "race_places"),
        (lambda: Race(["a"], 1, 0), "race_examples"),
        (lambda: Race(["a"], 1, 5, Fraction(1)), "race_level"),
        (lambda: Race(["a", "a"], 1, 5), "entry_twice"),
    ],
)
def test_a_race_that_makes_no_sense_is_refused(race, code):
    with pytest.raises(Invalid) as refused:
        race()
    assert refused.value.code == code
