"""Parts, metered time and cost: exact, rounded down, never more than was measured."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.protocol.errors import Invalid
from assay.protocol.pricing import WHOLE, cost_of, metered, part_of, shares_of

amounts = st.integers(0, 10**48)


@given(amounts, st.integers(0, WHOLE))
def test_a_part_is_its_exact_share_rounded_down(amount: int, points: int) -> None:
    exact = Fraction(amount * points, WHOLE)

    assert part_of(amount, points) == math.floor(exact)


@pytest.mark.parametrize(("amount", "points"), [(-1, 5), (1, -1), (1, WHOLE + 1)])
def test_parts_that_make_no_sense_are_refused(amount: int, points: int) -> None:
    with pytest.raises(Invalid) as refusal:
        part_of(amount, points)

    assert refusal.value.code == "part_invalid"


@pytest.mark.parametrize(
    ("reported", "elapsed", "milliseconds"),
    [
        (2.5, 10_000, 2500),
        (2.5, 1000, 1000),
        (3, 10_000, 3000),
        (0.1 + 0.2, 10_000, 300),
        (-1.0, 10_000, 0),
        (5.0, -3, 0),
        (math.nan, 10_000, 0),
        (math.inf, 10_000, 0),
        (True, 10_000, 0),
        ("7", 10_000, 0),
        (None, 10_000, 0),
        (1e300, 10_000, 10_000),
    ],
)
def test_time_is_what_is_reported_and_never_more_than_has_passed(
    reported: object, elapsed: int, milliseconds: int
) -> None:
    assert metered(reported, elapsed) == milliseconds


def test_a_cost_is_rounded_down_to_the_base_unit() -> None:
    assert cost_of(1500, 10**16) == 15 * 10**15
    assert cost_of(1, 999) == 0


@given(amounts, st.lists(st.integers(0, 10**48), min_size=1))
def test_shares_sum_to_the_amount_and_nothing_has_no_shares(
    amount: int, weights: list[int]
) -> None:
    if any(weights):
        assert sum(shares_of(amount, weights)) == amount
    assert set(shares_of(0, weights)) == {0}
