"""Every sentence is there in every language, with the same blanks."""

import re
from string import Formatter

import pytest

from assay.protocol.terms import (
    PRESETS,
    Condition,
    Duty,
    Language,
    Party,
    Period,
    Right,
    Side,
    Terms,
    Use,
    Verdict,
    decide,
    explain,
    read_tags,
)
from assay.protocol.terms.sentences import CATALOGUES
from tests.protocol.terms import vectors

ENGLISH, CHINESE = CATALOGUES[Language.ENGLISH], CATALOGUES[Language.CHINESE]
HAN = re.compile("[\u4e00-\u9fff]")


def blanks(sentence):
    return sorted(name for _, name, _, _ in Formatter().parse(sentence) if name)


def test_each_language_has_the_same_sentences():
    assert set(CATALOGUES) == set(Language)
    assert ENGLISH.keys() == CHINESE.keys()


@pytest.mark.parametrize("key", sorted(ENGLISH))
def test_a_sentence_has_the_same_blanks_in_each_language(key):
    assert blanks(ENGLISH[key]) == blanks(CHINESE[key])


@pytest.mark.parametrize("key", sorted(key for key in ENGLISH if ENGLISH[key]))
def test_chinese_is_chinese_and_english_is_not(key):
    words = re.sub("{.*?}", "", ENGLISH[key])
    assert HAN.search(CHINESE[key]) or not re.search("[a-z]{4}", words)
    assert not HAN.search(ENGLISH[key])


def test_every_word_that_is_put_together_has_its_sentence():
    wanted = {
        *(f"may.{right.value}" for right in Right),
        *(f"may-not.{right.value}" for right in Right),
        *(f"what.{right.value}" for right in Right),
        *(f"on.{c.value}" for c in Condition if c is not Condition.DENIED),
        *(f"price.{period.value}" for period in Period),
        *(f"window.{side.value}" for side in Side),
        *(f"duty.{duty.value}" for duty in Duty),
        *(f"use.{use.value}" for use in Use),
        *(f"verdict.{verdict.value}" for verdict in Verdict),
        *(f"preset.{name}.clause" for name in PRESETS),
    }

    assert wanted <= ENGLISH.keys()


def test_every_code_of_a_remark_can_be_said_in_chinese():
    hostile = [
        {},
        {"License": "x" * 43, "Commercial-Use": "?"},
        {"License": vectors.V01, "Data-Model-Training": "Allowed", "Expires": "0"},
        {"License": vectors.V01, "Commercial-Use": "Allowed-With-Fee-Monthly-1"},
        {"License": vectors.V02, "Acess-Fee": "1", "License-Fee": "Monthly-1"},
        {"License": vectors.V02, "Derivation": "After-2-Years-Allowed", "Title": "x"},
        {"License": vectors.V02, "Expiry": "1", "Expires": "2", "License-AI-Use": "no"},
        {"License": vectors.V02, "Expiry": "1", "Expires": "1"},
        {"License": vectors.V02, "License-Attribution": "required"},
        {"License": vectors.V02, "License-Currency": "MATIC"},
        {
            "License": vectors.V02,
            **{f"After-{n}-Years-Derivation": "" for n in range(1, 40)},
        },
        {f"Note-{n}": "" for n in range(300)},
        vectors.V10,
        vectors.V13,
        vectors.V14,
        {**vectors.V14, "License-Fee": "One-Time-1"},
        *(
            {
                "License": vectors.V02,
                "Commercial-Use": "Allowed-With-Fee-One-Time-1",
                "License-Fee": fee,
            }
            for fee in ("One-Time-1", "One-Time-2")
        ),
    ]
    remarks = [r for tags in hostile for r in read_tags(tags).diagnostics]
    codes = {remark.code for remark in remarks}

    assert {f"read.{code}" for code in codes} == {
        key for key in ENGLISH if key.startswith("read.")
    }
    for remark in remarks:
        assert HAN.search(remark.said(Language.CHINESE))
        assert remark.said(Language.ENGLISH) == remark.sentence


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_a_preset_is_explained_and_decided_in_chinese(name):
    terms = PRESETS[name].terms

    for use in Use:
        decision = decide(terms, use, language=Language.CHINESE)
        assert all(HAN.search(reason) for reason in decision.reasons)
        assert decision.verdict is decide(terms, use).verdict
    assert all(HAN.search(s) for s in explain(terms, language=Language.CHINESE))


def test_the_price_of_commercial_use_reads_as_chinese():
    decision = decide(
        PRESETS["paid-commercial"].terms, Use.COMMERCIAL, language=Language.CHINESE
    )

    [reason] = decision.reasons
    said = "Commercial-Use = Allowed-With-Fee-One-Time-100"
    assert reason == f"{said} 允许商业使用，费用为 100 U（一次性支付）。"
    licensor = decide(
        Terms(), Use.TRAINING, party=Party.LICENSOR, language=Language.CHINESE
    )
    assert licensor.reasons == ("这些条款约束他人：授予条款者本人无需许可。",)
