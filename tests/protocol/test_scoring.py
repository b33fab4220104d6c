import hashlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.protocol.benchmarks import TASK_TYPES
from assay.protocol.errors import Invalid
from assay.protocol.scoring import Answer, Output, outputs_digest, score

CHOICES = sorted(
    {*TASK_TYPES["multiple_choice"].metrics, *TASK_TYPES["text_classification"].metrics}
)
QUESTIONS = [  # the table of docs/algorithms/scoring.md
    (Output("q1", (-4.0, -6.0, -9.0)), Answer("q1", 0, (2, 6, 3))),
    (Output("q2", (-5.0, -7.0)), Answer("q2", 1, (5, 14))),
    (Output("q3", (-3.0, -1.0)), Answer("q3", 0, (4, 1))),
    (Output("q4", (-2.0, -2.0)), Answer("q4", 1, (3, 3))),
]
OUTPUTS = [output for output, _ in QUESTIONS]
ANSWERS = [answer for _, answer in QUESTIONS]

finite = st.floats(allow_nan=False, allow_infinity=False)
rows = st.lists(
    st.tuples(st.lists(finite, min_size=3, max_size=3), st.integers(0, 2)),
    min_size=1,
    max_size=30,
)


def exam(rows):
    outputs = [Output(f"q{i}", tuple(scores)) for i, (scores, _) in enumerate(rows)]
    answers = [Answer(f"q{i}", label, (1, 2, 3)) for i, (_, label) in enumerate(rows)]
    return outputs, answers


def test_accuracy_takes_the_likeliest_choice_and_of_equals_the_first():
    found = score("accuracy", OUTPUTS, ANSWERS)
    assert found.correct == (True, False, False, False)
    assert (found.value, found.count) == (0.25, 4)


def test_normalised_accuracy_takes_the_likeliest_byte():
    found = score("accuracy_normalised", OUTPUTS, ANSWERS)
    assert found.correct == (False, True, True, False)
    assert found.value == 0.5


def test_macro_f1_is_the_mean_of_the_classes():
    outputs = [
        Output(str(i), (0.0, -1.0) if chosen == 0 else (-1.0, 0.0))
        for i, chosen in enumerate([0, 0, 1, 1, 0])
    ]
    answers = [Answer(str(i), label) for i, label in enumerate([0, 0, 0, 1, 1])]
    found = score("macro_f1", outputs, answers)
    assert found.value == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert found.correct == (True, True, False, True, False)


@given(rows, st.sampled_from(CHOICES))
def test_every_score_is_finite_with_an_interval_around_it(rows, metric):
    found = score(metric, *exam(rows))
    assert all(math.isfinite(x) for x in (found.low, found.value, found.high))
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.count == len(found.correct) == len(rows)


@given(rows, st.sampled_from(CHOICES), st.randoms())
def test_the_order_of_outputs_does_not_matter(rows, metric, rng):
    outputs, answers = exam(rows)
    shuffled = rng.sample(outputs, len(outputs))
    assert score(metric, shuffled, answers) == score(metric, outputs, answers)
    assert outputs_digest(shuffled) == outputs_digest(outputs)


@given(
    rows,
    st.sampled_from(CHOICES),
    st.sampled_from([math.nan, math.inf, -math.inf]),
    st.data(),
)
def test_one_number_that_is_not_finite_means_no_score(rows, metric, bad, data):
    outputs, answers = exam(rows)
    index = data.draw(st.integers(0, len(rows) - 1))
    place = data.draw(st.integers(0, 2))
    scores = list(outputs[index].scores)
    scores[place] = bad
    outputs[index] = Output(outputs[index].id, tuple(scores))
    with pytest.raises(Invalid) as refused:
        score(metric, outputs, answers)
    assert refused.value.code == "outputs_not_finite"
    assert refused.value.where == outputs[index].id


@given(rows, st.data())
def test_a_right_answer_more_never_lowers_accuracy(rows, data):
    outputs, answers = exam(rows)
    index = data.draw(st.integers(0, len(rows) - 1))
    before = score("accuracy", outputs, answers)
    better = [float(i == answers[index].label) for i in range(3)]
    outputs[index] = Output(outputs[index].id, tuple(better))
    after = score("accuracy", outputs, answers)
    gained = not before.correct[index]
    assert sum(after.correct) == sum(before.correct) + gained
    assert after.value == sum(after.correct) / len(rows)


@pytest.mark.parametrize(
    ("outputs", "answers", "code"),
    [
        (OUTPUTS[:3], ANSWERS, "outputs_missing"),
        (OUTPUTS, ANSWERS[:3], "outputs_extra"),
        ([*OUTPUTS, OUTPUTS[0]], ANSWERS, "outputs_twice"),
        (OUTPUTS, [*ANSWERS, ANSWERS[0]], "answers_twice"),
        ([], [], "answers_empty"),
        ([Output("q1", (0.0, 1.0))], ANSWERS[:1], "outputs_width"),
        ([Output("q1", ())], [Answer("q1", 0)], "outputs_width"),
        ([Output("q1", (0.0, 1.0))], [Answer("q1", 2)], "outputs_width"),
        ([Output("q1", (0.0,) * 3)], [Answer("q1", 3, (1, 1, 1))], "answers_malformed"),
        ([Output("q1", (0.0, 1.0))], [Answer("q1", -1)], "answers_malformed"),
        ([Output("q1", (0.0, 1.0))], [Answer("q1", 0, (0, 1))], "answers_malformed"),
    ],
)
@pytest.mark.parametrize("metric", CHOICES)
def test_what_does_not_match_is_refused_whatever_the_metric(
    outputs, answers, code, metric
):
    with pytest.raises(Invalid) as refused:
        score(metric, outputs, answers)
    assert refused.value.code == code


def test_normalising_without_lengths_is_the_benchmarks_fault():
    with pytest.raises(Invalid) as refused:
        score("accuracy_normalised", [Output("q", (0.0, 1.0))], [Answer("q", 0)])
    assert refused.value.code == "answers_lengths"


def test_an_unknown_metric_is_refused_and_the_known_are_named():
    with pytest.raises(Invalid) as refused:
        score("meteor", OUTPUTS, ANSWERS)
    assert refused.value.code == "metric_unknown"
    assert "macro_f1" in refused.value.fix


def test_the_digest_is_of_sorted_lines_of_exact_floats():
    lines = b'["a","0x1.0000000000000p-1"]\n["b","-0x1.999999999999ap-4","0x0.0p+0"]\n'
    outputs = [Output("b", (-0.1, 0.0)), Output("a", (0.5,))]
    assert outputs_digest(outputs) == hashlib.sha256(lines).hexdigest()


@given(finite, st.booleans())
def test_the_digest_sees_the_last_bit(value, up):
    moved = math.nextafter(value, math.inf if up else -math.inf)
    if math.isfinite(moved):
        assert outputs_digest([Output("a", (value,))]) != outputs_digest(
            [Output("a", (moved,))]
        )


def test_ids_cannot_be_shaped_to_collide():
    one = [Output('a","0x0.0p+0"]\n["b', (0.0,))]
    two = [Output("a", (0.0,)), Output("b", (0.0,))]
    assert outputs_digest(one) != outputs_digest(two)
