"""Other licences: what is known of them, and what of that tags may say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.protocol.errors import Invalid, TooLarge
from assay.protocol.licences import (
    HUB_IDS,
    LICENCES,
    Demand,
    Facts,
    known_licence,
    merged,
    read_expression,
    translate,
)
from assay.protocol.terms import (
    ALLOWED,
    WITH_CREDIT,
    Duty,
    Use,
    decide,
    read_tags,
    write_tags,
)

OWED = {
    Demand.CREDIT: Duty.CREDIT,
    Demand.INDICATE_CHANGES: Duty.INDICATE_CHANGES,
}
names = st.sampled_from(sorted(LICENCES))
expressions = st.recursive(
    names.filter(lambda name: name != "openrail++") | st.just("LicenseRef-mine"),
    lambda inner: st.tuples(inner, st.sampled_from(["AND", "OR"]), inner).map(
        lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"
    ),
    max_leaves=5,
)


def granted_by(facts: Facts, use: Use, duties: set[str]) -> bool:
    """Whether the licence itself allows the use for these duties alone."""
    changed = all(OWED.get(demand) in duties for demand in facts.demands)
    kept = Demand.CREDIT not in facts.demands or Duty.CREDIT in duties
    nothing_owed = not facts.demands
    rules = {
        Use.ACCESS: nothing_owed,
        Use.DISTRIBUTION: False,
        Use.COMMERCIAL: facts.commercial is True and kept,
        Use.DERIVATION: facts.derivatives is True
        and changed
        and (facts.commercial is True or Duty.NONCOMMERCIAL_ONLY in duties),
        Use.COMMERCIAL_DERIVATION: facts.derivatives is True
        and facts.commercial is True
        and changed,
        Use.TRAINING: facts.training is True and nothing_owed,
        Use.UNKNOWN: facts.commercial is True and nothing_owed,
    }
    limited = facts.use_limits or facts.user_threshold or facts.revenue_threshold
    return rules[use] and not limited


@pytest.mark.parametrize("name", sorted(LICENCES))
def test_a_translation_never_grants_more_than_the_licence(name: str):
    found = translate([LICENCES[name]])

    if found is None:
        return
    assert read_tags(write_tags(found.terms)).checked() == found.terms
    for use in Use:
        decision = decide(found.terms, use)
        if decision.allowed:
            assert granted_by(LICENCES[name], use, set(decision.duties)), use


@given(expressions)
def test_an_expression_never_grants_more_than_one_of_its_alternatives(expression: str):
    alternatives = read_expression(expression)
    found = translate(alternatives.options)

    if found is None:
        return
    assert found.facts in alternatives.options
    for use in Use:
        decision = decide(found.terms, use)
        if decision.allowed:
            assert granted_by(found.facts, use, set(decision.duties)), use


def test_a_waiver_is_said_whole():
    found = translate([LICENCES["CC0-1.0"]])

    assert found is not None
    assert found.is_whole
    assert found.terms.training == found.terms.derivation == ALLOWED
    for use in set(Use) - {Use.DISTRIBUTION}:
        assert decide(found.terms, use).allowed


def test_credit_on_every_copy_closes_what_no_tag_can_say():
    found = translate([LICENCES["MIT"]])

    assert found is not None
    assert found.terms.derivation == found.terms.commercial_use == WITH_CREDIT
    assert not decide(found.terms, Use.ACCESS).allowed
    assert not decide(found.terms, Use.TRAINING).allowed
    assert len(found.lost) == 2


@pytest.mark.parametrize("name", ["llama3.1", "openrail", "gemma", "other", "bsd"])
def test_what_limits_purposes_or_users_or_is_unread_has_no_terms(name: str):
    assert translate([LICENCES[name]]) is None


def test_machine_relevant_facts_of_model_licences():
    llama = known_licence("Llama3.1")
    rail = known_licence("creativeml-openrail-m")

    assert llama is not None
    assert (llama.commercial, llama.user_threshold) == (True, 700_000_000)
    assert Demand.NAMING in llama.demands
    assert rail is not None
    assert rail.use_limits
    assert Demand.FLOW_DOWN in rail.demands
    assert not rail.share_alike
    assert LICENCES["GPL-3.0-only"].share_alike
    assert LICENCES["CC-BY-NC-4.0"].commercial is False


@pytest.mark.parametrize("name", sorted(LICENCES))
def test_every_known_licence_names_its_source(name: str):
    facts = LICENCES[name]

    assert facts.source.startswith("https://") or not facts.is_known


@pytest.mark.parametrize("name", sorted(HUB_IDS))
def test_every_id_of_the_hub_has_an_entry(name: str):
    assert known_licence(name) is not None


def test_all_that_binds_together_is_the_narrowest_of_each():
    both = merged([LICENCES["CC-BY-4.0"], LICENCES["CC-BY-NC-4.0"], LICENCES["llama2"]])

    assert both.commercial is False
    assert both.derivatives is True
    assert both.training is False
    assert both.user_threshold == 700_000_000
    assert both.use_limits
    assert merged([LICENCES["MIT"], LICENCES["other"]]).commercial is None


@pytest.mark.parametrize(
    ("expression", "options"),
    [
        ("mit", ["MIT"]),
        ("MIT OR Apache-2.0", ["MIT", "Apache-2.0"]),
        ("MIT AND (CC0-1.0 OR ISC)", ["MIT AND CC0-1.0", "MIT AND ISC"]),
        ("GPL-2.0+", ["GPL-2.0+"]),
        ("Apache-2.0 WITH LLVM-exception", ["Apache-2.0"]),
        ("Apache-2.0 WITH Commons-Clause", ["Apache-2.0 WITH Commons-Clause"]),
        ("LicenseRef-MIT-Bootstrap", ["LicenseRef-MIT-Bootstrap"]),
        ("MIT AND LicenseRef-Apache", ["MIT AND LicenseRef-Apache"]),
        ("no-such-licence", ["no-such-licence"]),
    ],
)
def test_expressions_are_choices_of_what_binds_together(
    expression: str, options: list[str]
):
    assert [option.name for option in read_expression(expression).options] == options


def test_a_restriction_in_the_place_of_an_exception_grants_nothing():
    assert translate(read_expression("MIT WITH Commons-Clause").options) is None
    assert translate(read_expression("MIT AND LicenseRef-Apache").options) is None


@pytest.mark.parametrize(
    "expression", ["MIT AND", "(MIT", "", "MIT ISC", "((((" * 100, "%%%"]
)
def test_what_is_no_expression_is_refused(expression: str):
    with pytest.raises(Invalid) as refusal:
        read_expression(expression)
    assert refusal.value.code == "licence_expression"


def test_expressions_are_bounded():
    wide = " AND ".join(["(MIT OR ISC)"] * 10)

    for large in (wide, "MIT OR " * 200 + "MIT"):
        with pytest.raises(TooLarge) as refusal:
            read_expression(large)
        assert refusal.value.code == "licence_expression_large"


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str):
    try:
        found = read_expression(text)
    except Invalid:
        return
    assert found.options
