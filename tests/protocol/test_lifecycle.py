"""Every step in every status: it is possible exactly where the table says."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.protocol.errors import Conflict, Invalid
from assay.protocol.lifecycle import (
    LONGEST_RUN,
    STATUSES,
    STEPS,
    Facts,
    leads,
    possible,
    refusal_of,
    require,
    too_far,
)

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
# Facts under which each guard is content; the others take any.
LATER, NEVER = {"provisional_until": NOW + HOUR}, {"provisional_until": None}
AHEAD = {"deadline": NOW + HOUR, "provisional_until": NOW + HOUR}
PAST = {"deadline": NOW, "provisional_until": NOW}
DUE = {"expire", "close", "settle"}


def facts(step: str, status: str, **changes) -> Facts:
    moments = PAST if step in DUE else AHEAD
    if (step, status) == ("unfund", "funded"):
        changes = {"missing_stake": "1 AST", **changes}
    return Facts(**{"slug": "x", "status": status, "now": NOW, **moments, **changes})


@pytest.mark.parametrize(("step", "status"), list(product(STEPS, STATUSES)))
def test_a_step_is_possible_in_the_statuses_where_it_starts_and_nowhere_else(
    step: str, status: str
):
    refusal = refusal_of(step, facts(step, status))

    if status in STEPS[step].starts:
        assert refusal is None
        return
    assert isinstance(refusal, Conflict)
    assert refusal.code == STEPS[step].code
    assert status in refusal.sentence
    assert refusal.fix
    for words in possible(status):
        assert words in refusal.fix


def test_every_status_but_the_last_two_can_be_left_and_every_one_reached():
    left = {start for step in STEPS.values() if step.end for start in step.starts}
    reached = {step.end for step in STEPS.values() if step.end}

    assert left == set(STATUSES) - {"settled", "cancelled"}
    assert reached == set(STATUSES)


def test_nothing_leads_out_of_the_end_or_back_but_what_lost_its_stake():
    order = {status: place for place, status in enumerate(STATUSES)}

    for start, end in product(STATUSES, STATUSES):
        if leads(start, end) and (start, end) != ("funded", "draft"):
            assert order[start] < order[end]
            assert start not in {"settled", "cancelled"}


@pytest.mark.parametrize(
    ("step", "status", "changes", "code"),
    [
        ("open", "funded", {"deadline": NOW}, "deadline_past"),
        ("open", "funded", {"baseline_ready": False}, "baseline_pending"),
        ("submit", "open", {"deadline": NOW}, "competition_not_open"),
        ("fund", "draft", {"missing_stake": "5 AST"}, "stake_missing"),
        ("cancel", "open", {"has_submissions": True}, "has_submissions"),
        ("close", "open", {"deadline": NOW + HOUR}, "deadline_ahead"),
        ("expire", "draft", {"deadline": NOW + HOUR}, "deadline_ahead"),
        ("judge", "closed", {"pending": 1}, "evaluations_pending"),
        ("judge", "closed", {"given_up": 1}, "evaluations_given_up"),
        ("award", "judging", {"pending": 1}, "evaluations_pending"),
        ("award", "judging", {"given_up": 1}, "evaluations_given_up"),
        ("challenge", "provisional", PAST, "challenge_window_over"),
        ("settle", "provisional", LATER, "challenge_window_open"),
        ("settle", "provisional", NEVER, "challenge_window_open"),
        ("settle", "provisional", {"open_challenges": 1}, "challenges_open"),
        ("settle", "provisional", {"open_duties": 1}, "duties_open"),
    ],
)  # fmt: skip
def test_each_guard_refuses_with_its_own_reason(step, status, changes, code):
    with pytest.raises(Conflict) as refusal:
        require(step, facts(step, status, **changes))

    assert refusal.value.code == code


@given(ahead=st.timedeltas(timedelta(microseconds=1), 3 * LONGEST_RUN))
def test_a_deadline_is_at_most_a_year_ahead(ahead: timedelta):
    refusal = too_far(NOW + ahead, NOW)

    assert (refusal is None) == (ahead <= LONGEST_RUN)
    assert refusal is None or isinstance(refusal, Invalid)


@given(
    opened=st.timedeltas(timedelta(0), 2 * LONGEST_RUN),
    ahead=st.timedeltas(2 * HOUR, LONGEST_RUN),
)
def test_extending_again_and_again_keeps_nobodys_tokens_longer_than_a_year(
    opened: timedelta, ahead: timedelta
):
    moves = facts(
        "move_deadline",
        "open",
        opened_at=NOW - opened,
        wanted_deadline=NOW + ahead,
    )

    refusal = refusal_of("move_deadline", moves)

    assert (refusal is None) == (opened + ahead <= LONGEST_RUN)
    assert refusal is None or refusal.code == "competition_too_long"


@given(away=st.timedeltas(-30 * HOUR, 30 * HOUR), shorten=st.booleans())
def test_an_open_deadline_comes_forward_only_where_a_setting_allows_it(away, shorten):
    wanted = NOW + HOUR + away
    refusal = refusal_of(
        "move_deadline",
        facts("move_deadline", "open", wanted_deadline=wanted, may_shorten=shorten),
    )

    assert (refusal is not None) == (away < timedelta(0) and not shorten)
