"""Dialects, versions and contradictions."""

from decimal import Decimal

import pytest

from assay.protocol.errors import Invalid
from assay.protocol.terms import (
    ALLOWED,
    DENIED,
    V01,
    V02,
    WITH_CREDIT,
    WITH_INDICATION,
    WITH_PASSTHROUGH,
    PaymentMode,
    Period,
    Terms,
    Use,
    decide,
    for_fee,
    for_share,
    read_tags,
    write_tags,
)


def codes(reading):
    return [remark.code for remark in reading.diagnostics]


@pytest.mark.parametrize(
    ("value", "grant"),
    [
        ("Allowed-With-Credit-0", WITH_CREDIT),
        ("Allowed-With-Indication-0", WITH_INDICATION),
        ("Allowed-With-License-Passthrough-0", WITH_PASSTHROUGH),
        ("Allowed-With-Revenue-Share-7.5", for_share(Decimal("7.5"))),
        ("Allowed-With-Monthly-Fee-2", for_fee(Decimal(2), Period.MONTHLY)),
        ("Allowed-With-One-Time-Fee-2", for_fee(Decimal(2))),
        ("Disallowed", DENIED),
        ("None", DENIED),
    ],
)
def test_studio_values_are_read(value, grant):
    reading = read_tags({"License": V02, "Derivations": value})

    assert reading.terms.derivation == grant
    assert reading.errors == ()


@pytest.mark.parametrize(
    "value",
    [
        "Allowed-With-Credit-1",
        "Allowed-With-RevenueShare-101%",
        "Allowed-With-RevenueShare-0%",
        "Allowed-With-RevenueShare-10",
        "Allowed-With-Fee-One-Time-",
        "Allowed-With-Fee-One-Time-01",
        "Allowed-With-Fee-One-Time-1,000",
        "Allowed-With-Fee-One-Time-" + "9" * 60,
        "allowed",
        "Allowed ",
        "Allowed\n",
        "",
    ],
)
def test_a_value_outside_the_grammar_denies_the_right(value):
    reading = read_tags({"License": V02, "Derivation": value})

    assert reading.terms.derivation == DENIED
    assert len(reading.errors) == 1
    with pytest.raises(Invalid) as refusal:
        reading.checked()
    assert refusal.value.where == "Derivation"


def test_credit_for_training_is_no_value_of_that_tag():
    reading = read_tags({"License": V02, "Data-Model-Training": "Allowed-With-Credit"})

    assert codes(reading) == ["value"]
    assert not decide(reading.terms, Use.TRAINING).allowed


def test_studio_payment_modes_are_read():
    for word, mode in [
        ("Single", PaymentMode.ADDRESS),
        ("Random", PaymentMode.RANDOM),
        ("Global", PaymentMode.GLOBAL),
    ]:
        assert read_tags({"License": V02, "Payment-Mode": word}).terms == Terms(
            payment_mode=mode
        )


def test_two_spellings_that_agree_are_one_tag():
    reading = read_tags(
        {
            "License": V02,
            "Derivation": "Allowed-With-Fee-One-Time-1",
            "Derivations": "Allowed-With-One-Time-Fee-1.0",
        }
    )

    assert reading.terms.derivation == for_fee(Decimal(1))
    assert "two_spellings" in codes(reading)


def test_two_spellings_that_disagree_grant_nothing():
    reading = read_tags(
        {"License": V02, "Derivation": "Allowed", "Derivations": "Disallowed"}
    )

    assert [remark.code for remark in reading.errors] == ["conflict"]
    assert reading.terms.derivation == DENIED


def test_expires_and_expiry_are_the_same_tag():
    assert read_tags({"License": V02, "Expires": "3"}).terms.expiry_years == 3
    assert read_tags({"License": V01, "Expiry": "3"}).terms.expiry_years == 3


def test_the_first_version_knows_no_training():
    reading = read_tags({"License": V01, "Data-Model-Training": "Allowed"})

    assert codes(reading) == ["not_in_version"]
    assert reading.terms.training == DENIED


def test_a_newer_value_under_the_first_version_is_read_with_a_warning():
    reading = read_tags({"License": V01, "Derivation": "Allowed"})

    assert codes(reading) == ["newer_value"]
    assert reading.terms.derivation == ALLOWED


def test_a_licence_fee_that_repeats_the_grant_is_owed_once():
    reading = read_tags(
        {
            "License": V02,
            "Commercial-Use": "Allowed-With-Fee-One-Time-5",
            "License-Fee": "One-Time-5",
        }
    )

    assert codes(reading) == ["fee_twice"]
    assert decide(reading.terms, Use.COMMERCIAL).price == 5


def test_a_licence_fee_that_contradicts_the_grant_closes_commercial_use():
    reading = read_tags(
        {
            "License": V02,
            "Commercial-Use": "Allowed-With-Fee-One-Time-5",
            "License-Fee": "One-Time-6",
        }
    )

    assert codes(reading) == ["two_fees"]
    assert not decide(reading.terms, Use.COMMERCIAL).allowed


def test_a_window_written_as_a_value_is_warned_of_and_grants_nothing():
    reading = read_tags(
        {"License": V02, "Derivation": "After-2-Years-Allowed-With-Credit"}
    )

    assert codes(reading) == ["window_as_value"]
    assert reading.terms.derivation == DENIED


def test_a_denial_elsewhere_closes_training():
    reading = read_tags(
        {"License": V02, "Data-Model-Training": "Allowed", "License-AI-Use": "deny"}
    )

    assert codes(reading) == ["denied_elsewhere"]
    assert not decide(reading.terms, Use.TRAINING).allowed


def test_another_licence_text_grants_nothing_here():
    reading = read_tags(
        {
            "License": "XaIMRBMNqTUlHa_hzypkopfRFyAKqit-AWo-OxwIxoo",
            "Derivation": "Allowed",
        }
    )

    assert [remark.code for remark in reading.errors] == ["licence_unknown"]
    assert not any(decide(reading.terms, use).allowed for use in Use)
    assert write_tags(reading.terms)["Derivation"] == "Allowed"


def test_an_unreadable_payee_closes_what_costs_and_leaves_what_is_free():
    reading = read_tags(
        {
            "License": V02,
            "Derivation": "Allowed-With-Credit",
            "Commercial-Use": "Allowed-With-RevenueShare-5%",
            "Payment-Address": "two words",
        }
    )

    assert decide(reading.terms, Use.DERIVATION).allowed
    assert not decide(reading.terms, Use.COMMERCIAL).allowed


def test_amounts_keep_every_digit():
    amount = "123456789012345678901234567890.123456789012345678901234"
    tags = {"License": V02, "Access-Fee": f"Monthly-{amount}"}

    assert write_tags(read_tags(tags).terms) == tags


def test_too_many_tags_license_nothing():
    tags = {"License": V02, **{f"Note-{n}": "x" for n in range(300)}}

    reading = read_tags(tags)

    assert [remark.code for remark in reading.errors] == ["too_many_tags"]
    assert not any(decide(reading.terms, use).allowed for use in Use)


# What StreamVault writes beside the canonical tags.
BESIDE = {
    "License": V02,
    "Derivation": "Allowed",
    "Derivations": "Allowed",
    "Commercial-Use": "Allowed",
    "License-Fee": "One-Time-2",
    "Access-Fee": "One-Time-2",
    "Data-Model-Training": "Allowed",
    "Currency": "MATIC",
    "Payment-Address": "0xabc",
    "License-URI": "ar://text",
    "License-Use": "stream,download",
    "License-AI-Use": "allow-train",
    "License-Fee-Unit": "one-time",
    "License-Currency": "MATIC",
    "License-Fee-Recipient": "0xabc",
    "License-Attribution": "optional",
    "License-Revshare-Bps": "500",
}


def test_streamvault_is_read_where_it_agrees_with_itself():
    reading = read_tags(BESIDE)

    assert reading.errors == ()
    assert reading.terms.currency == "MATIC"
    assert decide(reading.terms, Use.COMMERCIAL).price == 2
    assert decide(reading.terms, Use.ACCESS).price == 2
    assert decide(reading.terms, Use.TRAINING).allowed
    assert read_tags(write_tags(reading.terms)).terms == reading.terms


@pytest.mark.parametrize(
    ("name", "value", "closed"),
    [
        ("License-AI-Use", "allow-generate", {Use.TRAINING}),
        ("License-AI-Use", "Deny", {Use.TRAINING}),
        (
            "License-Fee-Unit",
            "per-stream",
            {Use.COMMERCIAL, Use.COMMERCIAL_DERIVATION},
        ),
        (
            "License-Currency",
            "USDC",
            {Use.ACCESS, Use.COMMERCIAL, Use.COMMERCIAL_DERIVATION},
        ),
        (
            "License-Fee-Recipient",
            "0xdef",
            {Use.ACCESS, Use.COMMERCIAL, Use.COMMERCIAL_DERIVATION},
        ),
    ],
)
def test_what_streamvault_says_beside_the_tags_only_narrows(name, value, closed):
    before, after = read_tags(BESIDE).terms, read_tags({**BESIDE, name: value}).terms

    changed = {
        use for use in Use if decide(before, use).allowed != decide(after, use).allowed
    }
    assert changed == closed
    assert not any(decide(after, use).allowed for use in closed)


def test_streamvault_s_demand_for_credit_is_owed():
    reading = read_tags({**BESIDE, "License-Attribution": "required"})

    assert decide(reading.terms, Use.DERIVATION).duties == ("credit",)
    assert decide(reading.terms, Use.COMMERCIAL).duties == ("credit",)
    assert not decide(reading.terms, Use.TRAINING).allowed


def test_words_of_access_and_payment_are_read_in_upper_case_as_one_reader_compares():
    tags = {
        "License": V02,
        "Access": "RESTRICTED",
        "Access-Fee": "One-Time-1",
        "Payment-Mode": "GLOBAL-DISTRIBUTION",
    }

    reading = read_tags(tags)

    assert reading.terms.restricted
    assert reading.terms.payment_mode is PaymentMode.GLOBAL
    assert [remark.understood for remark in reading.diagnostics] == [
        "Access = Restricted",
        "Payment-Mode = Global-Distribution",
    ]
    loud = read_tags({"License": V02, "Commercial-Use": "ALLOWED"})
    assert not decide(loud.terms, Use.COMMERCIAL).allowed


def test_a_remark_says_what_was_understood():
    tags = {"License": V02, "Derivations": "Allowed-With-One-Time-Fee-0.01"}

    [remark] = read_tags(tags).diagnostics

    assert remark.understood == "Derivation = Allowed-With-Fee-One-Time-0.01"
