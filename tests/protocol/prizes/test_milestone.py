from dataclasses import replace

from hypothesis import given

from assay.protocol.prizes import award, finalists
from tests.protocol.prizes.contests import (
    KEYS,
    board,
    contest,
    contests,
    milestones,
    shown,
)

ONE = {"milestones": [{"score": "0.80", "parts": 1}]}


def race(public, private, **changes):
    timeline = [shown(key, score, 1) for key, score in public.items()]
    return contest(100, board(*private), timeline=timeline, **changes)


def test_the_order_of_submission_counts_not_the_order_of_scoring():
    held = contest(
        100, board(0.8, 0.9), timeline=[shown("b", 0.9, 1), shown("a", 0.8, 99)]
    )

    assert award("milestone", ONE, held).amounts == {"a": 100}


def test_entries_submitted_at_one_moment_share_but_each_entrant_once():
    held = race({"a": 0.8, "b": 0.8, "c": 0.8}, (0.8, 0.8, 0.8))
    at_once = [replace(one, submitted_at=held.opened_at) for one in held.timeline]

    shared = replace(held, timeline=at_once)
    owned = replace(shared, entrants={"a": "ann", "b": "ann"})

    assert award("milestone", ONE, shared).amounts == {"a": 34, "b": 33, "c": 33}
    assert award("milestone", ONE, owned).amounts == {"a": 50, "c": 50}


def test_a_score_on_the_milestone_reaches_it_although_binary_fractions_differ():
    held = race({"a": 0.1 + 0.7}, (0.1 + 0.7,))

    assert 0.1 + 0.7 < 0.8
    assert award("milestone", ONE, held).amounts == {"a": 100}


def test_a_milestone_below_the_margin_is_paid_only_above_it():
    low = {"milestones": [{"score": "0.40", "parts": 1}]}
    held = race({"a": 0.45, "b": 0.6}, (0.45, 0.6))

    assert award("milestone", low, held).amounts == {"b": 100}


def test_the_line_for_private_scores_is_bounded_by_entrants_and_entries():
    entrants = dict(zip(KEYS, "aaabbcdefghi", strict=True))
    held = race(dict.fromkeys(KEYS, 0.9), (), entrants=entrants)

    assert finalists("milestone", ONE, held) == list("abdefgh")


def test_the_next_in_line_moves_up_when_the_first_is_struck_off():
    held = race({"a": 0.9, "b": 0.85}, (0.9, 0.85))

    assert award("milestone", ONE, held.without({"a"})).amounts == {"b": 100}


@given(milestones, contests())
def test_nobody_earns_without_reaching_a_milestone_on_both_boards(options, held):
    lowest = float(options["milestones"][0]["score"])
    awards = award("milestone", options, held)
    private = {p.entry.key: p.entry.score for p in held.placings}
    public = {one.key: one.score for one in held.timeline}

    for key in awards.amounts:
        assert private[key] >= lowest - 1e-9
        assert public[key] >= lowest - 1e-9
