"""Twenty thousand sets of tags that nobody would write, and the oracle itself."""

from decimal import Decimal
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.protocol.terms import Decision, Period, Price, Use, read_tags
from tests.protocol.terms.mutating import NAMES, VALUES, mutated
from tests.protocol.terms.oracle import check_granted, check_tags, check_text
from tests.protocol.terms.vectors import V02

# Bounded in number and, by the pace of a few hundred microseconds each, in time.
RANDOM, DRAWN = 18_000, 2_000
names = st.sampled_from(sorted(NAMES)) | st.text(max_size=40)
values = st.sampled_from(VALUES) | st.text(max_size=60)


def test_changed_tags_never_break_the_reader_nor_grant_more_than_they_say():
    for number in range(RANDOM):
        check_tags(mutated(Random(f"suite:{number}")))


@given(st.dictionaries(names, values, max_size=12), st.booleans())
@settings(max_examples=DRAWN, deadline=None, suppress_health_check=list(HealthCheck))
def test_drawn_tags_never_break_the_reader_nor_grant_more_than_they_say(tags, licensed):
    check_tags({"License": V02, **tags} if licensed else tags)


@given(st.text(max_size=300))
@settings(max_examples=1000)
def test_any_text_is_tags_or_refused(text):
    check_text(text)
    check_text(f'License = "{V02}"\n{text}')
    check_text("{" + text + "}")


def granted(price=None, share=None, *duties):
    prices = (Price(Decimal(price), Period.ONE_TIME),) if price else ()
    return Decision(
        allowed=True,
        prices=prices,
        revenue_share=Decimal(share) if share else None,
        duties=duties,
        reasons=("Because.",),
    )


@pytest.mark.parametrize(
    ("tags", "use", "decision"),
    [
        ({"Commercial-Uses": "Allowed"}, Use.COMMERCIAL, granted()),
        ({"Commercial-Use": "allowed"}, Use.COMMERCIAL, granted()),
        ({"Commercial-Use": "Allowed-With-Credit"}, Use.COMMERCIAL, granted()),
        (
            {"Commercial-Use": "Allowed-With-Fee-One-Time-20"},
            Use.COMMERCIAL,
            granted("2"),
        ),
        (
            {"Commercial-Use": "Allowed", "License-Fee": "One-Time-5"},
            Use.COMMERCIAL,
            granted(),
        ),
        ({"Access-Fee": "One-Time-5"}, Use.ACCESS, granted()),
        ({"Access": "Restricted"}, Use.ACCESS, granted()),
        ({"Derivation": "Disallowed"}, Use.DERIVATION, granted()),
        ({}, Use.DERIVATION, granted()),
        ({}, Use.TRAINING, granted()),
        ({}, Use.DISTRIBUTION, granted()),
        ({"Unknown-Usage-Rights": "Excluded"}, Use.UNKNOWN, granted()),
        ({"Expiry": "4"}, Use.ACCESS, granted()),
        ({"license": V02}, Use.ACCESS, granted()),
        (
            {"Data-Model-Training": "Allowed", "License-AI-Use": "deny"},
            Use.TRAINING,
            granted(),
        ),
    ],
)
def test_the_oracle_catches_a_reader_that_grants_too_much(tags, use, decision):
    whole = {"License": V02, **tags}

    with pytest.raises(AssertionError):
        check_granted(whole, read_tags(whole).terms, use, decision)
