import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.protocol.intervals import accuracy, macro_f1, wilson

label_pairs = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=60
)


@pytest.mark.parametrize(
    ("right", "count", "low", "high"),
    [  # R. G. Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_newcombes_published_intervals(right, count, low, high):
    found = wilson(right / count, count)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@given(st.data(), st.integers(1, 10**7))
def test_wilson_contains_the_value_and_stays_in_range(data, count):
    right = data.draw(st.integers(0, count))
    found = wilson(right / count, count)
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.low < found.high


@given(st.integers(1, 1000), st.integers(0, 1000), st.integers(2, 50))
def test_more_examples_of_the_same_share_narrow_the_interval(count, right, times):
    value = min(right, count) / count
    few, many = wilson(value, count), wilson(value, count * times)
    assert many.high - many.low < few.high - few.low


def test_macro_f1_gives_the_value_of_scikit_learns_documentation():
    found = macro_f1([0, 1, 2, 0, 1, 2], [0, 2, 1, 0, 0, 1])
    assert found.value == pytest.approx(0.26666, abs=1e-5)


def test_macro_f1_of_a_hand_computed_table():
    # class 0: tp 2 of 3 labelled, 3 predicted; class 1: tp 1 of 2, 2
    found = macro_f1([0, 0, 0, 1, 1], [0, 0, 1, 1, 0])
    assert found.value == pytest.approx((2 / 3 + 1 / 2) / 2)


def test_macro_f1_counts_a_class_that_is_only_predicted():
    assert macro_f1([0, 0], [0, 1]).value == pytest.approx((2 / 3 + 0) / 2)


@given(label_pairs)
def test_macro_f1_contains_the_value_and_stays_in_range(pairs):
    labels, predicted = zip(*pairs, strict=True)
    found = macro_f1(labels, predicted)
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.low < found.high


@given(label_pairs, st.randoms())
def test_the_order_of_examples_changes_no_bit(pairs, rng):
    shuffled = rng.sample(pairs, len(pairs))
    first, second = zip(*pairs, strict=True), zip(*shuffled, strict=True)
    assert macro_f1(*first) == macro_f1(*second)


@given(label_pairs.filter(lambda pairs: any(a == b for a, b in pairs)))
def test_the_delta_method_agrees_with_numerical_derivatives(pairs):
    # an independent way: weigh one example a little more, look at the mean F1
    labels, predicted = zip(*pairs, strict=True)
    count, step = len(pairs), 1e-6

    def mean_f1(weights):
        total = 0.0
        names = set(labels) | set(predicted)
        for name in names:
            size = hits = 0.0
            for (a, b), weight in zip(pairs, weights, strict=True):
                size += weight * ((a == name) + (b == name))
                hits += weight * (a == b == name)
            total += 2 * hits / size
        return total / len(names)

    base = [1.0] * count
    pulls = [
        (mean_f1([*base[:i], 1 + step, *base[i + 1 :]]) - mean_f1(base)) / step
        for i in range(count)
    ]
    value, variance = mean_f1(base), sum(pull * pull for pull in pulls)
    found = macro_f1(labels, predicted)
    effective = count if variance < 1e-12 else value * (1 - value) / variance
    expected = wilson(value, min(count, effective) or count)
    assert found.low == pytest.approx(expected.low, abs=1e-4)
    assert found.high == pytest.approx(expected.high, abs=1e-4)


@pytest.mark.parametrize("estimate", [accuracy, macro_f1])
def test_about_95_in_100_intervals_hold_the_truth(estimate):
    rng = random.Random(7)
    chances = [0.9, 0.6, 0.75]  # a right answer, by class; else the next class

    def sample(count):
        labels = rng.choices(range(3), [5, 3, 2], k=count)
        right = [rng.random() < chances[label] for label in labels]
        return labels, [
            a if ok else (a + 1) % 3 for a, ok in zip(labels, right, strict=True)
        ]

    truth = estimate(*sample(400_000)).value
    held = 0
    for _ in range(1000):
        found = estimate(*sample(150))
        held += found.low <= truth <= found.high
    assert 930 <= held <= 980
