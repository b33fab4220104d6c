"""Decisions on single uses, prices and days."""

from datetime import date
from decimal import Decimal, localcontext

import pytest

from assay.protocol.errors import Invalid
from assay.protocol.terms import (
    ALLOWED,
    DENIED,
    PRESETS,
    V01,
    WITH_CREDIT,
    WITH_PASSTHROUGH,
    Condition,
    Fee,
    Grant,
    Party,
    Period,
    Right,
    Side,
    Terms,
    Use,
    Verdict,
    Window,
    WindowKey,
    anniversary,
    decide,
    explain,
    for_fee,
    for_share,
    read_tags,
    write_tags,
)

GRANTED = date(2024, 2, 29)


def window(right, side, years, grant):
    return Window(WindowKey(right, side, years), grant)


def test_whoever_granted_the_terms_needs_no_licence():
    closed = Terms(restricted=True, expiry_years=1)

    for use in Use:
        decision = decide(closed, use, party=Party.LICENSOR)
        assert decision.verdict is Verdict.ALLOWED
        assert decision.prices == ()


def test_a_use_that_nobody_knew_is_included_unless_it_is_excluded():
    assert decide(Terms(), Use.UNKNOWN).verdict is Verdict.ALLOWED
    excluded = decide(Terms(unknown_rights_excluded=True), Use.UNKNOWN)
    assert excluded.verdict is Verdict.DENIED
    assert excluded.reasons[0].startswith("Unknown-Usage-Rights = Excluded:")
    assert not decide(Terms(licence="", derivation=DENIED), Use.UNKNOWN).allowed


def test_fees_of_the_largest_size_are_added_and_not_refused():
    huge = for_fee(Decimal(10**48 - 1))

    decision = decide(
        Terms(derivation=huge, commercial_use=huge), Use.COMMERCIAL_DERIVATION
    )

    assert decision.price == 2 * (10**48 - 1)


@pytest.mark.parametrize(
    ("terms", "use", "tag"),
    [
        (Terms(commercial_use=WITH_CREDIT), Use.COMMERCIAL, "Commercial-Use = "),
        (Terms(), Use.COMMERCIAL, "No Commercial-Use"),
        (Terms(derivation=DENIED), Use.DERIVATION, "Derivation = Disallowed"),
        (Terms(), Use.DERIVATION, "Without a Derivation tag"),
        (Terms(), Use.TRAINING, "No Data-Model-Training"),
        (Terms(restricted=True), Use.ACCESS, "Access = Restricted"),
        (
            Terms(access_fee=Fee(Decimal(5), Period.MONTHLY)),
            Use.ACCESS,
            "Access-Fee = Monthly-5: access is granted for 5 U, paid every month.",
        ),
        (Terms(expiry_years=3), Use.ACCESS, "Expiry = 3"),
    ],
)
def test_a_reason_names_the_tag_that_it_comes_from(terms, use, tag):
    assert decide(terms, use).reasons[0].startswith(tag)


def test_distribution_is_never_granted():
    for preset in PRESETS.values():
        assert not decide(preset.terms, Use.DISTRIBUTION).allowed


def test_restricted_access_without_a_fee_is_closed():
    assert not decide(Terms(restricted=True), Use.ACCESS).allowed


def test_commercial_derivation_needs_both_rights():
    assert not decide(Terms(commercial_use=ALLOWED), Use.COMMERCIAL_DERIVATION).allowed
    assert not decide(Terms(derivation=ALLOWED), Use.COMMERCIAL_DERIVATION).allowed
    both = Terms(derivation=WITH_PASSTHROUGH, commercial_use=WITH_CREDIT)
    decision = decide(both, Use.COMMERCIAL_DERIVATION)
    assert decision.allowed
    assert set(decision.duties) == {"same-licence", "credit"}


def test_shares_of_both_rights_are_added_exactly():
    terms = Terms(
        derivation=for_share(Decimal("12.345678901234567890123")),
        commercial_use=for_share(Decimal("0.000000000000000000001")),
    )
    with localcontext() as context:
        context.prec = 5
        decision = decide(terms, Use.COMMERCIAL_DERIVATION)

    assert decision.revenue_share == Decimal("12.345678901234567890124")


def test_shares_beyond_the_whole_revenue_are_refused():
    terms = Terms(
        derivation=for_share(Decimal(60)), commercial_use=for_share(Decimal(50))
    )

    assert not decide(terms, Use.COMMERCIAL_DERIVATION).allowed


def test_a_price_once_and_a_price_a_month_are_both_owed_and_never_sold_as_one():
    terms = Terms(
        derivation=for_fee(Decimal(1)),
        commercial_use=for_fee(Decimal(1), Period.MONTHLY),
    )

    decision = decide(terms, Use.COMMERCIAL_DERIVATION)

    assert decision.prices == (
        (Decimal(1), Period.ONE_TIME),
        (Decimal(1), Period.MONTHLY),
    )
    with pytest.raises(Invalid, match="one by one") as refusal:
        _ = decision.price
    assert refusal.value.code == "terms_two_prices"


def test_terms_end_on_their_anniversary():
    terms = Terms(expiry_years=2)

    def allowed(on):
        return decide(terms, Use.ACCESS, on=on, granted=GRANTED).allowed

    assert allowed(date(2026, 2, 28))
    assert not allowed(date(2026, 3, 1))
    assert not allowed(date(2024, 2, 28))


def test_terms_that_end_need_a_day():
    decision = decide(Terms(expiry_years=2), Use.ACCESS)

    assert not decision.allowed
    assert "say the day" in decision.reasons[0]


def test_windows_hand_over_on_the_anniversary():
    key = Right.COMMERCIAL_USE
    terms = Terms(
        commercial_use=DENIED,
        windows=(
            window(key, Side.AFTER, 1, for_fee(Decimal(9))),
            window(key, Side.AFTER, 3, ALLOWED),
        ),
    )

    def decision(on):
        return decide(terms, Use.COMMERCIAL, on=on, granted=date(2020, 6, 1))

    assert not decision(date(2021, 5, 31)).allowed
    assert decision(date(2021, 6, 1)).price == 9
    assert decision(date(2023, 5, 31)).price == 9
    free = decision(date(2023, 6, 1))
    assert free.verdict is Verdict.ALLOWED
    assert free.reasons == (
        "After-3-Years-Commercial-Use = Allowed allows commercial use for free.",
    )


def test_a_before_window_ends_and_the_plain_grant_follows():
    terms = Terms(
        commercial_use=DENIED,
        windows=(window(Right.COMMERCIAL_USE, Side.BEFORE, 1, ALLOWED),),
    )

    def allowed(on):
        return decide(terms, Use.COMMERCIAL, on=on, granted=date(2020, 6, 1)).allowed

    assert allowed(date(2021, 5, 31))
    assert not allowed(date(2021, 6, 1))


def test_windows_that_contradict_on_a_day_grant_nothing():
    terms = Terms(
        windows=(
            window(Right.TRAINING, Side.AFTER, 1, ALLOWED),
            window(Right.TRAINING, Side.BEFORE, 3, for_fee(Decimal(1))),
        )
    )

    decision = decide(
        terms, Use.TRAINING, on=date(2022, 1, 1), granted=date(2020, 1, 1)
    )

    assert not decision.allowed
    assert "disagree" in decision.reasons[0]


def test_the_leap_day_has_its_anniversary_in_march():
    assert anniversary(GRANTED, 1) == date(2025, 3, 1)
    assert anniversary(GRANTED, 4) == date(2028, 2, 29)
    assert anniversary(GRANTED, 9999) is None


@pytest.mark.parametrize(
    "make",
    [
        lambda: Fee(Decimal(0), Period.MONTHLY),
        lambda: Fee(Decimal("NaN"), Period.MONTHLY),
        lambda: Fee(Decimal("Infinity"), Period.MONTHLY),
        lambda: Fee(Decimal("1E+999999"), Period.MONTHLY),
        lambda: Fee(Decimal("1E-999999"), Period.MONTHLY),
        lambda: for_share(Decimal("100.1")),
        lambda: Grant(Condition.FEE),
        lambda: Terms(training=WITH_CREDIT),
        lambda: Terms(expiry_years=0),
        lambda: Terms(licence="MIT"),
        lambda: Terms(licence=V01),
        lambda: Terms(licence=V01, derivation=DENIED, training=ALLOWED),
        lambda: Terms(
            licence=V01,
            derivation=DENIED,
            windows=(window(Right.TRAINING, Side.BEFORE, 1, DENIED),),
        ),
        lambda: Terms(
            commercial_use=for_fee(Decimal(1)),
            licence_fee=Fee(Decimal(1), Period.MONTHLY),
        ),
    ],
)
def test_terms_that_make_no_sense_cannot_exist(make):
    with pytest.raises(Invalid) as refusal:
        make()
    assert refusal.value.code.startswith("terms_")


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_a_preset_survives_writing_and_reading(name):
    terms = PRESETS[name].terms

    assert read_tags(write_tags(terms)).checked() == terms


def test_presets_keep_what_their_summaries_promise():
    def commercial(name):
        return decide(PRESETS[name].terms, Use.COMMERCIAL)

    assert commercial("open").allowed
    assert commercial("credit").duties == ("credit",)
    assert commercial("share-alike").revenue_share == 10
    assert commercial("paid-commercial").price == 100
    assert not commercial("research-only").allowed
    assert decide(PRESETS["research-only"].terms, Use.DERIVATION).duties == (
        "noncommercial-only",
    )


def test_presets_that_sell_something_give_no_unnamed_use_away():
    for name in ("share-alike", "paid-commercial", "research-only"):
        assert not decide(PRESETS[name].terms, Use.UNKNOWN).allowed
        assert "not known yet are reserved" in PRESETS[name].clause()


def test_an_explanation_reads_as_prose():
    terms = Terms(
        access_fee=Fee(Decimal("1.50"), Period.ONE_TIME),
        derivation=for_share(Decimal(30)),
        windows=(window(Right.DERIVATION, Side.AFTER, 2, for_share(Decimal(10))),),
        commercial_use=WITH_CREDIT,
        licence_fee=Fee(Decimal(5), Period.MONTHLY),
        expiry_years=1,
        currency="AR",
    )

    assert explain(terms) == [
        "The work is under the Universal Data License 0.2.",
        "You may copy and display it for 1.5 AR, paid once.",
        "You may change it and build on it for 30 % of the revenue you make with it.",
        (
            "From 2 years after the terms were granted: you may change it and build "
            "on it for 10 % of the revenue you make with it."
        ),
        "You may use it commercially, if you credit its makers.",
        "You may not train models on it.",
        "Commercial use costs 5 AR, paid every month.",
        "These terms end one year after they were granted.",
        "Payment goes to whoever published the work.",
    ]
