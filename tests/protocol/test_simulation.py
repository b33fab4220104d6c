from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.protocol.errors import Invalid, TooLarge
from assay.protocol.prizes import RULES, Contest
from assay.protocol.simulation import (
    MAX_BYTES,
    default_options,
    read_history,
    simulate,
)
from tests.protocol.prizes.contests import rules

EXAMPLE = Path("examples/score_history.csv").read_text("utf-8")
HEAD = "time,entrant,score\n"
TERMS = Contest(purse=100, baseline=0.5, public_baseline=0.5, margin=0.01)


def amounts(outcome):
    return {line.entry: line.amount for line in outcome.lines if line.amount}


def test_rows_are_read_in_the_order_of_their_times_and_named_by_entrant():
    text = (
        HEAD + "2026-05-02,ann,0.7\n2026-05-01T23:00+02:00,ann,0.6\n2026-05-01,bob,.6\n"
    )

    history = read_history(text)

    assert [one.public.key for one in history] == ["bob/1", "ann/1", "ann/2"]
    assert history[0].public.at == datetime(2026, 5, 1, tzinfo=UTC)
    assert [one.private for one in history] == [0.6, 0.6, 0.7]


def test_an_empty_private_cell_is_an_entry_that_failed():
    text = (
        "time,entrant,score,private_score\n2026-05-01,ann,0.9,\n2026-05-01,bob,0.8,0.7"
    )

    outcome = simulate("winner_takes_all", {}, read_history(text), TERMS)

    assert amounts(outcome) == {"bob/1": 100}
    assert [line.rank for line in outcome.lines] == [1, None]


def test_the_period_is_from_the_first_row_to_a_day_after_the_last():
    text = HEAD + "2026-05-01,ann,0.6\n2026-05-02,bob,0.8\n"

    outcome = simulate("king_of_the_hill", {"lead": "0.1"}, read_history(text), TERMS)

    assert amounts(outcome) == {"bob/1": 50, "ann/1": 50}


def test_a_row_outside_the_period_is_refused():
    closed = datetime(2026, 5, 2, tzinfo=UTC)
    terms = Contest(100, 0.5, 0.01, closed_at=closed)
    history = read_history(HEAD + "2026-05-01,ann,0.6\n2026-05-02,bob,0.8\n")

    with pytest.raises(Invalid) as refused:
        simulate("winner_takes_all", {}, history, terms)
    assert (refused.value.code, refused.value.where) == ("history_late", "bob/1")


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        ("", "history_columns", "row 1"),
        ("time,entrant\n", "history_columns", "row 1"),
        ("time,entrant,score,colour\n", "history_columns", "row 1"),
        ("time,entrant,score,score\n", "history_columns", "row 1"),
        (HEAD, "history_empty", ""),
        (HEAD + "2026-05-01,ann\n", "history_cell", "row 2"),
        (HEAD + "2026-05-01,ann,1,2\n", "history_cell", "row 2"),
        (HEAD + '2026-05-01,"ann,1\n', "history_cell", "row 2"),
        (HEAD + "2026-05-01,a,1\n\nnoon,b,1\n", "history_cell", "row 4, column time"),
        (HEAD + "9999-12-31,ann,0.5\n", "history_cell", "row 2, column time"),
        (HEAD + "2026-05-01,,0.5\n", "history_cell", "row 2, column entrant"),
        (HEAD + f"2026-05-01,{'a' * 61},1\n", "history_cell", "row 2, column entrant"),
        (HEAD + "2026-05-01,ann,good\n", "history_cell", "row 2, column score"),
        (HEAD + "2026-05-01,ann,1_0\n", "history_cell", "row 2, column score"),
        (HEAD + "2026-05-01,ann,\u0661\n", "history_cell", "row 2, column score"),
        (HEAD + "2026-05-01,ann,nan\n", "history_cell", "row 2, column score"),
        (HEAD + "2026-05-01,ann,1e99\n", "history_cell", "row 2, column score"),
        (HEAD + "2026-05-01,ann,\n", "history_cell", "row 2, column score"),
        (
            "time,entrant,score,low\n2026-05-01,ann,0.5,0.6\n",
            "history_cell",
            "row 2, column low",
        ),
        (
            "time,entrant,score,private_score\n2026-05-01,ann,0.5,x\n",
            "history_cell",
            "row 2, column private_score",
        ),
    ],
)
def test_a_cell_that_cannot_be_read_is_named_with_its_row_and_column(text, code, where):
    with pytest.raises(Invalid) as refused:
        read_history(text)
    assert (refused.value.code, refused.value.where) == (code, where)
    assert where.lower() in str(refused.value).lower() or code != "history_cell"


def test_more_rows_or_bytes_than_the_limits_are_refused():
    for text in (HEAD + "2026-05-01,ann,0.5\n" * 10_001, " " * (MAX_BYTES + 1)):
        with pytest.raises(TooLarge) as refused:
            read_history(text)
        assert refused.value.code == "history_too_large"


@given(st.text() | st.text().map(lambda text: HEAD + text))
def test_no_text_does_anything_but_be_read_or_refused(text):
    try:
        history = read_history(text)
    except Invalid:
        return
    assert history


@given(rules(), st.integers(0, 10**24))
def test_the_example_pays_out_exactly_the_purse_by_every_rule(rule, purse):
    terms = Contest(purse=purse, baseline=0.6, public_baseline=0.6, margin=0.01)

    outcome = simulate(*rule, read_history(EXAMPLE), terms)

    assert sum(line.amount for line in outcome.lines) + outcome.returned == purse
    assert len(outcome.lines) == len(read_history(EXAMPLE))


@pytest.mark.parametrize("rule", sorted(RULES))
def test_default_options_can_be_carried_out(rule):
    RULES[rule].check_options(default_options(rule))


def test_times_near_the_end_of_the_calendar_do_not_overflow():
    history = read_history(HEAD + "2999-12-31T23:59-14:00,ann,0.9\n")

    outcome = simulate("king_of_the_hill", {"lead": "0"}, history, TERMS)

    assert amounts(outcome) == {"ann/1": 100}
    assert history[0].public.at - datetime(2999, 12, 31, tzinfo=UTC) > timedelta(0)
