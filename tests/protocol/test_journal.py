import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.protocol.errors import Invalid
from assay.protocol.journal import GENESIS, check, link

entries_of = st.lists(
    st.dictionaries(st.sampled_from("abc"), st.integers(0, 3)), min_size=1, max_size=6
)


def heads_of(entries):
    heads, head = [], GENESIS
    for entry in entries:
        head = link(head, entry)
        heads.append(head)
    return heads


def test_a_head_is_the_digest_that_the_module_states():
    content = b"assay-journal-1\n" + b"0" * 64 + b'\n{"paid":5}'
    assert link(GENESIS, {"paid": 5}) == hashlib.sha256(content).hexdigest()


def test_an_empty_journal_ends_at_genesis():
    assert check([], []) == GENESIS


@given(entries_of)
def test_an_untouched_journal_ends_at_its_last_head(entries):
    heads = heads_of(entries)
    assert check(entries, heads) == heads[-1]


@given(entries_of, st.data())
def test_any_edit_of_an_entry_is_found_at_that_entry(entries, data):
    index = data.draw(st.integers(0, len(entries) - 1))
    heads = heads_of(entries)
    edited = list(entries)
    edited[index] = {**entries[index], "edited": True}
    with pytest.raises(Invalid) as refused:
        check(edited, heads)
    assert refused.value.where == f"entry {index}"


@given(entries_of, st.data())
def test_an_edit_with_its_own_head_mended_is_found_or_moves_the_last_head(
    entries, data
):
    index = data.draw(st.integers(0, len(entries) - 1))
    heads = heads_of(entries)
    edited = [*entries[:index], {"forged": 1}, *entries[index + 1 :]]
    forged = [*heads]
    forged[index] = link(heads[index - 1] if index else GENESIS, {"forged": 1})
    if index == len(entries) - 1:
        assert check(edited, forged) != heads[-1]
    else:
        with pytest.raises(Invalid):
            check(edited, forged)


@given(entries_of.filter(lambda e: len(e) > 1), st.data())
def test_entries_swapped_removed_or_added_are_found(entries, data):
    heads = heads_of(entries)
    index = data.draw(st.integers(0, len(entries) - 2))
    swapped = list(entries)
    swapped[index], swapped[index + 1] = swapped[index + 1], swapped[index]
    if swapped != entries:
        with pytest.raises(Invalid):
            check(swapped, heads)
    with pytest.raises(Invalid):
        check(
            entries[:index] + entries[index + 1 :], heads[:index] + heads[index + 1 :]
        )
    with pytest.raises(Invalid):
        check([*entries, {}], heads)
    with pytest.raises(Invalid):
        check([*entries[:index], {}, *entries[index:]], [*heads, heads[-1]])


def test_entries_cut_off_the_end_show_in_the_returned_head():
    entries = [{"a": 1}, {"a": 2}]
    heads = heads_of(entries)
    assert check(entries[:1], heads[:1]) != heads[-1]


@pytest.mark.parametrize("previous", ["", "0" * 63, "0" * 63 + "A", "0" * 64 + "\n"])
def test_a_head_of_another_shape_is_refused(previous):
    with pytest.raises(Invalid) as refused:
        link(previous, {})
    assert refused.value.code == "journal_head"
