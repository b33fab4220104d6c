import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from assay.protocol.statistics.distributions import (
    binomial_chances,
    incomplete_beta,
    normal_below,
    normal_quantile,
    sign_test,
    student_quantile,
    student_tail,
)


@given(st.floats(0.5, 500), st.floats(0.5, 500), st.floats(0, 1))
def test_the_incomplete_beta_function_agrees_with_scipy(a, b, x):
    assert incomplete_beta(a, b, x) == pytest.approx(
        float(special.betainc(a, b, x)), rel=1e-9, abs=1e-12
    )


@given(st.floats(-40, 40), st.integers(1, 5000))
def test_students_tail_agrees_with_scipy(value, freedom):
    expected = 2 * float(stats.t.sf(abs(value), freedom))
    assert student_tail(value, freedom) == pytest.approx(expected, rel=1e-8, abs=1e-14)


@pytest.mark.parametrize("freedom", [1, 2, 7, 30, 500])
@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95, 0.999])
def test_students_quantile_agrees_with_scipy(freedom, confidence):
    expected = float(stats.t.ppf((1 + confidence) / 2, freedom))
    assert student_quantile(confidence, freedom) == pytest.approx(expected, rel=1e-10)


@given(st.integers(0, 800), st.integers(0, 800))
def test_the_sign_test_agrees_with_scipys_exact_binomial_test(wins, losses):
    expected = 1.0
    if wins + losses:
        expected = stats.binomtest(wins, wins + losses).pvalue
    assert sign_test(wins, losses) == pytest.approx(expected, rel=1e-9)


@given(st.integers(0, 5000), st.just(0.0) | st.floats(1e-6, 1))
def test_binomial_chances_agree_with_scipy_and_sum_to_one(trials, chance):
    first, chances = binomial_chances(trials, chance)
    counts = range(first, first + len(chances))
    assert chances == pytest.approx(
        list(stats.binom.pmf(list(counts), trials, chance)), rel=1e-7, abs=1e-12
    )
    assert math.fsum(chances) == pytest.approx(1)


@given(st.floats(0.0001, 0.9999))
def test_the_normal_quantile_and_chance_undo_each_other(chance):
    assert normal_below(normal_quantile(chance)) == pytest.approx(chance, rel=1e-9)
