"""What real writers wrote is read as they meant it."""

from datetime import date
from decimal import Decimal

import pytest

from assay.protocol.terms import (
    ALLOWED,
    DENIED,
    NONCOMMERCIAL,
    WITH_CREDIT,
    Fee,
    PaymentMode,
    Period,
    Terms,
    Use,
    decide,
    for_fee,
    for_share,
    read_tags,
)
from tests.protocol.terms import vectors

GRANTED = date(2024, 5, 3)


def test_v1_a_bare_licence_gives_the_defaults():
    reading = read_tags(vectors.V1)

    assert reading.diagnostics == ()
    assert reading.terms == Terms(
        licence=vectors.V02,
        derivation=NONCOMMERCIAL,
        commercial_use=DENIED,
        training=DENIED,
    )
    assert decide(reading.terms, Use.ACCESS).allowed
    assert decide(reading.terms, Use.DERIVATION).allowed
    assert not decide(reading.terms, Use.TRAINING).allowed
    assert not decide(reading.terms, Use.COMMERCIAL).allowed
    assert not decide(reading.terms, Use.COMMERCIAL_DERIVATION).allowed


def test_v2_lower_case_names_set_every_field():
    reading = read_tags(vectors.V2)

    assert reading.diagnostics == ()
    assert reading.terms == Terms(
        licence=vectors.V02,
        access_fee=Fee(Decimal("1.5"), Period.ONE_TIME),
        derivation=for_share(Decimal("12.5")),
        commercial_use=for_fee(Decimal(20)),
        training=for_fee(Decimal(3), Period.MONTHLY),
        unknown_rights_excluded=True,
        expiry_years=5,
        currency="AR",
        payment_mode=PaymentMode.GLOBAL,
        payment_address=vectors.ADDRESS,
    )


def test_v3_title_case_is_the_same():
    assert vectors.V3.keys() != vectors.V2.keys()
    assert read_tags(vectors.V3) == read_tags(vectors.V2)


def test_v4_credit_is_free_and_owed():
    terms = read_tags(vectors.V4).checked()

    assert (terms.derivation, terms.commercial_use) == (WITH_CREDIT, WITH_CREDIT)
    decision = decide(terms, Use.COMMERCIAL_DERIVATION)
    assert decision.allowed
    assert decision.price is None
    assert decision.duties == ("credit",)
    assert decide(terms, Use.TRAINING).duties == ()


def test_v5_three_prices_stand_apart():
    terms = read_tags(vectors.V5).checked()

    for use in (Use.DERIVATION, Use.COMMERCIAL, Use.TRAINING):
        decision = decide(terms, use)
        assert (decision.price, decision.period) == (Decimal(1), Period.ONE_TIME)
    assert decide(terms, Use.COMMERCIAL_DERIVATION).price == Decimal(2)


def test_v6_open_use_is_free():
    terms = read_tags(vectors.V6).checked()

    assert (terms.derivation, terms.commercial_use, terms.training) == (ALLOWED,) * 3
    for use in set(Use) - {Use.DISTRIBUTION}:
        decision = decide(terms, use)
        assert decision.allowed
        assert decision.price is decision.revenue_share is None


@pytest.mark.parametrize("licence", [vectors.V01, vectors.V02, vectors.AKORD])
def test_v7_thirty_percent_for_two_years_then_ten(licence):
    terms = read_tags({**vectors.V7, "License": licence}).checked()

    def share(on):
        return decide(terms, Use.DERIVATION, on=on, granted=GRANTED).revenue_share

    assert share(GRANTED) == 30
    assert share(date(2026, 5, 2)) == 30
    assert share(date(2026, 5, 3)) == 10
    assert not decide(terms, Use.DERIVATION).allowed
    commercial = decide(terms, Use.COMMERCIAL)
    assert (commercial.price, commercial.period) == (Decimal(5), Period.MONTHLY)
    assert commercial.duties == ("credit",)


@pytest.mark.parametrize(
    ("tags", "fee"),
    [
        (vectors.V8_ONE_TIME, Fee(Decimal(1500), Period.ONE_TIME)),
        (vectors.V8_MONTHLY, Fee(Decimal(200), Period.MONTHLY)),
    ],
)
def test_v8_a_first_version_fee_and_term(tags, fee):
    reading = read_tags(tags)

    assert reading.terms == Terms(
        licence=vectors.V01,
        derivation=DENIED,
        licence_fee=fee,
        expiry_years=5,
        currency="AR",
    )
    assert [remark.code for remark in reading.diagnostics] == ["fee_without_use"]


def test_v10_the_studio_dialect_is_read_and_refuses_training():
    reading = read_tags(vectors.V10)

    assert reading.errors == ()
    assert reading.terms == Terms(
        licence=vectors.V02,
        access_fee=Fee(Decimal("0.001"), Period.ONE_TIME),
        derivation=for_fee(Decimal("0.01")),
        commercial_use=for_fee(Decimal("0.01")),
        training=DENIED,
        currency=vectors.V10["Currency"],
        payment_address=vectors.V10["Payment-Address"],
    )
    assert not decide(reading.terms, Use.TRAINING).allowed
    assert {remark.code for remark in reading.diagnostics} == {"dialect"}


def test_v12_no_training_tag_means_no_training():
    terms = read_tags(vectors.V12).checked()

    assert terms.derivation == for_share(Decimal(10))
    assert terms.commercial_use == ALLOWED
    assert not decide(terms, Use.TRAINING).allowed


def test_v13_two_licences_in_different_case_are_an_error():
    reading = read_tags(vectors.V13)

    assert [remark.code for remark in reading.errors] == ["duplicate"]
    assert not any(decide(reading.terms, use).allowed for use in Use)


def test_v14_a_zero_fee_is_an_error_and_no_grant():
    reading = read_tags(vectors.V14)

    assert [(remark.code, remark.tag) for remark in reading.errors] == [
        ("amount", "Commercial-Use")
    ]
    assert not decide(reading.terms, Use.COMMERCIAL).allowed


def test_v16_pay_per_view_is_paid_by_access_fee():
    terms = read_tags(vectors.V16).checked()

    assert terms.restricted
    assert terms.payment_mode is PaymentMode.GLOBAL
    decision = decide(terms, Use.ACCESS)
    assert (decision.price, decision.period) == (Decimal("0.5"), Period.ONE_TIME)
