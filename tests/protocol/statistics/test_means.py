import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from assay.protocol.errors import Invalid
from assay.protocol.intervals import wilson
from assay.protocol.statistics.means import (
    bootstrap,
    by_cluster,
    clustered_error,
    mean,
    standard_error,
    student_mean,
)

numbers = st.lists(st.floats(-100, 100), min_size=2, max_size=50)


@given(numbers)
def test_students_interval_agrees_with_scipy(values):
    found = student_mean(values)
    assert found.error == pytest.approx(float(stats.sem(values)), abs=1e-9)
    if found.error > 1e-9:
        low, high = stats.t.interval(
            0.95, len(values) - 1, loc=found.value, scale=stats.sem(values)
        )
        assert (found.low, found.high) == pytest.approx((low, high), rel=1e-7)


@given(st.lists(st.integers(0, 1), min_size=2, max_size=60))
def test_right_and_wrong_answers_get_wilsons_interval(values):
    found, expected = mean(values), wilson(sum(values) / len(values), len(values))
    assert (found.low, found.high) == (expected.low, expected.high)
    assert found.method == "wilson"


@given(numbers)
def test_clusters_of_one_example_give_the_plain_standard_error(values):
    names = list(range(len(values)))
    assert clustered_error(values, names) == pytest.approx(
        standard_error(values), abs=1e-9
    )


@given(st.lists(st.integers(0, 1), min_size=2, max_size=20), st.integers(2, 6))
def test_copies_of_an_example_in_its_cluster_make_nothing_surer(values, copies):
    repeated = [value for value in values for _ in range(copies)]
    names = [name for name in range(len(values)) for _ in range(copies)]
    once, again = mean(values, list(range(len(values)))), mean(repeated, names)
    assert again.error == pytest.approx(once.error)
    assert again.high - again.low == pytest.approx(once.high - once.low)
    assert again.units == once.units


def test_clustered_error_of_a_hand_computed_table():
    # mean 0.5; summed deviations 1, -1 and 0: sqrt(2 * 3/2) / 6
    values, names = [1, 1, 0, 0, 1, 0], ["a", "a", "b", "b", "c", "c"]
    assert clustered_error(values, names) == pytest.approx(math.sqrt(3) / 6)


def test_the_bootstrap_repeats_by_its_seed_and_agrees_with_student():
    rng = random.Random(3)
    values = [rng.gauss(2, 1) for _ in range(200)]
    found, expected = bootstrap(values, seed=1), student_mean(values)
    assert found == bootstrap(values, seed=1)
    assert found.error == pytest.approx(expected.error, rel=0.06)
    assert (found.low, found.high) == pytest.approx(
        (expected.low, expected.high), abs=0.02
    )


def test_the_bootstrap_draws_whole_clusters():
    values = [float(k % 2) for k in range(20) for _ in range(10)]
    names = [k for k in range(20) for _ in range(10)]
    found = bootstrap(values, names, seed=5)
    assert found.units == 20
    assert found.error == pytest.approx(clustered_error(values, names), rel=0.1)


@pytest.mark.parametrize("kind", ["single", "clustered"])
def test_about_95_in_100_intervals_hold_the_truth(kind):
    rng, held = random.Random(11), 0
    for _ in range(600):
        chances = [rng.choice([0.2, 0.6, 1.0]) for _ in range(60)]
        size = 1 if kind == "single" else 5
        values = [int(rng.random() < p) for p in chances for _ in range(size)]
        names = [name for name in range(60) for _ in range(size)]
        found = mean(values, names if size > 1 else ())
        held += found.low <= 0.6 <= found.high
    assert 552 <= held <= 588


def test_by_cluster_gives_one_mean_a_cluster_in_order_of_appearance():
    assert by_cluster([1, 0, 1, 1], ["b", "a", "b", "a"]) == [1, 0.5]


@pytest.mark.parametrize(
    ("values", "clusters", "code"),
    [
        ([], [], "values_empty"),
        ([1.0, math.nan], [], "values_not_finite"),
        ([1.0, 0.0], ["a"], "clusters_length"),
    ],
)
def test_what_has_no_mean_is_refused(values, clusters, code):
    for estimate in (mean, student_mean):
        with pytest.raises(Invalid) as refused:
            estimate(values, clusters)
        assert refused.value.code == code


def test_one_example_says_nothing_about_the_spread():
    assert student_mean([0.4]).high == math.inf
    assert mean([1, 1], ["a", "a"]).high - mean([1, 1], ["a", "a"]).low > 0.7
