from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import hypergeom

from assay.protocol.errors import Invalid
from assay.protocol.receipts.sampling import chance_of_missing, drawn, sample_size

sizes = st.integers(1, 3000)


@given(sizes)
def test_the_sample_catches_one_percent_with_99_percent_and_one_less_does_not(examples):
    tampered, count = max(1, ceil(examples / 100)), sample_size(examples)
    bound = {"examples": examples, "tampered": tampered}
    assert chance_of_missing(**bound, drawn=count) <= Fraction(1, 100)
    assert chance_of_missing(**bound, drawn=count - 1) > Fraction(1, 100)


@given(sizes, st.data())
def test_the_chance_is_that_of_scipys_hypergeometric_distribution(examples, data):
    tampered = data.draw(st.integers(0, examples))
    count = data.draw(st.integers(0, examples))
    exact = chance_of_missing(examples=examples, tampered=tampered, drawn=count)
    assert float(exact) == pytest.approx(
        hypergeom(examples, tampered, count).pmf(0), abs=1e-9
    )


def test_the_table_of_the_page():
    found = {n: sample_size(n) for n in (1, 100, 500, 1000, 4000, 20_000, 200_000)}
    assert found == {
        1: 1,
        100: 99,
        500: 300,
        1000: 368,
        4000: 433,
        20_000: 453,
        200_000: 458,
    }


def test_full_certainty_takes_what_can_not_miss():
    assert sample_size(1000, certainty=Fraction(1)) == 991


@given(sizes, st.data())
def test_the_same_seed_draws_the_same_examples_each_once(examples, data):
    count = data.draw(st.integers(0, examples))
    found = drawn(examples=examples, count=count, seed="s")
    assert found == drawn(examples=examples, count=count, seed="s")
    assert len(set(found)) == count
    assert all(0 <= number < examples for number in found)


def test_draws_are_even_over_seeds():
    hits = [0] * 20
    for seed in range(2000):
        for number in drawn(examples=20, count=5, seed=str(seed)):
            hits[number] += 1
    assert min(hits) > 400  # 500 on average, five standard deviations away
    assert max(hits) < 600


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: sample_size(0),
        lambda: sample_size(5, share=Fraction(0)),
        lambda: sample_size(5, certainty=Fraction(2)),
        lambda: drawn(examples=3, count=4, seed=""),
        lambda: chance_of_missing(examples=3, tampered=4, drawn=1),
        lambda: chance_of_missing(examples=3, tampered=1, drawn=-1),
    ],
)
def test_impossible_samples_are_refused(wrong):
    with pytest.raises(Invalid) as refused:
        wrong()
    assert refused.value.code == "sample_malformed"
