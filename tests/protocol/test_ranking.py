import itertools
import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.protocol.errors import Invalid
from assay.protocol.ranking import Entry, beats, improvement, rank

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
finite = st.floats(allow_nan=False, allow_infinity=False)


def entry(key, score, minute=0):
    return Entry(key, score, NOON + timedelta(minutes=minute))


boards = st.lists(
    st.tuples(st.sampled_from([0.0, -0.0, 0.5, 0.7, 0.9]) | finite, st.integers(0, 3)),
    max_size=12,
).map(lambda rows: [entry(f"e{i}", s, at) for i, (s, at) in enumerate(rows)])


def test_the_published_table_holds():
    # the table of docs/algorithms/ranking.md
    board = [
        entry("cara", 0.81, 40),
        entry("ann", 0.90, 30),
        entry("dan", 0.75, 10),
        entry("bob", 0.81, 20),
    ]
    placed = [(p.entry.key, p.rank, p.tied_with) for p in rank(board)]
    assert placed == [("ann", 1, 0), ("bob", 2, 1), ("cara", 2, 1), ("dan", 4, 0)]


def test_nobody_is_ranked_on_an_empty_board():
    assert rank([]) == []


@given(boards, st.randoms())
def test_the_order_of_entries_does_not_matter(board, rng):
    assert rank(rng.sample(board, len(board))) == rank(board)


@given(boards)
def test_a_rank_is_one_more_than_the_number_of_better_scores(board):
    for placing in rank(board):
        score = placing.entry.score
        assert placing.rank == 1 + sum(other.score > score for other in board)
        assert placing.tied_with == sum(other.score == score for other in board) - 1


@given(boards)
def test_the_board_runs_from_best_to_worst_and_early_to_late_within_a_tie(board):
    placings = rank(board)
    for upper, lower in itertools.pairwise(placings):
        assert upper.entry.score >= lower.entry.score
        if upper.rank == lower.rank:
            assert upper.entry.submitted_at <= lower.entry.submitted_at


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_score_that_is_not_finite_has_no_rank(bad):
    with pytest.raises(Invalid) as refused:
        rank([entry("ann", 0.5), entry("bob", bad)])
    assert (refused.value.code, refused.value.where) == ("score_not_finite", "bob")


def test_an_entry_stands_once_and_has_a_time_zone():
    with pytest.raises(Invalid) as refused:
        rank([entry("ann", 0.5), entry("ann", 0.6)])
    assert refused.value.code == "entry_twice"
    with pytest.raises(Invalid) as refused:
        rank([Entry("ann", 0.5, NOON.replace(tzinfo=None))])
    assert refused.value.code == "entry_time_zone"


@pytest.mark.parametrize(
    ("score", "baseline", "margin", "answer"),
    [
        (0.81, 0.80, 0.01, True),  # 0.80 + 0.01 > 0.81 in binary floats
        (0.3, 0.1, 0.2, True),
        (0.80999, 0.80, 0.01, False),
        (0.80, 0.80, 0.0, False),
        (0.8000001, 0.80, 0.0, True),
        (1e-9, 0.0, 0.0, True),
        (0.8 + 1e-12, 0.80, 0.0, False),
        (0.79, 0.80, 0.0, False),
        (-0.1, -0.2, 0.1, True),
        (-0.105, -0.1, 0.0, False),
    ],
)
def test_a_score_beats_the_baseline_by_the_margin_or_more(
    score, baseline, margin, answer
):
    assert beats(score, baseline, margin) is answer


@given(finite, finite, st.floats(0, 10))
def test_a_higher_score_beats_whatever_a_lower_one_beats(one, other, margin):
    low, high = sorted([one, other])
    assert beats(low, 0.5, margin) <= beats(high, 0.5, margin)


@given(finite, finite, st.floats(0, 10))
def test_beating_means_an_improvement_of_at_least_a_billionth(score, baseline, margin):
    if beats(score, baseline, margin):
        assert improvement(score, baseline) >= 1


@pytest.mark.parametrize(
    ("score", "baseline", "billionths"),
    [
        (0.81, 0.80, 10_000_000),
        (0.8, 0.81, -10_000_000),
        (0.5, 0.5, 0),
        (1e20, 1.0, (10**20 - 1) * 10**9),  # a float difference would lose the 1
    ],
)
def test_improvement_is_counted_in_billionths(score, baseline, billionths):
    assert improvement(score, baseline) == billionths


def test_half_a_billionth_rounds_to_even():
    assert improvement(1 / 1024, 0.0) == 976562  # from 976562.5
    assert improvement(3 / 1024, 0.0) == 2929688  # from 2929687.5


@pytest.mark.parametrize("args", [(math.nan, 0, 0), (0, math.inf, 0), (0, 0, math.nan)])
def test_comparing_what_is_not_finite_is_refused(args):
    with pytest.raises(Invalid) as refused:
        beats(*args)
    assert refused.value.code == "score_not_finite"


def test_a_negative_margin_is_refused():
    with pytest.raises(Invalid) as refused:
        beats(0.5, 0.4, -0.1)
    assert refused.value.code == "margin_negative"
