import itertools
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.protocol.errors import Invalid
from assay.protocol.prizes import (
    RULES,
    award,
    check_options,
    describe,
    finalists,
)
from assay.protocol.prizes import (
    board as private_board,
)
from assay.protocol.ranking import beats, improvement, rank
from tests.protocol.prizes.contests import (
    BY_PRIVATE_SCORE,
    OPTIONS,
    board,
    contest,
    contests,
    margins,
    purses,
    rules,
    score_lists,
)
from tests.protocol.prizes.contests import (
    scores as one_score,
)

SHARES = {"shares": [5, 3, 2]}
ranked = rules(BY_PRIVATE_SCORE)


def test_every_rule_takes_part_in_the_properties():
    assert OPTIONS.keys() == RULES.keys()


@given(rules(), contests())
def test_awards_and_what_goes_back_are_exactly_the_purse(rule, held):
    awards = award(*rule, held)
    assert sum(awards.amounts.values()) + awards.returned == held.purse
    assert awards.returned >= 0
    assert all(amount > 0 for amount in awards.amounts.values())


@given(rules(), contests())
def test_nobody_below_baseline_and_margin_earns(rule, held):
    awards = award(*rule, held)
    winners = {
        p.entry.key for p in held.placings if beats(p.entry.score, 0.5, held.margin)
    }
    assert awards.amounts.keys() <= winners
    if not winners:
        assert awards.returned == held.purse


@given(rules(), contests())
def test_finalists_are_entries_of_the_public_board_and_named_once(rule, held):
    needed = finalists(*rule, replace(held, placings=()))
    assert len(set(needed)) == len(needed)
    assert set(needed) <= {one.key for one in held.timeline}


@given(rules(["king_of_the_hill"]), contests())
def test_by_king_of_the_hill_only_finalists_earn(rule, held):
    assert award(*rule, held).amounts.keys() <= set(finalists(*rule, held))


@given(rules(), contests(), st.data())
def test_raising_ones_private_score_never_lowers_ones_award(rule, held, data):
    if not held.placings:
        return
    chosen = data.draw(st.sampled_from(held.placings)).entry
    raised = max(chosen.score, data.draw(one_score | st.floats(chosen.score, 2)))
    placings = rank(
        replace(p.entry, score=raised) if p.entry == chosen else p.entry
        for p in held.placings
    )
    before, after = award(*rule, held), award(*rule, replace(held, placings=placings))
    assert after.amounts.get(chosen.key, 0) >= before.amounts.get(chosen.key, 0)


@given(rules(), contests(), st.randoms())
def test_the_order_of_placings_does_not_matter(rule, held, rng):
    shuffled = rng.sample(list(held.placings), len(held.placings))
    assert award(*rule, held) == award(*rule, replace(held, placings=shuffled))


@given(rules(), contests(), st.data())
def test_an_entry_struck_off_is_as_if_it_had_never_been_made(rule, held, data):
    if not held.timeline:
        return
    struck = data.draw(st.sampled_from(held.timeline)).key
    awards = award(*rule, held.without({struck}))
    assert struck not in awards.amounts
    assert sum(awards.amounts.values()) + awards.returned == held.purse


@given(ranked, purses, score_lists, margins)
def test_a_higher_score_never_earns_less(rule, purse, scores, margin):
    placings = board(*scores)
    awards = award(*rule, contest(purse, placings, margin=margin))
    earned = [awards.amounts.get(p.entry.key, 0) for p in placings]
    assert earned == sorted(earned, reverse=True)


@given(ranked, purses, score_lists, margins)
def test_ties_earn_the_same_but_for_one_unit_to_the_earlier(
    rule, purse, scores, margin
):
    placings = board(*scores)
    awards = award(*rule, contest(purse, placings, margin=margin))
    for upper, lower in itertools.pairwise(placings):
        if upper.rank == lower.rank:
            more = awards.amounts.get(upper.entry.key, 0)
            less = awards.amounts.get(lower.entry.key, 0)
            assert 0 <= more - less <= 1


@given(purses, score_lists, margins)
def test_the_whole_purse_is_paid_when_somebody_wins_unless_places_stay_empty(
    purse, scores, margin
):
    placings = board(*scores)
    winners = [p for p in placings if beats(p.entry.score, 0.5, margin)]
    if winners:
        for rule in ("winner_takes_all", "proportional_to_improvement"):
            assert (
                award(rule, {}, contest(purse, placings, margin=margin)).returned == 0
            )
    awards = award("shares_by_rank", SHARES, contest(purse, placings, margin=margin))
    if len(winners) >= 3:
        assert awards.returned == 0


@given(purses, score_lists, margins)
def test_proportional_awards_are_within_a_unit_of_the_exact_share(
    purse, scores, margin
):
    placings = board(*scores)
    awards = award(
        "proportional_to_improvement", {}, contest(purse, placings, margin=margin)
    )
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
    assert award("winner_takes_all", {}, contest(10, placings)).amounts == {"b": 10}


def test_awards_are_listed_best_first():
    awards = award("shares_by_rank", SHARES, contest(100, board(0.7, 0.8, 0.9)))
    assert list(awards.amounts) == ["c", "b", "a"]


@pytest.mark.parametrize(
    ("rule", "options", "code"),
    [
        ("lottery", {}, "prize_rule_unknown"),
        ("winner_takes_all", {"shares": [1]}, "prize_options"),
        ("proportional_to_improvement", {"cap": 1}, "prize_options"),
        ("proportional_to_improvement", {"cap_percent": 0}, "prize_options"),
        ("proportional_to_improvement", {"cap_percent": 101}, "prize_options"),
        ("proportional_to_improvement", {"cap_percent": "40"}, "prize_options"),
        ("proportional_to_improvement", {"cap_percent": True}, "prize_options"),
        ("king_of_the_hill", {}, "prize_options"),
        ("king_of_the_hill", {"lead": 0.01}, "prize_options"),
        ("king_of_the_hill", {"lead": "1"}, "prize_options"),
        ("king_of_the_hill", {"lead": "-0.1"}, "prize_options"),
        ("king_of_the_hill", {"lead": "0.0000000001"}, "prize_options"),
        ("king_of_the_hill", {"standard_errors": "11"}, "prize_options"),
        ("king_of_the_hill", {"lead": "0.1", "seconds": 1}, "prize_options"),
        ("milestone", {}, "prize_options"),
        ("milestone", {"milestones": []}, "prize_options"),
        ("milestone", {"milestones": ["0.8"]}, "prize_options"),
        ("milestone", {"milestones": [{"score": "0.8"}]}, "prize_options"),
        ("milestone", {"milestones": [{"score": 0.8, "parts": 1}]}, "prize_options"),
        ("milestone", {"milestones": [{"score": "1.1", "parts": 1}]}, "prize_options"),
        ("milestone", {"milestones": [{"score": "0.8", "parts": 0}]}, "prize_options"),
        ("milestone", {"milestones": [{"score": "0.8", "amount": 5}]}, "prize_options"),
        (
            "milestone",
            {"milestones": [{"score": "0.8", "amount": "٥"}]},
            "prize_options",
        ),
        (
            "milestone",
            {
                "milestones": [
                    {"score": "0.8", "parts": 1},
                    {"score": "0.9", "amount": "1"},
                ]
            },
            "prize_options",
        ),
        (
            "milestone",
            {
                "milestones": [
                    {"score": "0.8", "parts": 1},
                    {"score": "0.80", "parts": 1},
                ]
            },
            "prize_options",
        ),
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
        award(rule, options, contest(100, board(0.9)))


def test_a_negative_purse_and_a_board_without_a_number_are_refused():
    with pytest.raises(Invalid) as refused:
        award("winner_takes_all", {}, contest(-1, board(0.9)))
    assert refused.value.code == "prize_purse"
    placing = board(0.9)[0]
    broken = replace(placing, entry=replace(placing.entry, score=float("nan")))
    with pytest.raises(Invalid) as refused:
        award("winner_takes_all", {}, contest(1, [broken], timeline=()))
    assert refused.value.code == "score_not_finite"


@given(rules())
def test_rules_and_options_are_told_in_a_sentence(rule):
    check_options(*rule)
    assert describe(*rule).startswith(RULES[rule[0]].summary)


@pytest.mark.parametrize("name", sorted(RULES))
def test_the_example_of_a_rule_can_be_carried_out(name):
    check_options(name, RULES[name].example)


@pytest.mark.parametrize("rule", BY_PRIVATE_SCORE)
def test_one_entrant_with_several_entries_stands_once(rule):
    options = {"shares": [2, 1]} if rule == "shares_by_rank" else {}
    held = contest(90, board(0.9, 0.8, 0.7), entrants={"a": "ann", "b": "ann"})
    assert award(rule, options, held).amounts.keys() <= {"a", "c"}
    assert [p.rank for p in private_board(rule, held)] == [1, 2]


def test_the_finalists_by_private_score_are_each_entrants_best_public_entry():
    held = contest(1, board(0.6, 0.8, 0.8, 0.7), entrants={"a": "ann", "d": "ann"})
    for rule in BY_PRIVATE_SCORE:
        options = SHARES if rule == "shares_by_rank" else {}
        assert finalists(rule, options, held) == ["b", "c", "d"]
