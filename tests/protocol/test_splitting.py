import itertools
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.protocol.errors import Invalid
from assay.protocol.money import MAX_UNITS
from assay.protocol.splitting import split

amounts = st.integers(0, MAX_UNITS) | st.integers(0, 20)
weights = st.lists(st.integers(0, 10**12) | st.integers(0, 3), min_size=1).filter(any)


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [  # the table of docs/algorithms/splitting.md
        (100, (6, 3, 1), (60, 30, 10)),
        (100, (1, 1, 1), (34, 33, 33)),
        (10, (5, 3, 3), (4, 3, 3)),
        (7, (1, 1, 1, 1), (2, 2, 2, 1)),
        (1, (1, 2), (0, 1)),
        (5, (0, 1, 0, 1), (0, 3, 0, 2)),
        (0, (1, 1), (0, 0)),
    ],
)
def test_the_published_table_holds(amount, weights, parts):
    assert split(amount, weights) == parts


@given(amounts, weights)
def test_the_parts_sum_to_the_amount(amount, weights):
    assert sum(split(amount, weights)) == amount


@given(amounts, weights)
def test_each_part_is_less_than_one_unit_from_its_exact_share(amount, weights):
    total = sum(weights)
    for part, weight in zip(split(amount, weights), weights, strict=True):
        assert abs(part - Fraction(amount * weight, total)) < 1


@given(amounts, weights)
def test_spare_units_go_to_larger_remainders_then_to_the_earlier(amount, weights):
    total = sum(weights)
    exact = [Fraction(amount * weight, total) for weight in weights]
    got_spare = [
        part > share // 1
        for part, share in zip(split(amount, weights), exact, strict=True)
    ]
    order = sorted(range(len(weights)), key=lambda i: (-(exact[i] % 1), i))
    served = [got_spare[i] for i in order]
    assert served == sorted(served, reverse=True)


@given(amounts, weights)
def test_a_weight_of_zero_gets_nothing(amount, weights):
    parts = split(amount, weights)
    assert all(p == 0 for p, w in zip(parts, weights, strict=True) if w == 0)


@given(amounts, weights)
def test_a_larger_weight_never_gets_less(amount, weights):
    pairs = sorted(zip(weights, split(amount, weights), strict=True))
    for (lighter, less), (heavier, more) in itertools.pairwise(pairs):
        assert lighter == heavier or less <= more


@given(amounts, weights, st.integers(1, 10**6))
def test_only_the_proportions_of_weights_matter(amount, weights, factor):
    assert split(amount, [w * factor for w in weights]) == split(amount, weights)


@pytest.mark.parametrize(
    ("amount", "weights", "code"),
    [
        (-1, (1,), "split_amount"),
        (1, (), "split_weights"),
        (1, (0, 0), "split_weights"),
        (1, (2, -1), "split_weights"),
    ],
)
def test_what_cannot_be_split_is_refused(amount, weights, code):
    with pytest.raises(Invalid) as refused:
        split(amount, weights)
    assert refused.value.code == code
