import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from assay.protocol.errors import Invalid
from assay.protocol.ranking import beats
from assay.protocol.statistics.crown import challenge, threshold
from assay.protocol.statistics.power import (
    chance_crowned,
    chance_of_any,
    chance_of_lead,
    crossings,
    lead_for,
    needed,
    report,
)


def results(right, count):
    return [1.0] * right + [0.0] * (count - right)


@given(st.integers(1, 12), st.integers(1, 60), st.floats(0.05, 0.9))
def test_the_chance_of_a_lead_agrees_with_scipys_multinomial(lead, count, decisive):
    table = stats.multinomial(count, [decisive / 2, decisive / 2, 1 - decisive])
    expected = sum(
        float(table.pmf([won, lost, count - won - lost]))
        for lost in range(count + 1)
        for won in range(lost + lead, count - lost + 1)
    )
    assert chance_of_lead(lead, count, decisive) == pytest.approx(expected, abs=1e-9)


@given(st.integers(1, 5000), st.integers(0, 100))
def test_a_lead_is_what_the_ranking_calls_beating_by_the_margin(count, hundredths):
    margin = hundredths / 1000
    lead, right = lead_for(margin, count), count // 2
    if right + lead <= count:
        assert beats((right + lead) / count, right / count, margin)
    assert not beats((right + lead - 1) / count, right / count, margin)


def test_one_of_one_has_the_chance_of_one():
    for lead in (1, 10, 30):
        alone = chance_of_lead(lead, 2000, 0.2)
        assert chance_of_any(lead, 2000, 0.2, 1) == pytest.approx(alone, abs=2e-3)


def test_the_walk_agrees_with_games_that_are_played():
    rng, crowned = random.Random(6), 0
    for _ in range(600):
        gaps = rng.choices([1, -1, 0], [0.15, 0.08, 0.77], k=300)
        crowned += challenge(gaps, threshold(1)).crowned
    assert chance_crowned(0.07, 300, 0.23) == pytest.approx(crowned / 600, abs=0.06)


@settings(max_examples=20)
@given(st.floats(0.02, 0.9), st.integers(1, 300))
def test_an_equal_is_never_crowned_more_often_than_its_threshold_allows(decisive, most):
    assert crossings(0.0, decisive, most)[-1] <= 1 / 40


def test_more_examples_tell_smaller_gains_apart():
    few, many = report(results(120, 200)), report(results(1800, 3000))
    assert few.smallest_gain is not None
    assert many.smallest_gain is not None
    assert many.smallest_gain < few.smallest_gain
    assert many.safe_margin < few.safe_margin


def test_the_safe_margin_keeps_luck_below_one_in_twenty():
    first = report(results(600, 1000), entrants=20)
    again = report(results(600, 1000), entrants=20, margin=first.safe_margin)
    assert first.any_equal_beats > 0.9
    assert again.any_equal_beats <= 0.05


def test_examples_needed_fall_with_the_gain_and_are_enough():
    found = dict(report(results(600, 1000)).examples_needed)
    counts = list(found.values())
    assert counts == sorted(counts, reverse=True)
    assert chance_crowned(0.05, needed(0.05, 0.2), 0.2) >= 0.9
    assert needed(0.005, 0.5) is None


@pytest.mark.parametrize("right", [0, 25])
def test_a_baseline_without_a_hit_or_a_fault_still_gets_a_report(right):
    found = report(results(right, 25))
    assert 0 < found.decisive < 0.1
    assert 0 <= found.equal_crowned <= found.any_equal_beats <= 1


@pytest.mark.parametrize(
    ("values", "options", "code"),
    [
        ([], {}, "values_empty"),
        ([0.5], {}, "values_binary"),
        ([1.0], {"margin": -0.1}, "power_range"),
        ([1.0], {"entrants": 0}, "power_range"),
        ([1.0], {"alike": 1.0}, "power_range"),
    ],
)
def test_what_has_no_report_is_refused(values, options, code):
    with pytest.raises(Invalid) as refused:
        report(values, **options)
    assert refused.value.code == code
