import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.protocol.errors import Invalid
from assay.protocol.money import MAX_UNITS
from assay.protocol.prizes import RULES, award, check_options
from assay.protocol.ranking import Entry, beats, improvement, rank

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
SHARES = {"shares": [5, 3, 2]}


def board(*scores):
    """Placings for entries a, b, c … submitted in that order."""
    return rank(
        Entry("abcdefghijkl"[i], score, NOON + timedelta(minutes=i))
        for i, score in enumerate(scores)
    )


purses = st.integers(0, MAX_UNITS) | st.integers(0, 30)
score_lists = st.lists(
    st.sampled_from([0.4, 0.5, 0.51, 0.6, 0.6 + 1e-12, 0.7]) | st.floats(0, 1),
    max_size=10,
)
margins = st.sampled_from([0.0, 0.01, 0.1])
falling = st.lists(st.integers(1, 9), min_size=1, max_size=6).map(
    lambda shares: {"shares": sorted(shares, reverse=True)}
)
rules = st.sampled_from(sorted(RULES)).flatmap(
    lambda rule: st.tuples(
        st.just(rule), falling if rule == "shares_by_rank" else st.just({})
    )
)


@pytest.mark.parametrize(
    ("rule", "options", "scores", "amounts", "returned"),
    [  # the tables of docs/algorithms/prizes.md: purse 100, baseline 0.5, margin 0.01
        ("winner_takes_all", {}, (0.7, 0.9, 0.6), {"b": 100}, 0),
        ("winner_takes_all", {}, (0.9, 0.7, 0.9, 0.9), {"a": 34, "c": 33, "d": 33}, 0),
        ("winner_takes_all", {}, (0.5, 0.505), {}, 100),
        (
            "shares_by_rank",
            SHARES,
            (0.9, 0.8, 0.7, 0.6),
            {"a": 50, "b": 30, "c": 20},
            0,
        ),
        ("shares_by_rank", SHARES, (0.8, 0.8, 0.7), {"a": 40, "b": 40, "c": 20}, 0),
        (
            "shares_by_rank",
            SHARES,
            (0.9, 0.8, 0.8, 0.8),
            {"a": 50, "b": 17, "c": 17, "d": 16},
            0,
        ),
        ("shares_by_rank", SHARES, (0.9, 0.8, 0.5), {"a": 50, "b": 30}, 20),
        ("proportional_to_improvement", {}, (0.8, 0.6, 0.5), {"a": 75, "b": 25}, 0),
        (
            "proportional_to_improvement",
            {},
            (0.6, 0.6, 0.6),
            {"a": 34, "b": 33, "c": 33},
            0,
        ),
        ("proportional_to_improvement", {}, (0.5, 0.4), {}, 100),
    ],
)
def test_the_published_tables_hold(rule, options, scores, amounts, returned):
    awards = award(rule, options, 100, board(*scores), 0.5, 0.01)
    assert (dict(awards.amounts), awards.returned) == (amounts, returned)


@given(rules, purses, score_lists, margins)
def test_awards_and_what_goes_back_are_exactly_the_purse(rule, purse, scores, margin):
    awards = award(*rule, purse, board(*scores), 0.5, margin)
    assert sum(awards.amounts.values()) + awards.returned == purse
    assert awards.returned >= 0
    assert all(amount > 0 for amount in awards.amounts.values())


@given(rules, purses, score_lists, margins)
def test_nobody_below_baseline_and_margin_earns(rule, purse, scores, margin):
    placings = board(*scores)
    awards = award(*rule, purse, placings, 0.5, margin)
    winners = {p.entry.key for p in placings if beats(p.entry.score, 0.5, margin)}
    assert awards.amounts.keys() <= winners
    if not winners:
        assert awards.returned == purse


@given(rules, purses, score_lists, margins)
def test_a_higher_score_never_earns_less(rule, purse, scores, margin):
    placings = board(*scores)
    awards = award(*rule, purse, placings, 0.5, margin)
    earned = [awards.amounts.get(p.entry.key, 0) for p in placings]
    assert earned == sorted(earned, reverse=True)


@given(rules, purses, score_lists.filter(len), margins, st.data())
def test_raising_ones_own_score_never_lowers_ones_award(
    rule, purse, scores, margin, data
):
    index = data.draw(st.integers(0, len(scores) - 1))
    raised = list(scores)
    raised[index] = data.draw(st.floats(scores[index], 2) | st.just(0.7))
    if raised[index] < scores[index]:
        raised[index] = scores[index]
    key = "abcdefghijkl"[index]
    before = award(*rule, purse, board(*scores), 0.5, margin)
    after = award(*rule, purse, board(*raised), 0.5, margin)
    assert after.amounts.get(key, 0) >= before.amounts.get(key, 0)


@given(rules, purses, score_lists, margins)
def test_ties_earn_the_same_but_for_one_unit_to_the_earlier(
    rule, purse, scores, margin
):
    placings = board(*scores)
    awards = award(*rule, purse, placings, 0.5, margin)
    for upper, lower in itertools.pairwise(placings):
        if upper.rank == lower.rank:
            more = awards.amounts.get(upper.entry.key, 0)
            less = awards.amounts.get(lower.entry.key, 0)
            assert 0 <= more - less <= 1


@given(rules, purses, score_lists, margins, st.randoms())
def test_the_order_of_placings_does_not_matter(rule, purse, scores, margin, rng):
    placings = board(*scores)
    shuffled = rng.sample(placings, len(placings))
    first = award(*rule, purse, placings, 0.5, margin)
    second = award(*rule, purse, shuffled, 0.5, margin)
    assert (first.amounts, first.returned) == (second.amounts, second.returned)


@given(purses, score_lists, margins)
def test_the_whole_purse_is_paid_when_somebody_wins_unless_places_stay_empty(
    purse, scores, margin
):
    placings = board(*scores)
    winners = [p for p in placings if beats(p.entry.score, 0.5, margin)]
    if winners:
        for rule in ("winner_takes_all", "proportional_to_improvement"):
            assert award(rule, {}, purse, placings, 0.5, margin).returned == 0
    awards = award("shares_by_rank", SHARES, purse, placings, 0.5, margin)
    if len(winners) >= 3:
        assert awards.returned == 0


@given(purses, score_lists, margins)
def test_proportional_awards_are_within_a_unit_of_the_exact_share(
    purse, scores, margin
):
    placings = board(*scores)
    awards = award("proportional_to_improvement", {}, purse, placings, 0.5, margin)
    gains = {
        p.entry.key: improvement(p.entry.score, 0.5)
        for p in placings
        if beats(p.entry.score, 0.5, margin)
    }
    for key, gain in gains.items():
        exact = Fraction(purse * gain, sum(gains.values()))
        assert abs(awards.amounts.get(key, 0) - exact) < 1


def test_an_entry_struck_off_the_board_moves_the_others_up():
    placings = [p for p in board(0.9, 0.8, 0.7) if p.entry.key != "a"]
    assert award("winner_takes_all", {}, 10, placings, 0.5, 0.0).amounts == {"b": 10}


def test_awards_are_listed_best_first():
    awards = award("shares_by_rank", SHARES, 100, board(0.7, 0.8, 0.9), 0.5, 0.0)
    assert list(awards.amounts) == ["c", "b", "a"]


@pytest.mark.parametrize(
    ("rule", "options", "code"),
    [
        ("lottery", {}, "prize_rule_unknown"),
        ("winner_takes_all", {"shares": [1]}, "prize_options"),
        ("proportional_to_improvement", {"cap": 1}, "prize_options"),
        ("shares_by_rank", {}, "prize_options"),
        ("shares_by_rank", {"shares": []}, "prize_options"),
        ("shares_by_rank", {"shares": "532"}, "prize_options"),
        ("shares_by_rank", {"shares": [1, 2]}, "prize_options"),
        ("shares_by_rank", {"shares": [1, 0]}, "prize_options"),
        ("shares_by_rank", {"shares": [0.5, 0.5]}, "prize_options"),
        ("shares_by_rank", {"shares": [True]}, "prize_options"),
        ("shares_by_rank", {"shares": [10**10]}, "prize_options"),
        ("shares_by_rank", {"shares": [1] * 1001}, "prize_options"),
        ("shares_by_rank", {"shares": [1], "x": 1}, "prize_options"),
    ],
)
def test_a_rule_that_could_not_be_carried_out_is_refused(rule, options, code):
    with pytest.raises(Invalid) as refused:
        check_options(rule, options)
    assert refused.value.code == code
    with pytest.raises(Invalid):
        award(rule, options, 100, board(0.9), 0.5, 0.0)


def test_a_negative_purse_and_a_board_without_a_number_are_refused():
    with pytest.raises(Invalid) as refused:
        award("winner_takes_all", {}, -1, board(0.9), 0.5, 0.0)
    assert refused.value.code == "prize_purse"
    placing = board(0.9)[0]
    broken = replace(placing, entry=replace(placing.entry, score=float("nan")))
    with pytest.raises(Invalid) as refused:
        award("winner_takes_all", {}, 1, [broken], 0.5, 0.0)
    assert refused.value.code == "score_not_finite"
