import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.protocol.errors import Invalid
from assay.protocol.statistics.ladder import climb, climb_freely

scores = st.integers(0, 1000).map(lambda k: k / 1000)


@pytest.mark.parametrize(
    ("shown", "score", "expected"),
    [
        (None, 0.8049, 0.80),
        (0.80, 0.8049, 0.80),
        (0.80, 0.8099999, 0.80),
        (0.80, 0.81, 0.81),
        (0.80, 0.8399, 0.83),
        (0.80, 0.50, 0.80),
    ],
)
def test_a_ladder_of_one_point(shown, score, expected):
    assert climb(shown, score, 0.01) == expected


@given(st.lists(scores, min_size=1, max_size=40), st.sampled_from([0.001, 0.01, 0.03]))
def test_what_is_shown_only_rises_and_stays_within_a_step_below_the_best(found, step):
    shown, history = None, []
    for score in found:
        shown = climb(shown, score, step)
        history.append(shown)
    assert history == sorted(history)
    assert max(found) - 2 * step < shown <= max(found) + 1e-9


@given(st.lists(scores, min_size=1, max_size=40))
def test_few_different_answers_can_be_had_however_often_one_asks(found):
    shown, answers = None, set()
    for score in found * 3:
        shown = climb(shown, score, 0.05)
        answers.add(shown)
    assert len(answers) <= 21


def test_without_a_step_a_gain_of_less_than_one_standard_error_is_not_shown():
    base = [1.0] * 60 + [0.0] * 40
    first = climb_freely(None, base)
    same_but_one = [1.0] * 61 + [0.0] * 39  # one better, none worse: se is 0.01
    three_up_two_down = [0.0] * 2 + [1.0] * 61 + [0.0] * 37
    five_up = [1.0] * 65 + [0.0] * 35
    assert first.shown == 0.6
    assert climb_freely(first, three_up_two_down) == first
    assert climb_freely(first, same_but_one) == first
    assert climb_freely(first, five_up).shown == 0.65


def test_other_examples_or_none_are_refused():
    first = climb_freely(None, [1.0, 0.0])
    for results, code in (([1.0], "pairs_length"), ([], "values_empty")):
        with pytest.raises(Invalid) as refused:
            climb_freely(first, results)
        assert refused.value.code == code


@pytest.mark.parametrize("step", [0.0, -0.01, 1e-10])
def test_a_ladder_needs_a_step(step):
    with pytest.raises(Invalid) as refused:
        climb(None, 0.5, step)
    assert refused.value.code == "ladder_step"
