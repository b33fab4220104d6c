import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from assay.protocol.errors import Invalid
from assay.protocol.statistics.pairing import compare, newcombe

bits = st.integers(0, 1)


@given(st.lists(st.tuples(bits, bits), min_size=1, max_size=80))
def test_right_and_wrong_answers_are_compared_by_mcnemars_exact_test(pairs):
    ours, theirs = zip(*pairs, strict=True)
    found = compare(ours, theirs)
    wins, losses = pairs.count((1, 0)), pairs.count((0, 1))
    expected = stats.binomtest(wins, wins + losses).pvalue if wins + losses else 1.0
    assert found.p_value == pytest.approx(expected)
    assert (found.wins, found.losses) == (wins, losses)
    assert found.wins + found.losses + found.ties == len(pairs)
    assert found.low <= found.difference <= found.high


@given(
    st.lists(
        st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=3, max_size=50
    ).filter(lambda pairs: len({round(a - b, 6) for a, b in pairs}) > 1)
)
def test_other_scores_are_compared_by_the_paired_t_test(pairs):
    ours, theirs = zip(*pairs, strict=True)
    found = compare([*ours, 0.5], [*theirs, 0.25])
    expected = stats.ttest_rel([*ours, 0.5], [*theirs, 0.25])
    interval = expected.confidence_interval(0.95)
    assert found.test == "paired_t"
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-6, abs=1e-12)
    assert (found.low, found.high) == pytest.approx(
        (interval.low, interval.high), abs=1e-9
    )


def test_the_interval_is_newcombes():
    # R. G. Newcombe, Statistics in Medicine 17 (1998) 2635-2650, method 10
    found = newcombe({(1, 1): 36, (1, 0): 12, (0, 1): 2, (0, 0): 0})
    assert found == pytest.approx((0.0569, 0.3404), abs=6e-5)


def test_about_95_in_100_intervals_hold_the_true_difference():
    rng, held = random.Random(2), 0
    for _ in range(1000):
        easy = [rng.random() for _ in range(200)]
        ours = [int(rng.random() < min(1, u + 0.1)) for u in easy]
        theirs = [int(rng.random() < u) for u in easy]
        found = compare(ours, theirs)
        held += found.low <= 0.095 <= found.high
    assert 930 <= held <= 980


def test_clusters_make_a_difference_less_sure():
    ours, theirs = [1, 1, 1, 1, 0, 0, 1, 1], [0, 0, 1, 1, 0, 0, 0, 0]
    names = [k // 2 for k in range(8)]
    plain, clustered = compare(ours, theirs), compare(ours, theirs, names)
    assert clustered.test == "clustered_t"
    assert clustered.p_value > plain.p_value
    assert clustered.high - clustered.low > plain.high - plain.low


def test_a_model_does_not_differ_from_itself():
    found = compare([0.25, 0.5, 0.75], [0.25, 0.5, 0.75])
    assert (found.difference, found.p_value) == (0, 1)


def test_the_same_step_up_on_every_example_cannot_be_chance():
    assert compare([0.5, 0.75], [0.25, 0.5]).p_value == 0


def test_scores_of_different_examples_cannot_be_paired():
    with pytest.raises(Invalid) as refused:
        compare([1, 0], [1])
    assert refused.value.code == "pairs_length"
