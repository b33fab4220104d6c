import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.protocol.errors import Invalid
from assay.protocol.receipts.disputes import Difference, Unfaithful, bisect, height_of
from assay.protocol.receipts.merkle import Tree, leaf_hash


def tree_of(numbers):
    return Tree([leaf_hash(str(number).encode()) for number in numbers])


def settle(one: Tree, other: Tree, openings=None):
    return bisect(
        examples=one.size,
        roots=(one.root, other.root),
        openings=openings or (one.children, other.children),
    )


@given(st.integers(1, 300), st.data())
def test_the_first_example_that_differs_is_found_in_log2_n_steps(size, data):
    changed = data.draw(st.sets(st.integers(0, size - 1), min_size=1))
    one = tree_of(range(size))
    other = tree_of(-n - 1 if n in changed else n for n in range(size))
    found = settle(one, other)
    assert isinstance(found, Difference)
    assert found.index == min(changed)
    assert found.leaves == (one.node(0, found.index), other.node(0, found.index))
    assert found.steps == height_of(size) == one.height
    assert 2**found.steps < 2 * size


@given(st.integers(2, 300), st.data())
def test_a_side_that_opens_other_hashes_than_it_showed_loses_at_that_step(size, data):
    one, other = tree_of(range(size)), tree_of([-1, *range(1, size)])
    side = data.draw(st.sampled_from([0, 1]))
    lie_at = data.draw(st.integers(1, one.height))

    def lying(level, index):
        tree = (one, other)[side]
        honest = tree.children(level, index)
        return (*honest[::-1], b"x" * 32) if level == lie_at else honest

    openings = [one.children, other.children]
    openings[side] = lying
    found = settle(one, other, tuple(openings))
    assert found == Unfaithful(side, one.height - lie_at + 1)


def test_an_opening_of_the_wrong_length_is_unfaithful():
    one, other = tree_of([1, 2]), tree_of([1, 3])
    assert settle(one, other, (lambda *_: (), other.children)) == Unfaithful(0, 1)
    short = (one.children, lambda *_: (b"", b""))
    assert settle(one, other, short) == Unfaithful(1, 1)


def test_equal_roots_are_no_dispute():
    with pytest.raises(Invalid) as refused:
        settle(tree_of([1]), tree_of([1]))
    assert refused.value.code == "dispute_without_difference"
    with pytest.raises(Invalid) as nothing:
        bisect(examples=0, roots=("aa", "bb"), openings=(None, None))
    assert nothing.value.code == "merkle_empty"


def test_of_one_example_the_roots_are_the_leaves():
    one, other = tree_of([1]), tree_of([2])
    assert settle(one, other) == Difference(0, (one.node(0, 0), other.node(0, 0)), 0)
