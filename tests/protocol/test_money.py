import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.protocol.errors import Invalid
from assay.protocol.money import MAX_UNITS, Asset, format_amount, parse_amount
from tests.builders.amounts import EXACT, EXACT_UNITS, HOSTILE

GOLD = Asset("GOLD", 2)
NEAR = Asset("NEAR", 24)
PIECE = Asset("PIECE", 0)
COIN = Asset("COIN", 18)


@pytest.mark.parametrize(
    ("text", "units"),
    [("12.5", 1250), ("0", 0), ("0.01", 1), ("007", 700), (" 3 ", 300), ("1.00", 100)],
)
def test_a_plain_decimal_is_read_exactly(text, units):
    assert parse_amount(text, GOLD) == units


def test_twenty_four_decimals_are_read_to_the_last_digit():
    assert parse_amount("1.000000000000000000000001", NEAR) == 10**24 + 1


def test_eighteen_decimals_are_read_to_the_last_digit():
    assert parse_amount(EXACT, COIN) == EXACT_UNITS


@pytest.mark.parametrize(("text", "code"), HOSTILE)
def test_no_trick_passes_for_an_amount(text, code):
    with pytest.raises(Invalid) as refused:
        parse_amount(text, COIN)

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "amount_empty"),
        ("   ", "amount_empty"),
        ("-1", "amount_negative"),
        ("-0.00", "amount_negative"),
        ("1.001", "amount_too_precise"),
        ("1.000", "amount_too_precise"),
        ("nan", "amount_not_a_number"),
        ("NaN", "amount_not_a_number"),
        ("Infinity", "amount_not_a_number"),
        ("+1", "amount_not_a_number"),
        (".5", "amount_not_a_number"),
        ("1GOLD", "amount_not_a_number"),
        ("٣", "amount_not_a_number"),
        ("0x10", "amount_not_a_number"),
        ("1e3", "amount_exponent"),
        ("1.5E-2", "amount_exponent"),
        ("1,000", "amount_separators"),
        ("1.000,00", "amount_separators"),
        ("1_000", "amount_separators"),
        ("1 000", "amount_separators"),
        ("1.2.3", "amount_separators"),
        (str(10**46), "amount_too_large"),
        pytest.param("9" * 100_000, "amount_too_large", id="nines"),
        pytest.param("0" * 100_000, "amount_too_large", id="noughts"),
    ],
)
def test_anything_else_is_refused_with_its_own_code(text, code):
    with pytest.raises(Invalid) as refused:
        parse_amount(text, GOLD)
    assert refused.value.code == code
    assert len(str(refused.value)) < 300


def test_the_limit_itself_is_allowed_and_one_more_is_not():
    assert parse_amount(str(MAX_UNITS), PIECE) == MAX_UNITS
    with pytest.raises(Invalid):
        parse_amount(str(MAX_UNITS + 1), PIECE)


def test_an_asset_without_decimals_takes_whole_numbers_only():
    assert parse_amount("7", PIECE) == 7
    with pytest.raises(Invalid):
        parse_amount("7.0", PIECE)


@pytest.mark.parametrize("decimals", [-1, 25])
def test_an_asset_has_zero_to_24_decimals(decimals):
    with pytest.raises(Invalid):
        Asset("X", decimals)


@pytest.mark.parametrize(
    ("units", "text"),
    [(0, "0"), (1, "0.01"), (1250, "12.5"), (1200, "12"), (-5, "-0.05")],
)
def test_an_amount_is_written_without_spare_zeros(units, text):
    assert format_amount(units, GOLD) == text


@given(st.integers(0, MAX_UNITS), st.integers(0, 24))
def test_what_is_written_reads_back_the_same(units, decimals):
    asset = Asset("ANY", decimals)
    assert parse_amount(format_amount(units, asset), asset) == units


@given(st.text(max_size=30))
def test_any_text_is_an_amount_in_range_or_refused(text):
    with contextlib.suppress(Invalid):
        assert 0 <= parse_amount(text, GOLD) <= MAX_UNITS
