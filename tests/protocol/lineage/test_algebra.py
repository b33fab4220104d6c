"""What parents leave to a child: never more with one more of them, in any order."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.protocol.lineage import (
    Party,
    allowance,
    competition_party,
    conflicts,
    external_party,
    owed,
    parent_party,
)
from assay.protocol.terms import (
    ALLOWED,
    DENIED,
    NONCOMMERCIAL,
    WITH_CREDIT,
    WITH_INDICATION,
    WITH_PASSTHROUGH,
    Terms,
    Use,
    for_fee,
    for_share,
)

DAY = date(2026, 3, 1)
LICENCES = ["MIT", "apache-2.0", "CC-BY-NC-4.0", "CC-BY-ND-4.0", "GPL-3.0", "llama3"]
shares = st.sampled_from([Decimal(n) for n in (5, 20, 40, 60)]).map(for_share)
derivations = st.one_of(
    st.sampled_from(
        [ALLOWED, DENIED, NONCOMMERCIAL, WITH_CREDIT, WITH_INDICATION, WITH_PASSTHROUGH]
    ),
    shares,
    st.just(for_fee(Decimal(3))),
)
commercials = st.one_of(
    st.sampled_from([ALLOWED, DENIED, WITH_CREDIT, for_fee(Decimal(2))]), shares
)
terms = st.builds(
    Terms,
    derivation=derivations,
    commercial_use=commercials,
    training=st.sampled_from([ALLOWED, DENIED, for_fee(Decimal(1))]),
    unknown_rights_excluded=st.booleans(),
    expiry_years=st.sampled_from([None, 1, 3]),
)


def party(name: str, terms: Terms) -> Party:
    return parent_party(name, terms, granted=date(2025, 3, 1), on=DAY)


contents = st.one_of(
    terms.map(lambda t: lambda name: party(name, t)),
    st.sampled_from(LICENCES).map(lambda x: lambda name: external_party(name, x)),
    st.sets(
        st.sampled_from([Use.COMMERCIAL, Use.DERIVATION, Use.TRAINING]), max_size=2
    ).map(lambda uses: lambda name: competition_party(name, uses)),
)
parties = st.lists(contents, max_size=4).map(
    lambda made: [make(f"p{n}") for n, make in enumerate(made)]
)


@settings(max_examples=300, deadline=None)
@given(parties, contents, terms)
def test_one_party_more_never_grants_more(some, make, child):
    more = [*some, make("extra")]

    before, after = allowance(some, on=DAY), allowance(more, on=DAY)

    assert after.commercial <= before.commercial
    assert after.training <= before.training
    assert (after.widest is not None) <= (before.widest is not None)
    assert set(before.duties) <= set(after.duties)
    fewer = conflicts(child, some, on=DAY)
    many = conflicts(child, more, on=DAY)
    totals = {"parents_owed_too_much"}  # names the fewest, which may be others now
    assert {c for c in fewer if c.code not in totals} <= set(many)
    assert {c.code for c in fewer} <= {c.code for c in many}
    assert not (many == () and fewer)


@settings(max_examples=200, deadline=None)
@given(parties, terms, st.randoms())
def test_the_order_of_parties_does_not_matter(some, child, random):
    mixed = list(some)
    random.shuffle(mixed)

    assert allowance(mixed, on=DAY) == allowance(some, on=DAY)
    assert conflicts(child, mixed, on=DAY) == conflicts(child, some, on=DAY)


@settings(max_examples=300, deadline=None)
@given(parties)
def test_the_widest_terms_are_accepted_by_all_who_left_them(some):
    found = allowance(some, on=DAY)

    if found.widest is None:
        assert found.conflicts
    else:
        assert found.conflicts == ()
        assert conflicts(found.widest, some, on=DAY) == ()


@settings(max_examples=200, deadline=None)
@given(parties, terms)
def test_what_is_accepted_is_within_the_widest(some, child):
    found = allowance(some, on=DAY)

    if not conflicts(child, some, on=DAY):
        assert found.widest is not None or found.ends is not None or found.same_as
        assert sum(owed(child, one) for one in some) <= 100
        assert found.commercial or not child.commercial_use.allowed


@settings(max_examples=100, deadline=None)
@given(terms)
def test_a_grandchild_under_the_widest_terms_gains_nothing(top):
    """What a parent limits stays limited two steps down."""
    first = allowance([party("top", top)], on=DAY)
    if first.widest is None:
        return
    middle = parent_party("middle", first.widest, granted=DAY, on=DAY)

    second = allowance([middle], on=DAY)

    assert second.commercial <= first.commercial
    assert second.training <= first.training


def test_passthrough_is_said_in_words():
    sharing = Terms(derivation=WITH_PASSTHROUGH, commercial_use=DENIED)

    both = conflicts(
        Terms(derivation=WITH_PASSTHROUGH, commercial_use=ALLOWED),
        [party("ann/a", sharing)],
        on=DAY,
    )
    words = next(c for c in both if c.code == "parent_passes_its_licence_on")
    assert words.sentence == (
        "ann/a allows derivation only with License-Passthrough, under Commercial-Use: "
        "not granted; you asked for Commercial-Use: Allowed."
    )


def test_two_parents_that_each_want_their_own_terms_are_named_together():
    one = Terms(derivation=WITH_PASSTHROUGH)
    other = Terms(derivation=WITH_PASSTHROUGH, commercial_use=for_share(Decimal(10)))

    found = allowance([party("b/b", other), party("a/a", one)], on=DAY)

    assert found.widest is None
    assert found.conflicts[0].path == ("a/a", "b/b")
    assert "differ in Commercial-Use" in found.conflicts[0].sentence


def test_the_licence_rule_is_one_more_party():
    rule = competition_party("the competition bank", [Use.COMMERCIAL])
    closed = party("a/a", Terms())

    (found,) = allowance([rule, closed], on=DAY).conflicts

    assert found.code == "parent_breaks_licence_rule"
    assert found.path == ("a/a", "the competition bank")
    assert "non-commercial purposes only" in found.sentence


def test_the_fewest_whose_shares_are_too_much_are_named():
    asking = [
        party(
            name, Terms(derivation=for_share(Decimal(percent)), commercial_use=ALLOWED)
        )
        for name, percent in (("a/a", 5), ("b/b", 60), ("c/c", 50), ("d/d", 40))
    ]

    found = allowance(asking, on=DAY)

    assert [(c.code, c.path) for c in found.conflicts] == [
        ("parents_owed_too_much", ("b/b", "c/c"))
    ]
    assert "110 %" in found.conflicts[0].sentence


def test_shares_stack_and_duties_pass_through():
    both = [
        party("a/a", Terms(derivation=for_share(Decimal(10)), commercial_use=ALLOWED)),
        party(
            "b/b", Terms(derivation=WITH_CREDIT, commercial_use=for_share(Decimal(5)))
        ),
        external_party("ext:bert", "Apache-2.0"),
    ]

    found = allowance(both, on=DAY)

    assert found.owed == (("a/a", Decimal(10)), ("b/b", Decimal(5)))
    assert found.owed_noncommercial == (("a/a", Decimal(10)),)
    assert found.duties == (
        ("credit", "b/b"),
        ("credit", "ext:bert"),
        ("indicate-changes", "ext:bert"),
    )
    assert found.widest is not None
    assert found.widest.training == DENIED


@pytest.mark.parametrize(
    ("licence", "derivation", "commercial"),
    [
        ("mit", True, True),
        ("GPL-3.0-or-later", False, False),
        ("cc-by-nc-4.0", True, False),
        ("CC-BY-ND-4.0", False, False),
        ("a licence nobody knows", False, False),
    ],
)
def test_an_external_licence_grants_what_is_known_of_it(
    licence: str, derivation: bool, commercial: bool
):
    found = allowance([external_party("ext:x", licence)], on=DAY)

    assert (found.widest is not None) == derivation
    if derivation:
        assert found.commercial == commercial


def test_terms_do_not_outlive_a_parents():
    ending = party("a/a", Terms(derivation=ALLOWED, expiry_years=3))

    found = allowance([ending], on=DAY)

    assert found.ends == date(2028, 3, 1)
    assert found.widest is not None
    assert found.widest.expiry_years == 2
    (refused,) = conflicts(Terms(), [ending], on=DAY)
    assert refused.code == "parent_terms_end"
