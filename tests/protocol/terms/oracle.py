"""A second, much simpler reading of tags, against which the first one is held.

It knows what tags may grant at most: for each use that the reader allows, one of the
tags as they were written must say so, for the same price, share and duty. It takes no
notice of slips, dialect remarks or versions; those only narrow.
"""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from assay.protocol.errors import Invalid
from assay.protocol.terms import (
    VERSIONS,
    Decision,
    Language,
    Terms,
    Use,
    decide,
    explain,
    parse_tags,
    read_tags,
    write_tags,
)

GRANTED, ON = date(2020, 2, 29), date(2024, 7, 1)
RIGHTS = {
    Use.DERIVATION: ("derivation", "derivations"),
    Use.COMMERCIAL: ("commercial-use",),
    Use.TRAINING: ("data-model-training",),
}
DUTIES = {
    "credit": "credit",
    "indication": "indicate-changes",
    "license-passthrough": "same-licence",
}
WINDOW = re.compile(r"(?:before|after)-[0-9]+-years-")
NUMBER = r"([0-9]+(?:\.[0-9]+)?)"
PRICED = re.compile(
    rf"allowed-with-(?:fee-)?(one-time|monthly)-(?:fee-)?{NUMBER}", re.IGNORECASE
)
SHARED = re.compile(rf"allowed-with-revenue-?share-{NUMBER}%?", re.IGNORECASE)

Answer = tuple[tuple[tuple[Decimal, str], ...], Decimal | None, tuple[str, ...]]


def check_tags(tags: Mapping[str, str]) -> None:
    """All that must hold of any tags at all; an AssertionError says what does not."""
    reading = read_tags(tags)
    terms = reading.terms
    assert read_tags(write_tags(terms)).terms == terms
    for language in Language:
        assert explain(terms, language=language)
        assert all(remark.said(language) for remark in reading.diagnostics)
    for use in Use:
        for days in ({}, {"on": ON, "granted": GRANTED}):
            decision = decide(terms, use, **days)
            assert decision.reasons
            if decision.allowed:
                check_granted(tags, terms, use, decision)


def check_text(text: str) -> None:
    """Any text is tags, or refused."""
    try:
        tags = parse_tags(text)
    except Invalid:
        return
    check_tags(tags)


def check_granted(
    tags: Mapping[str, str], terms: Terms, use: Use, decision: Decision
) -> None:
    """What was allowed stands in the tags, for no less than they ask."""
    written = {}
    for name, value in tags.items():
        written.setdefault(name.lower(), []).append(value)
    licences = written.get("license", [])
    assert len(licences) == 1
    assert licences[0] in VERSIONS
    check_end(written, decision)
    assert use is not Use.DISTRIBUTION
    if use is Use.ACCESS:
        check_access(written, decision)
    elif use is Use.UNKNOWN:
        assert "unknown-usage-rights" not in written
    elif use is Use.COMMERCIAL_DERIVATION:
        check_both(terms, decision)
    else:
        check_right(written, licences[0], use, decision)


def check_end(written: Mapping[str, list[str]], decision: Decision) -> None:
    for years in (*written.get("expiry", ()), *written.get("expires", ())):
        # With no days given the answer is no, so this one was asked with them.
        assert int(years) > ON.year - GRANTED.year


def check_access(written: Mapping[str, list[str]], decision: Decision) -> None:
    fees = [fee for fee in written.get("access-fee", []) if fee != "None"]
    asked = [PRICED.fullmatch(f"allowed-with-fee-{fee}") for fee in fees]
    assert [(p.amount, p.period.value) for p in decision.prices] == [
        (Decimal(fee[2]), fee[1].lower()) for fee in asked if fee
    ]
    if any(value.lower() != "public" for value in written.get("access", [])):
        assert decision.prices


def check_right(
    written: Mapping[str, list[str]], licence: str, use: Use, decision: Decision
) -> None:
    names = RIGHTS[use]
    said = [
        value
        for name, values in written.items()
        if WINDOW.sub("", name) in names
        for value in values
    ]
    answers = [answer for value in said if (answer := meaning(value)) is not None]
    if use is Use.DERIVATION and not any(name in written for name in names):
        assert VERSIONS[licence] == "0.2" or answers
        answers.append(((), None, ("noncommercial-only",)))
    if "license-attribution" in written and ((), None, ()) in answers:
        answers.append(((), None, ("credit",)))
    prices = tuple((p.amount, p.period.value) for p in decision.prices)
    for fee in written.get("license-fee", []) if use is Use.COMMERCIAL else ():
        if fee != "None":
            assert prices
            asked = PRICED.fullmatch(f"allowed-with-fee-{fee}")
            assert asked
            owed = (Decimal(asked[2]), asked[1].lower())
            assert owed in prices
            if (owed,) == prices and not any(a[0] == prices for a in answers):
                prices = ()
    assert (prices, decision.revenue_share, decision.duties) in answers
    if use is Use.TRAINING:
        assert VERSIONS[licence] == "0.2"
        assert set(written.get("license-ai-use", ["allow-train"])) == {"allow-train"}


def check_both(terms: Terms, decision: Decision) -> None:
    """It owes no less than each of the two rights alone does."""
    for part in (Use.COMMERCIAL, Use.DERIVATION):
        alone = decide(terms, part, on=ON, granted=GRANTED)
        assert alone.allowed
        assert set(alone.duties) <= set(decision.duties)
        assert (alone.revenue_share or 0) <= (decision.revenue_share or 0)
        owed = {price.period: price.amount for price in decision.prices}
        assert all(p.amount <= owed.get(p.period, 0) for p in alone.prices)


def meaning(value: str) -> Answer | None:
    """What one value grants at most; None when it grants nothing."""
    if value == "Allowed":
        return ((), None, ())
    if priced := PRICED.fullmatch(value):
        return (((Decimal(priced[2]), priced[1].lower()),), None, ())
    if shared := SHARED.fullmatch(value):
        return ((), Decimal(shared[1]), ())
    word = value.lower().removeprefix("allowed-with-").removesuffix("-0")
    return ((), None, (DUTIES[word],)) if word in DUTIES else None
