import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.protocol.errors import Invalid
from assay.protocol.statistics.sequences import (
    betting,
    empirical_bernstein,
    normal_mixture,
    stitched,
)

GOLDEN = [0.6180339887498949 * k % 1 for k in range(1, 1001)]
RARE = [float(value < 0.3) for value in GOLDEN]


def test_bounds_have_the_constants_of_the_reference_implementation():
    assert normal_mixture(100, 12.60056) == pytest.approx(30.35209, abs=1e-5)
    assert stitched(100, 10, 3) == pytest.approx(64.48755, abs=1e-5)
    assert stitched(100, 10, -1) == pytest.approx(28.99389, abs=1e-5)


@pytest.mark.parametrize(
    ("count", "low", "high"), [(100, 0.391402, 0.608824), (1000, 0.466631, 0.533089)]
)
def test_empirical_bernstein_is_the_reference_implementations_a_little_shorter(
    count, low, high
):
    # the reference guesses each end's mean from 0, here both are guessed from 1/2
    found = list(empirical_bernstein(GOLDEN))
    assert found[9] == (0, 1)
    assert low < found[count - 1][0] < low + 0.002
    assert high - 0.002 < found[count - 1][1] < high


@pytest.mark.parametrize(
    ("values", "count", "low", "high"),
    [  # the reference kept the points of a grid of 1/1000
        (GOLDEN, 10, 0.234, 0.769),
        (GOLDEN, 100, 0.417, 0.585),
        (GOLDEN, 1000, 0.468, 0.532),
        (RARE, 10, 0.005, 0.721),
        (RARE, 100, 0.163, 0.445),
        (RARE, 1000, 0.240, 0.357),
    ],
)
def test_betting_gives_the_outputs_of_the_reference_implementation(
    values, count, low, high
):
    assert betting(values[:count]) == pytest.approx((low, high), abs=1.5e-3)


@given(st.lists(st.floats(0, 1), max_size=60))
def test_both_intervals_hold_the_mean_of_the_values_or_its_guess(values):
    low, high = betting(values)
    assert 0 <= low <= high <= 1
    for low, high in empirical_bernstein(values):
        assert 0 <= low <= high <= 1


def test_an_interval_may_be_watched_all_the_time():
    rng, missed = random.Random(4), 0
    for _ in range(300):
        values = [float(rng.random() < 0.4) for _ in range(400)]
        found = empirical_bernstein(values)
        missed += any(not low <= 0.4 <= high for low, high in found)
    assert missed <= 15


def test_more_values_narrow_the_interval():
    widths = [high - low for low, high in empirical_bernstein(GOLDEN)]
    later = itertools.islice(widths, 99, None, 100)
    assert list(later) == sorted(widths[99::100], reverse=True)


@pytest.mark.parametrize("bad", [-0.1, 1.1])
def test_a_value_out_of_range_is_refused(bad):
    with pytest.raises(Invalid) as refused:
        betting([0.5, bad])
    assert refused.value.code == "values_range"
