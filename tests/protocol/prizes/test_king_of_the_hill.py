import itertools
from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.protocol.prizes import award, finalists
from assay.protocol.prizes.king_of_the_hill import accrued, reigns
from assay.protocol.ranking import Entry, rank
from tests.protocol.prizes.contests import (
    HOUR,
    NOON,
    board,
    contest,
    contests,
    evidence,
    purses,
    shown,
    submitted,
)

LEAD = {"lead": "0.05"}
TICK = timedelta(microseconds=1)


def hill(timeline, *private, purse=100, **changes):
    return contest(purse, board(*private), timeline=timeline, **changes)


def spans(held, options=LEAD):
    """Kings and the hours of each reign."""
    return [
        ("".join(r.kings), (r.since - NOON) / HOUR, (r.until - NOON) / HOUR)
        for r in reigns(options, held)
    ]


def test_a_reign_lasts_until_somebody_leads_by_enough():
    held = hill([shown("a", 0.6, 1), shown("b", 0.64, 2), shown("c", 0.65, 3)])

    assert spans(held) == [("a", 1.0, 3.0), ("c", 3.0, 10.0)]


def test_a_king_does_not_unseat_itself_with_a_little_more():
    own = {"a": "ann", "b": "ann"}
    held = hill([shown("a", 0.6, 0), shown("b", 0.62, 2)], 0.6, 0.62, entrants=own)

    assert spans(held) == [("a", 0.0, 10.0)]


def test_equals_of_one_entrant_at_one_moment_count_once():
    both = [shown("a", 0.6, 0), shown("b", 0.6, 0), shown("c", 0.6, 0)]
    held = hill(both, 0.6, 0.6, 0.6, entrants={"a": "ann", "b": "ann"})

    assert award("king_of_the_hill", LEAD, held).amounts == {"a": 50, "c": 50}


def test_a_later_equal_does_not_share():
    held = hill([shown("a", 0.6, 0), shown("b", 0.6, 5)], 0.6, 0.6)

    assert award("king_of_the_hill", {"lead": "0"}, held).amounts == {"a": 100}


def test_a_clock_that_ran_backwards_is_read_as_having_stood_still():
    forwards = [shown("a", 0.6, 2), shown("b", 0.7, 2), shown("c", 0.8, 5)]
    backwards = [shown("a", 0.6, 2), shown("b", 0.7, 1), shown("c", 0.8, 5)]

    assert spans(hill(backwards)) == spans(hill(forwards))


def test_scores_from_after_the_deadline_change_nothing():
    held = hill([shown("a", 0.6, 9), shown("b", 0.9, 10), shown("c", 0.99, 12)])

    assert spans(held) == [("a", 9.0, 10.0)]


def test_without_a_time_to_reign_everything_goes_back():
    held = hill([shown("a", 0.6, 0)], 0.6, closed_at=NOON)

    assert award("king_of_the_hill", LEAD, held).returned == 100
    assert accrued(LEAD, held, NOON).kings == ()


def test_both_kinds_of_evidence_are_needed_when_both_are_asked_for():
    timeline = [
        shown("a", 0.6, 0, low=0.57, high=0.63),
        shown("b", 0.65, 5, low=0.62, high=0.68),
    ]
    held = hill(timeline)

    assert len(spans(held, {"standard_errors": "2", "lead": "0.05"})) == 2
    assert len(spans(held, {"standard_errors": "2", "lead": "0.06"})) == 1
    assert len(spans(held, {"standard_errors": "3", "lead": "0.05"})) == 1


def test_finalists_are_who_led_and_who_would_have_without_one_of_them():
    timeline = [shown("a", 0.6, 1), shown("b", 0.64, 2), shown("c", 0.55, 3)]

    assert finalists("king_of_the_hill", LEAD, hill(timeline)) == ["a", "b"]


def test_what_the_king_that_was_struck_off_held_goes_to_who_would_have_led():
    held = hill([shown("a", 0.6, 0), shown("b", 0.64, 5)], 0.6, 0.64)

    awards = award("king_of_the_hill", LEAD, held.without({"a"}))

    assert (awards.amounts, awards.returned) == ({"b": 50}, 50)


@pytest.mark.parametrize(
    ("hours", "king", "since", "amounts", "unclaimed"),
    [
        (0, (), None, {}, 0),
        (1, (), None, {}, 10),
        (3, ("a",), 2, {"a": 10}, 20),
        (6, ("b",), 5, {"a": 30, "b": 10}, 20),
        (99, ("b",), 5, {"a": 30, "b": 50}, 20),
    ],
)
def test_what_accrues_by_the_hour(hours, king, since, amounts, unclaimed):
    held = hill([shown("a", 0.6, 2), shown("b", 0.7, 5)])

    throne = accrued(LEAD, held, NOON + hours * HOUR)

    assert throne.kings == king
    assert throne.since == (None if since is None else NOON + since * HOUR)
    assert (dict(throne.accrued), throne.unclaimed) == (amounts, unclaimed)


@given(evidence, contests(), st.floats(0, 11), st.floats(0, 11))
def test_accrued_amounts_only_grow_and_never_pass_the_purse(options, held, one, other):
    early, late = sorted([one, other])
    before = accrued(options, held, NOON + early * HOUR)
    after = accrued(options, held, NOON + late * HOUR)

    assert all(after.accrued.get(key, 0) >= had for key, had in before.accrued.items())
    assert sum(after.accrued.values()) + after.unclaimed <= held.purse


@given(evidence, contests())
def test_what_had_accrued_at_the_deadline_is_paid_when_all_private_scores_hold(
    options, held
):
    keys = [one.key for one in held.timeline]
    everyone = rank(Entry(key, 0.99, submitted(key)) for key in keys)
    full = contest(
        held.purse,
        everyone,
        margin=held.margin,
        timeline=held.timeline,
        entrants=held.entrants,
        public_baseline=held.public_baseline,
    )
    awards = award("king_of_the_hill", options, full)

    for key, amount in accrued(options, full, full.closed_at).accrued.items():
        assert 0 <= awards.amounts.get(key, 0) - amount <= 1


@given(evidence, contests(), purses)
def test_a_reign_is_paid_to_within_a_unit_of_its_exact_time(options, held, purse):
    valid = {p.entry.key for p in held.placings if p.entry.score >= 0.61}
    whole = (held.closed_at - held.opened_at) // TICK
    time = dict.fromkeys(valid, Fraction(0))
    for reign in reigns(options, held):
        kings = [key for key in reign.kings if key in valid]
        for key in kings:
            time[key] += Fraction(reign.ticks, len(kings))
    good = [p.entry for p in held.placings if p.entry.key in valid]
    full = contest(
        purse,
        rank(good),
        margin=held.margin,
        timeline=held.timeline,
        entrants=held.entrants,
        public_baseline=held.public_baseline,
    )
    awards = award("king_of_the_hill", options, full)
    for key, ticks in time.items():
        assert abs(awards.amounts.get(key, 0) - purse * ticks / whole) < 1


@given(evidence, contests())
def test_reigns_follow_one_another_and_each_has_a_length(options, held):
    found = reigns(options, held)

    assert all(reign.ticks > 0 and reign.kings for reign in found)
    assert all(a.until == b.since for a, b in itertools.pairwise(found))
    assert not found or found[-1].until == held.closed_at


@given(evidence, contests())
def test_finalists_are_found_without_replaying_each_time_from_the_beginning(
    options, held
):
    def led(some):
        return {key for reign in reigns(options, some) for key in reign.kings}

    expected = led(held).union(*(led(held.without({key})) for key in led(held)))

    assert set(finalists("king_of_the_hill", options, held)) == expected
