"""One holder is drawn by parts, and nobody can steer or deny it."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.protocol.drawing import (
    CHAIN_LENGTH,
    Seed,
    commitment_to,
    drawn,
    link,
    new_root,
)
from assay.protocol.errors import Conflict, Invalid
from assay.protocol.waterfall import Node

NODE = Node("m", (("ann", 3), ("bob", 1)))


def test_every_link_is_the_digest_of_the_next():
    root = new_root()

    for number in (0, 1, 2, 17):
        assert commitment_to(link(root, number + 1)) == link(root, number)
    assert link(root, CHAIN_LENGTH) == root
    with pytest.raises(Conflict):
        link(root, CHAIN_LENGTH + 1)


def test_a_secret_that_was_not_committed_to_makes_no_seed():
    with pytest.raises(Invalid) as refusal:
        Seed(commitment_to("a"), "b", "mine").value()

    assert refusal.value.code == "draw_commitment"


def test_both_sides_change_the_seed():
    def seed(secret, chosen):
        return Seed(commitment_to(secret), secret, chosen).value()

    assert len({seed("a", "x"), seed("a", "y"), seed("b", "x")}) == 3


def test_holders_are_drawn_in_proportion_to_their_parts():
    seeds = [commitment_to(str(number)) for number in range(4000)]

    won = Counter(drawn([NODE], frozenset("m"), seed)[0].shares[0][0] for seed in seeds)

    assert abs(won["ann"] - 3000) < 6 * (4000 * 0.75 * 0.25) ** 0.5


@given(st.text(alphabet="0123456789abcdef", min_size=64, max_size=64))
def test_a_draw_repeats_and_leaves_other_models_alone(seed):
    other = Node("n", (("ann", 1), ("bob", 1)))

    first, second = (drawn([NODE, other], frozenset("m"), seed) for _ in range(2))

    assert first == second
    assert first[1] == other
    assert first[0].shares[0] in {("ann", 1), ("bob", 1)}
