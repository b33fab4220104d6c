import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.protocol.errors import Invalid
from assay.protocol.receipts.merkle import Tree, leaf_hash, node_hash, proves, root_of
from assay.protocol.scoring import Output

results = st.lists(st.binary(max_size=12), min_size=1, max_size=40)


def by_the_rfc(entries: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word."""
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    k = 1 << (len(entries) - 1).bit_length() - 1
    left, right = by_the_rfc(entries[:k]), by_the_rfc(entries[k:])
    return hashlib.sha256(b"\x01" + left + right).digest()


@given(results)
def test_the_root_is_the_rfcs(entries):
    assert (
        Tree([leaf_hash(entry) for entry in entries]).root == by_the_rfc(entries).hex()
    )


def test_the_root_is_the_published_one_of_seven_entries():
    # certificate-transparency's reference vectors, of which these are the first seven
    entries = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
    tree = Tree([leaf_hash(bytes.fromhex(entry)) for entry in entries])
    assert tree.root == (
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"
    )


@given(results, st.data())
def test_a_proof_shows_its_own_example_and_no_other(entries, data):
    tree = Tree([leaf_hash(entry) for entry in entries])
    index = data.draw(st.integers(0, len(entries) - 1))
    proof = tree.proof(index)
    place = {"size": len(entries), "proof": proof, "root": tree.root}
    assert proves(entries[index], index=index, **place)
    assert not proves(entries[index] + b"!", index=index, **place)
    assert not proves(entries[index], index=len(entries), **place)
    longer = {**place, "proof": [*proof, "00" * 32]}
    assert not proves(entries[index], index=index, **longer)
    if proof:
        assert not proves(entries[index], index=index, **{**place, "proof": proof[1:]})


def test_a_proof_that_is_not_hex_is_a_no():
    tree = Tree([leaf_hash(b"a"), leaf_hash(b"b")])
    assert not proves(b"a", index=0, size=2, proof=["xyz"], root=tree.root)


def test_a_leaf_can_not_be_passed_off_as_a_node():
    inner = Tree([leaf_hash(b"a"), leaf_hash(b"b")])
    forged = leaf_hash(b"a") + leaf_hash(b"b")
    assert leaf_hash(forged) != bytes.fromhex(inner.root)
    assert node_hash(leaf_hash(b"a"), leaf_hash(b"b")).hex() == inner.root


def test_the_order_in_which_outputs_come_does_not_matter():
    outputs = [Output("b", (1.0,)), Output("a", (2.0,)), Output("c", (3.0,))]
    assert root_of(outputs) == root_of(reversed(outputs))


def test_a_score_of_another_last_bit_gives_another_root():
    assert root_of([Output("a", (0.1,))]) != root_of([Output("a", (0.1 + 2**-56,))])
    assert root_of([Output("a", (0.0,))]) != root_of([Output("a", (-0.0,))])


def test_no_examples_and_an_example_twice_are_refused():
    with pytest.raises(Invalid) as nothing:
        Tree.of([])
    with pytest.raises(Invalid) as twice:
        Tree.of([Output("a", (1.0,)), Output("a", (1.0,))])
    assert (nothing.value.code, twice.value.code) == ("merkle_empty", "outputs_twice")


def test_a_proof_of_an_example_that_is_not_there_is_refused():
    with pytest.raises(Invalid) as refused:
        Tree([leaf_hash(b"a")]).proof(1)
    assert refused.value.code == "merkle_index"
