import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.protocol.errors import Invalid
from assay.protocol.receipts.disputes import Difference, Unfaithful, bisect
from assay.protocol.receipts.merkle import Tree, leaf_hash
from assay.protocol.receipts.quorum import (
    Claim,
    Judgement,
    agreed,
    check_quorum,
    judge,
    slash,
)

A, B = "aa" * 32, "bb" * 32


def tree_of(numbers):
    return Tree([leaf_hash(str(number).encode()) for number in numbers])


def test_a_score_counts_when_k_operators_signed_one_root():
    first = [Claim("olga", A)]
    assert agreed(1, first) == A
    assert agreed(2, first) is None
    assert agreed(2, [*first, Claim("otto", A)]) == A
    assert agreed(2, [*first, Claim("otto", B), Claim("omar", A)]) == A


def test_one_operator_is_no_quorum_however_often_it_signs():
    assert agreed(2, [Claim("olga", A)] * 3) is None


def test_two_roots_that_k_signed_each_are_decided_by_nobody():
    claims = [Claim(str(n), A if n < 2 else B) for n in range(4)]
    assert agreed(2, claims) is None


@given(st.integers(1, 200), st.data())
def test_an_honest_evaluator_is_never_found_wrong(size, data):
    places, values = st.integers(0, size - 1), st.integers(-99, -1)
    lies = data.draw(st.dictionaries(places, values, min_size=1))
    honest, lying = tree_of(range(size)), tree_of(lies.get(n, n) for n in range(size))
    side = data.draw(st.sampled_from([0, 1]))
    trees = (honest, lying) if side == 0 else (lying, honest)
    garbage = data.draw(st.booleans())
    openings = [tree.children for tree in trees]
    if garbage:
        openings[1 - side] = lambda *_: (b"\0" * 32, b"\1" * 32)
    found = bisect(
        examples=size,
        roots=(trees[0].root, trees[1].root),
        openings=tuple(openings),
    )
    truth = honest.node(0, found.index) if isinstance(found, Difference) else None
    assert judge(found, truth) == Judgement(frozenset({1 - side}))
    assert judge(found, truth).right == side


def test_two_that_lie_are_both_wrong():
    one, other, truth = tree_of([1, -2]), tree_of([1, -3]), tree_of([1, 2])
    found = bisect(
        examples=2,
        roots=(one.root, other.root),
        openings=(one.children, other.children),
    )
    judged = judge(found, truth.node(0, 1))
    assert (judged.wrong, judged.right) == (frozenset({0, 1}), None)


def test_nobody_is_judged_before_the_referee_has_recomputed():
    with pytest.raises(Invalid) as refused:
        judge(Difference(0, (b"a", b"b"), 1), None)
    assert refused.value.code == "referee_missing"
    assert judge(Unfaithful(1, 1), None).wrong == {1}


@given(st.integers(0, 10**30), st.booleans())
def test_a_bond_is_divided_to_the_last_base_unit(bond, rightly):
    parts = slash(bond, challenged_rightly=rightly)
    assert parts.challenger + parts.budget == bond
    assert abs(parts.challenger - (bond // 2 if rightly else 0)) <= 1


@pytest.mark.parametrize("k", [0, 8, -1])
def test_a_quorum_is_of_one_to_seven(k):
    with pytest.raises(Invalid) as refused:
        check_quorum(k)
    assert refused.value.code == "quorum_malformed"
    check_quorum(1)
    check_quorum(7)
