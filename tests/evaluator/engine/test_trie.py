from hypothesis import given
from hypothesis import strategies as st

from evaluator.engine.trie import ROOT, Continuation, Trie, grow

TOKENS = st.lists(st.integers(0, 3), min_size=2, max_size=9).map(tuple)


@st.composite
def continuations(draw: st.DrawFn) -> list[Continuation]:
    sequences = draw(st.lists(TOKENS, min_size=1, max_size=6))
    return [Continuation(s, draw(st.integers(1, len(s) - 1))) for s in sequences]


def path_to(trie: Trie, node: int) -> tuple[int, ...]:
    tokens = []
    while node != ROOT:
        tokens.append(trie.tokens[node])
        node = trie.parents[node]
    return tuple(reversed(tokens))


@given(continuations())
def test_every_scored_token_stands_after_its_own_beginning(found: list[Continuation]):
    trie = grow(found)

    said = [(want.choice, path_to(trie, want.node), want.token) for want in trie.wanted]

    assert said == [
        (choice, one.tokens[:depth], one.tokens[depth])
        for choice, one in enumerate(found)
        for depth in range(one.start, len(one.tokens))
    ]


@given(continuations())
def test_no_beginning_stands_twice(found: list[Continuation]):
    trie = grow(found)

    paths = [path_to(trie, node) for node in range(len(trie.tokens))]

    assert len(set(paths)) == len(paths)
    beginnings = {one.tokens[:n] for one in found for n in range(1, len(one.tokens))}
    assert set(paths) == beginnings


@given(continuations())
def test_parents_stand_before_children_one_position_lower(found: list[Continuation]):
    trie = grow(found)

    for node, parent in enumerate(trie.parents):
        assert parent < node
        assert trie.depths[node] == (0 if parent == ROOT else trie.depths[parent] + 1)
