"""Writing and reading lose nothing, and no slip of the pen grants anything."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assay.protocol.errors import Invalid
from assay.protocol.terms import (
    ALLOWED,
    DENIED,
    V01,
    V02,
    V02_ARDRIVE,
    WITH_CREDIT,
    Language,
    Severity,
    Terms,
    Use,
    decide,
    explain,
    for_fee,
    read_tags,
    restate,
    write_first_version,
    write_tags,
)
from assay.protocol.terms.names import Suspect, Tag, recognise
from tests.protocol.terms.strategies import terms

GRANTED = date(2020, 2, 29)
days = st.dates(date(2020, 2, 29), date(2070, 1, 1))
letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_ 0123456789éА%."


@st.composite
def edited(draw, text):
    """``text`` with one letter dropped, changed, added, or swapped with the next."""
    at = draw(st.integers(0, max(len(text) - 1, 0)))
    letter = draw(st.sampled_from(letters))
    return draw(
        st.sampled_from(
            [
                text[:at] + text[at + 1 :],
                text[:at] + letter + text[at + 1 :],
                text[:at] + letter + text[at:],
                text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :],
            ]
        )
    )


def wider(new, old):
    """Whether ``new`` gives something that ``old`` did not."""
    if not new.allowed:
        return False
    if not old.allowed:
        return True
    same = (new.prices, new.revenue_share) == (old.prices, old.revenue_share)
    return not same or not set(new.duties) >= set(old.duties)


@given(terms())
def test_what_is_written_is_read_back(written):
    reading = read_tags(write_tags(written))

    assert reading.terms == written
    assert {remark.code for remark in reading.errors} <= {
        "licence_missing",
        "licence_unknown",
    }


@given(terms())
def test_writing_is_canonical(written):
    tags = write_tags(written)

    assert write_tags(read_tags(tags).terms) == tags
    assert "note" not in {remark.severity for remark in read_tags(tags).diagnostics}


@given(terms())
def test_what_the_first_version_can_say_is_read_back_from_its_own_words(written):
    try:
        tags = write_first_version(written)
    except Invalid:
        return
    reading = read_tags(tags)

    assert reading.checked() == restate(written, V01)
    assert not {remark.code for remark in reading.diagnostics} & {
        "newer_value",
        "not_in_version",
        "dialect",
    }
    assert "Expiry" not in tags


@given(
    terms(), st.sampled_from([V01, V02, V02_ARDRIVE]), days, st.sampled_from(list(Use))
)
def test_terms_that_are_restated_give_the_same_answers(written, licence, on, use):
    try:
        restated = restate(written, licence)
    except Invalid:
        return

    old = decide(written, use, on=on, granted=GRANTED)
    new = decide(restated, use, on=on, granted=GRANTED)
    assert (new.allowed, new.prices, new.revenue_share, new.duties) == (
        old.allowed,
        old.prices,
        old.revenue_share,
        old.duties,
    )


@pytest.mark.parametrize(
    ("unsayable", "tag"),
    [
        (Terms(), "Derivation"),
        (Terms(derivation=DENIED, restricted=True), "Access"),
        (Terms(derivation=DENIED, training=ALLOWED), "Data-Model-Training"),
        (Terms(licence="", derivation=DENIED), "License"),
    ],
)
def test_what_the_first_version_has_no_word_for_is_refused_and_named(unsayable, tag):
    with pytest.raises(Invalid) as refusal:
        write_first_version(unsayable)

    assert (refusal.value.code, refusal.value.where) == ("terms_not_sayable", tag)


def test_a_commercial_fee_is_the_first_versions_licence_fee():
    terms = Terms(derivation=WITH_CREDIT, commercial_use=for_fee(Decimal(7)))

    assert write_first_version(terms) == {
        "License": V01,
        "Derivation": "Allowed-With-Credit",
        "Commercial-Use": "Allowed",
        "License-Fee": "One-Time-7",
    }


@given(terms())
def test_names_in_lower_case_say_the_same(written):
    lower = {name.lower(): value for name, value in write_tags(written).items()}

    assert read_tags(lower).terms == written


@given(terms())
def test_every_terms_can_be_explained(written):
    english = explain(written)
    chinese = explain(written, language=Language.CHINESE)

    assert english
    assert all(s[0].isupper() and s.endswith(".") and "None" not in s for s in english)
    assert len(chinese) == len(english)
    assert all(s.endswith("。") and "None" not in s for s in chinese)


@given(terms(), st.data(), days)
def test_a_misspelt_name_never_widens_what_is_granted(written, data, on):
    tags = write_tags(written)
    assume(tags)
    name = data.draw(st.sampled_from(sorted(tags)))
    slip = data.draw(edited(name))
    # Another year in a window's name is another window, not a slip.
    assume(isinstance(recognise(slip), Suspect | None))
    assume(slip not in tags)
    changed = {slip if key == name else key: value for key, value in tags.items()}

    read = read_tags(changed).terms

    for use in Use:
        new = decide(read, use, on=on, granted=GRANTED)
        old = decide(written, use, on=on, granted=GRANTED)
        assert not wider(new, old), (slip, use)


@given(terms(), st.data(), days)
def test_an_unreadable_value_never_widens_what_is_granted(written, data, on):
    tags = write_tags(written)
    assume(tags)
    name = data.draw(st.sampled_from(sorted(tags)))
    value = data.draw(edited(tags[name]) | st.text(max_size=40))
    reading = read_tags({**tags, name: value})
    assume(any(remark.tag == name for remark in reading.errors))

    for use in Use:
        new = decide(reading.terms, use, on=on, granted=GRANTED)
        old = decide(written, use, on=on, granted=GRANTED)
        assert not wider(new, old), (name, value, use)


@given(
    st.sampled_from([V01, V02]),
    st.dictionaries(
        st.text(max_size=30) | st.sampled_from(sorted(Tag)).flatmap(edited),
        st.sampled_from(["Allowed", "Allowed-With-Credit", "Public", "Excluded"])
        | st.text(max_size=30),
        max_size=6,
    ),
)
def test_unknown_names_grant_nothing_beyond_the_bare_licence(licence, strangers):
    strangers = {
        name: value
        for name, value in strangers.items()
        if isinstance(recognise(name), Suspect | None)
    }
    bare = read_tags({"License": licence}).terms

    read = read_tags({"License": licence, **strangers}).terms

    for use in Use:
        assert not wider(decide(read, use), decide(bare, use))


@given(st.dictionaries(st.text(max_size=30), st.text(max_size=60), max_size=10))
def test_reading_never_raises_and_grants_nothing_without_a_licence(tags):
    assume("license" not in {name.lower() for name in tags})
    reading = read_tags(tags)

    assert not any(decide(reading.terms, use).allowed for use in Use)
    assert reading.errors


@pytest.mark.parametrize(
    "name",
    [
        "Commerical-Use",
        "Commercial-Uses",
        "commercial_use",
        "CommercialUse",
        "Commercial Use",
        "Commercial-Use ",
        "Сommercial-Use",
        "Commercial-Fee",
    ],
)
def test_the_slips_seen_in_the_wild_are_named_and_grant_nothing(name):
    reading = read_tags({"License": V02, name: "Allowed"})

    assert [(r.severity, r.code) for r in reading.diagnostics] == [
        (Severity.ERROR, "misspelt")
    ]
    assert not decide(reading.terms, Use.COMMERCIAL).allowed


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Acess-Fee", "One-Time-5"),
        ("Access Fee", "One-Time-5"),
        ("Access-Fee", "5"),
        ("Access-Fee", "One-Time-5e3"),
        ("Access-Fee", "One-Time-٥"),
        ("Access-Fee", "Monthly--1"),
        ("Access", "restrict"),
        ("Expiry", "soon"),
    ],
)
def test_a_restriction_that_cannot_be_read_closes_access(name, value):
    reading = read_tags({"License": V02, name: value})

    assert len(reading.errors) == 1
    assert not decide(reading.terms, Use.ACCESS, on=GRANTED, granted=GRANTED).allowed


@pytest.mark.parametrize("name", ["Content-Type", "App-Name", "Title", "License-URI"])
def test_a_tag_of_another_trade_is_noted_and_changes_nothing(name):
    reading = read_tags({"License": V02, name: "Allowed"})

    assert reading.terms == read_tags({"License": V02}).terms
    assert [r.code for r in reading.diagnostics] == ["not_a_licence_tag"]
