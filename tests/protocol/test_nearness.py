"""Retrieval, similarity and preference: what is read, and how it is scored."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr
from sklearn.metrics import ndcg_score

from assay.protocol.benchmarks import read_answers, read_benchmark, shared_inputs
from assay.protocol.correlations import spearman
from assay.protocol.errors import Invalid
from assay.protocol.nearness import ndcg, recall
from assay.protocol.outputs import Answer, Output
from assay.protocol.scoring import score

ROWS = [
    {"id": "d1", "text": "cats", "topic": "pets"},
    {"id": "d2", "text": "dogs", "topic": "pets"},
    {"id": "d3", "text": "cars", "topic": "cars"},
    {"id": "q1", "text": "a cat", "relevant": ["d1"], "topic": "pets"},
    {"id": "q2", "text": "a car", "relevant": ["d1", "d3"], "topic": "cars"},
]
VECTORS = [
    Output("d1", (1.0, 0.0)),
    Output("d2", (0.0, 2.0)),
    Output("d3", (-1.0, 0.0)),
    Output("q1", (3.0, 1.0)),
    Output("q2", (-1.0, -0.5)),
]


def benchmark(task: str, rows: list[dict], **options):
    content = [json.dumps(row).encode() for row in rows]
    return read_benchmark(task=task, options=options, content=content, split="public")


def answers(task: str, rows: list[dict], **options) -> list[Answer]:
    return read_answers(benchmark(task, rows, **options).answers.splitlines())


def test_each_query_is_ranked_against_the_documents_alone():
    found = score("ndcg_10", VECTORS, answers("retrieval", ROWS, slice_by=["topic"]))

    # q2 finds d3 first and d1 last of three
    best = 1 + 1 / math.log2(3)
    assert found.values == pytest.approx((1, (1 + 1 / math.log2(4)) / best))
    assert [(s.name, s.count) for s in found.slices] == [("cars", 1), ("pets", 1)]
    assert score("recall_10", VECTORS, answers("retrieval", ROWS)).value == 1


def test_what_a_model_sees_of_a_query_is_not_what_is_relevant():
    assert b"relevant" not in benchmark("retrieval", ROWS).inputs


def test_a_query_whose_document_is_missing_is_refused():
    with pytest.raises(Invalid) as refused:
        benchmark("retrieval", ROWS[1:])
    assert (refused.value.code, refused.value.where) == ("benchmark_corpus", "q1")


def test_splits_may_share_documents_and_not_queries():
    found = benchmark("retrieval", ROWS)

    assert shared_inputs(found, found) == ["q1", "q2"]


def test_vectors_of_different_lengths_are_refused():
    wrong = [*VECTORS[:4], Output("q2", (1.0,))]
    with pytest.raises(Invalid) as refused:
        score("ndcg_10", wrong, answers("retrieval", ROWS))
    assert refused.value.code == "outputs_width"


def test_a_vector_of_zeros_is_near_to_nothing_and_breaks_nothing():
    zeros = [Output(one.id, (0.0, 0.0)) for one in VECTORS]
    found = score("ndcg_10", zeros, answers("retrieval", ROWS))
    assert 0 <= found.low <= found.value <= found.high <= 1


@given(st.lists(st.booleans(), min_size=10, max_size=10).filter(any))
def test_ndcg_is_scikit_learns(relevance):
    names = [str(place) for place in range(10)]
    wanted = [name for name, one in zip(names, relevance, strict=True) if one]

    expected = ndcg_score([list(map(int, relevance))], [list(range(10, 0, -1))])

    assert ndcg(names, wanted) == pytest.approx(expected)
    assert recall(names, wanted) == 1


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=3))
@pytest.mark.filterwarnings("ignore")
def test_spearman_is_scipys_where_that_is_not_below_zero(pairs):
    said, gold = zip(*pairs, strict=True)

    expected = float(np.nan_to_num(spearmanr(said, gold).statistic))

    assert spearman(said, gold) == pytest.approx(max(0.0, expected), abs=1e-9)


def test_similarity_counts_ranks_alone():
    rows = [
        {"id": str(n), "first": "a", "second": "b", "similarity": value}
        for n, value in enumerate([1, 2.5, 4, 5])
    ]
    outputs = [Output(str(n), (x,)) for n, x in enumerate([0.1, 0.2, 0.3, 0.9])]

    found = score("spearman", outputs, answers("similarity", rows))

    assert (found.value, found.values) == (1, (1, 1, 1, 1))


def test_the_place_of_the_chosen_answer_tells_nothing():
    rows = [
        {"id": str(n), "prompt": "p", "chosen": "good", "rejected": "bad"}
        for n in range(200)
    ]

    found = benchmark("preference", rows)

    first = [example.label for example in found.examples].count(0)
    assert 60 < first < 140
    assert all(e.input["choices"][e.label] == "good" for e in found.examples)


@pytest.mark.parametrize(
    ("task", "row"),
    [
        ("retrieval", {"id": "1", "text": "a", "relevant": []}),
        ("retrieval", {"id": "1", "text": "a", "relevant": [3]}),
        ("similarity", {"id": "1", "first": "a", "second": "b", "similarity": "x"}),
        ("preference", {"id": "1", "prompt": "a", "chosen": "b", "rejected": "b"}),
    ],
)
def test_rows_that_cannot_be_are_refused(task, row):
    with pytest.raises(Invalid) as refused:
        benchmark(task, [row])
    assert refused.value.code == "benchmark_row"


@pytest.mark.parametrize(
    ("task", "options"),
    [
        ("retrieval", {"pooling": "max"}),
        ("similarity", {"max_tokens": 2}),
        ("preference", {"pooling": "cls"}),
    ],
)
def test_options_that_cannot_be_are_refused(task, options):
    with pytest.raises(Invalid) as refused:
        benchmark(task, ROWS, **options)
    assert refused.value.code == "task_options_invalid"


def test_the_worked_numbers_of_the_page_are_these():
    ranked = ["d1", "d2", "d3", *"abcdefg"]

    assert ndcg(ranked, ["d2", "d3"]) == pytest.approx(0.693, abs=5e-4)
    assert recall(ranked, ["d2", "d3"]) == 1
    assert spearman([0.1, 0.4, 0.3], [1, 2, 3]) == pytest.approx(0.5)
