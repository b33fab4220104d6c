import hashlib
import json
from collections import OrderedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.protocol.canonical import MAX_DEPTH, canonical_bytes, digest, read_json
from assay.protocol.errors import Invalid

texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=30,
)


def test_keys_are_sorted_by_utf16_units_as_in_rfc_8785():
    # the RFC's own example (section 3.2.3): code points would sort it otherwise
    value = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    keys = list(json.loads(canonical_bytes(value)))
    assert keys == ["\r", "1", "\x80", "ö", "€", "\U0001f600", "\ufb33"]


def test_text_is_escaped_as_in_rfc_8785():
    # section 3.2.2.2: short forms, then lower-case \u00xx, nothing else
    value = "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"\u002f\u007f"
    expected = '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/\x7f"'
    assert canonical_bytes(value) == expected.encode()


def test_there_is_no_white_space_and_numbers_stay_whole():
    value = {"b": [1, -(10**30), True, None], "a": ()}
    assert canonical_bytes(value) == (
        b'{"a":[],"b":[1,-1000000000000000000000000000000,true,null]}'
    )


def test_the_digest_is_sha256_of_the_bytes():
    assert digest({"a": 1}) == hashlib.sha256(b'{"a":1}').hexdigest()


@pytest.mark.parametrize(
    ("value", "code", "where"),
    [
        (1.0, "canonical_type", "$"),
        ({"a": [0, float("nan")]}, "canonical_type", "$.a[1]"),
        (float("inf"), "canonical_type", "$"),
        (b"bytes", "canonical_type", "$"),
        ({1, 2}, "canonical_type", "$"),
        ({1: "a"}, "canonical_key", "$"),
        ({None: "a"}, "canonical_key", "$"),
        ("\ud800", "canonical_text", "$"),
        ({"\udfff": 1}, "canonical_text", "$"),
        (["a\ud83d"], "canonical_text", "$[0]"),
        pytest.param(10**5000, "canonical_integer", "$", id="huge"),
    ],
)
def test_what_has_no_canonical_form_is_refused_where_it_lies(value, code, where):
    with pytest.raises(Invalid) as refused:
        canonical_bytes(value)
    assert (refused.value.code, refused.value.where) == (code, where)


def test_deep_and_endless_values_are_refused():
    endless = []
    endless.append(endless)
    with pytest.raises(Invalid):
        canonical_bytes(endless)

    deep = 1
    for _ in range(MAX_DEPTH):
        deep = [deep]
    assert canonical_bytes(deep).count(b"[") == MAX_DEPTH
    with pytest.raises(Invalid):
        canonical_bytes([deep])


@given(values)
def test_what_is_written_reads_back_the_same(value):
    written = canonical_bytes(value)
    assert read_json(written) == value
    assert canonical_bytes(read_json(written)) == written


@given(values)
def test_layout_and_order_of_what_is_read_do_not_matter(value):
    other = json.dumps(value, indent=3, ensure_ascii=True).encode()
    assert canonical_bytes(read_json(other)) == canonical_bytes(value)


@given(st.dictionaries(texts, st.integers(), max_size=8), st.randoms())
def test_the_order_of_keys_does_not_matter(members, random):
    pairs = list(members.items())
    random.shuffle(pairs)
    assert canonical_bytes(OrderedDict(pairs)) == canonical_bytes(members)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"", "json_unreadable"),
        (b"{", "json_unreadable"),
        (b"\xff", "json_unreadable"),
        pytest.param(b"[" * 100_000, "json_unreadable", id="deep"),
        pytest.param(b"1" * 5000, "json_unreadable", id="huge"),
        (b"1.5", "canonical_type"),
        (b"1e3", "canonical_type"),
        (b"NaN", "canonical_type"),
        (b"-Infinity", "canonical_type"),
        (b'"\\ud800"', "canonical_text"),
        (b'{"a":1,"a":2}', "json_key_twice"),
    ],
)
def test_json_that_could_mean_two_things_is_refused(text, code):
    with pytest.raises(Invalid) as refused:
        read_json(text)
    assert refused.value.code == code
