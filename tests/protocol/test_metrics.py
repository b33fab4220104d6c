"""The metrics of texts, of language and of classes, against their libraries."""

import math
import random
from pathlib import Path

import pytest
import sacrebleu
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, log_loss, matthews_corrcoef

from assay.protocol.benchmarks import TASK_TYPES, read_answers, read_benchmark
from assay.protocol.correlations import matthews
from assay.protocol.errors import Invalid
from assay.protocol.outputs import MAX_OUTPUT_TEXT, Answer, Output, outputs_digest
from assay.protocol.scoring import score
from assay.protocol.texts import (
    exact_match,
    last_number,
    numeric_match,
    rouge_l,
    token_f1,
)

TEXT_METRICS = sorted(TASK_TYPES["generation"].metrics)
classes = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=40
)


def said(*texts: str) -> list[Output]:
    return [Output(str(place), text=text) for place, text in enumerate(texts)]


def wanted(*targets: list[str], clusters: str = "") -> list[Answer]:
    return [
        Answer(
            str(place),
            0,
            targets=tuple(texts),
            cluster=clusters[place] if clusters else "",
        )
        for place, texts in enumerate(targets)
    ]


def test_a_text_has_a_canonical_form_that_no_scores_have():
    assert Output("q", text='a "b"').canonical() == b'["q",{"text":"a \\"b\\""}]'
    assert Output("q", (1.5,)).canonical() == b'["q","0x1.8000000000000p+0"]'


@given(st.text(max_size=20).filter(lambda t: t.isprintable()), st.floats(-9, 0))
def test_an_output_survives_its_row(text, number):
    for output in (Output("a", text=text), Output("a", (number, -1.0))):
        assert Output.of_row(output.to_row()) == output
    assert outputs_digest([Output("a", text=text)]) != outputs_digest([Output("a")])


def test_exact_match_takes_any_target_but_for_space_around():
    found = score("exact_match", said(" Paris", "rome", "5"), wanted(
        ["Paris", "paris"], ["Rome"], ["5"]))  # fmt: skip

    assert found.values == (1, 0, 1)
    assert found.value == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("so 6 x 7 = 42.", "42"),
        ("#### 1,234", "1234"),
        ("it costs $18.00", "18"),
        ("it falls to -3", "-3"),
        ("none...", None),
    ],
)
def test_the_last_number_is_found(text, number):
    found = last_number(text)
    assert found == (None if number is None else int(number))
    assert numeric_match(text, ["#### " + (number or "1")]) == float(number is not None)


def test_token_f1_forgives_articles_case_and_punctuation():
    assert token_f1("The Cat, sat!", ["a cat sat", "dog"]) == 1
    assert token_f1("cat sat down", ["the cat"]) == pytest.approx(2 / 4)


def test_rouge_takes_the_nearest_target():
    assert rouge_l("the cat sat", ["no", "the cat sat down"]) == pytest.approx(6 / 7)


def test_bleu_is_that_of_sacrebleu_over_the_whole_corpus():
    texts = ["the cat sat on the mat today", "a dog ran over the green hill"]
    targets = [["the cat sat on the mat"], ["a dog ran over a green hill", "no"]]
    streams = [["the cat sat on the mat", "a dog ran over a green hill"], [None, "no"]]

    found = score("bleu", said(*texts), wanted(*targets))

    assert found.value == sacrebleu.corpus_bleu(texts, streams).score / 100
    assert found.low < found.value < found.high


@pytest.mark.parametrize("metric", TEXT_METRICS)
def test_every_text_gets_a_finite_score_within_its_interval(metric):
    texts = ["", "…", "the same", "x" * MAX_OUTPUT_TEXT]
    answers = wanted(["a"], ["b"], ["the same"], ["c"], clusters="xxyy")

    found = score(metric, said(*texts), answers)

    assert 0 <= found.low <= found.value <= found.high <= 1
    assert len(found.values) == 4


@pytest.mark.parametrize("metric", TEXT_METRICS)
def test_scores_where_a_text_belongs_are_refused(metric):
    with pytest.raises(Invalid) as refused:
        score(metric, [Output("0", (1.0,))], wanted(["a"]))
    assert refused.value.code == "outputs_kind"


def test_a_text_where_scores_belong_is_refused():
    with pytest.raises(Invalid) as refused:
        score("accuracy", said("hello"), [Answer("0", 0)])
    assert refused.value.code == "outputs_kind"


@given(classes)
@pytest.mark.filterwarnings("ignore")
def test_matthews_is_scikit_learns_where_that_is_not_below_zero(pairs):
    labels, chosen = zip(*pairs, strict=True)

    expected = max(0.0, matthews_corrcoef(labels, chosen))

    assert matthews(labels, chosen) == pytest.approx(expected, abs=1e-12)


def test_classes_are_scored_as_by_scikit_learn():
    rng = random.Random(7)
    tables = [[rng.random() for _ in range(4)] for _ in range(120)]
    tables = [[math.log(p / sum(row)) for p in row] for row in tables]
    labels = [rng.choice([row.index(max(row)), rng.randrange(4)]) for row in tables]
    outputs = [Output(str(i), tuple(row)) for i, row in enumerate(tables)]
    answers = [Answer(str(i), label) for i, label in enumerate(labels)]
    chosen = [row.index(max(row)) for row in tables]
    loss = log_loss(labels, [[math.exp(x) for x in row] for row in tables])

    assert score("macro_f1", outputs, answers).value == pytest.approx(
        f1_score(labels, chosen, average="macro"), abs=1e-12
    )
    assert score("matthews", outputs, answers).value == pytest.approx(
        matthews_corrcoef(labels, chosen), abs=1e-12
    )
    skill = max(0.0, 1 - loss / math.log(4))
    assert score("log_loss_skill", outputs, answers).value == pytest.approx(skill)


def test_bits_are_counted_against_all_bytes_together():
    outputs = [Output("a", (-8 * math.log(2),)), Output("b", (-4 * math.log(2),))]
    answers = [Answer("a", 0, (2,)), Answer("b", 0, (10,))]

    found = score("compression", outputs, answers)

    assert found.value == pytest.approx(1 - (12 / 12) / 8)
    assert found.values == pytest.approx((1 - 4 / 8, 1 - 0.4 / 8))


def test_examples_of_one_source_make_the_interval_wider():
    texts = said(*["a"] * 20, *["b"] * 20)
    alone = score("exact_match", texts, wanted(*[["a"]] * 40))
    tied = score("exact_match", texts, wanted(*[["a"]] * 40, clusters="pqrs" * 0 + "p" * 10 + "q" * 10 + "r" * 10 + "s" * 10))  # fmt: skip  # noqa: E501

    assert tied.value == alone.value
    assert tied.high - tied.low > alone.high - alone.low


def test_the_answers_of_texts_and_clusters_survive_their_file():
    rows = [b'{"id": "1", "prompt": "2+2=", "targets": ["4"], "source": "book"}']
    options = {"cluster_by": "source", "until": ["\\n"]}

    found = read_benchmark(
        task="generation", options=options, content=rows, split="public"
    )

    assert read_answers(found.answers.splitlines()) == [
        Answer("1", 0, targets=("4",), cluster="book")
    ]
    assert b"book" not in found.inputs
    assert b"targets" not in found.inputs


@pytest.mark.parametrize(
    ("task", "options"),
    [
        ("generation", {"max_new_tokens": 0}),
        ("generation", {"until": [""]}),
        ("generation", {"until": "stop"}),
        ("generation", {"temperature": 1}),
        ("language_modelling", {"max_tokens": 4}),
        ("language_modelling", {"max_tokens": 64, "stride": 65}),
    ],
)
def test_options_that_cannot_be_are_refused(task, options):
    with pytest.raises(Invalid) as refused:
        TASK_TYPES[task].check_options(options)
    assert refused.value.code == "task_options_invalid"


def test_a_cluster_must_be_named_by_one_column():
    with pytest.raises(Invalid) as refused:
        read_benchmark(
            task="generation",
            options={"cluster_by": ["a"]},
            content=[b'{"id": "1", "prompt": "a", "targets": ["b"]}'],
            split="public",
        )
    assert refused.value.code == "cluster_by_invalid"


PAGE = Path(__file__).parents[2] / "docs" / "algorithms" / "scoring.md"


def test_the_pages_table_of_texts_is_what_the_metrics_say():
    table = PAGE.read_text("utf-8").split("\nTexts:\n")[1].split("\nTwo texts")[0]
    rows = [line.strip("| ").split(" | ") for line in table.strip().splitlines()[2:]]

    assert len(rows) == 4
    for text, target, *values in rows:
        said = [
            measure(text.strip("`"), [target])
            for measure in (exact_match, numeric_match, token_f1, rouge_l)
        ]
        assert said == pytest.approx(list(map(float, values)), abs=5e-4), text
