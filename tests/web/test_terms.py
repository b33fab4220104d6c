"""The page about terms: presets for everybody, and pasted tags answered."""

import pytest
from django.test import Client

from assay.protocol.terms import PRESETS, V02, Choices, Language, build
from assay.protocol.terms.tagtext import MAX_TEXT
from ledger.wallets import platform_asset

pytestmark = pytest.mark.django_db
FEE = "Allowed-With-Fee-One-Time-25"


def pasted(text: str, **rest: str) -> str:
    response = Client().post("/terms", {"tags": text, **rest})
    assert response.status_code == 200, response.content
    return response.content.decode()


@pytest.mark.parametrize("language", list(Language))
def test_every_preset_is_shown_with_its_sentence_in_each_language(language: Language):
    page = Client().get("/terms", {"language": language.value}).content.decode()

    for name in PRESETS:
        here = build(name, Choices(currency=platform_asset().symbol))
        assert here.clause(language) in page
        assert f"--preset {name}" in page
    [other] = set(Language) - {language}
    assert f'href="?language={other.value}"' in page


def test_an_unknown_language_is_english():
    assert "Open use" in Client().get("/terms?language=xx").content.decode()


def test_pasted_tags_are_said_in_plain_words_and_decided():
    text = f'License = "{V02}"\nCommercial-Use = "{FEE}"\n'

    page = pasted(text, use="commercial")

    assert "Allowed, with conditions" in page
    assert "25 U, paid once" in page
    assert "You may use it commercially for 25 U, paid once." in page


def test_the_answer_can_be_in_chinese():
    page = pasted(f'{{"License": "{V02}"}}', use="training", language="zh-Hans")

    assert "不允许" in page
    assert 'lang="zh-Hans"' in page


def test_days_are_counted_from_when_the_terms_began():
    text = f'License = "{V02}"\nExpiry = "2"\n'

    inside = pasted(text, use="access", on="2026-02-27", granted="2024-02-28")
    past = pasted(text, use="access", on="2026-02-28", granted="2024-02-28")

    assert "the terms ended" not in inside
    assert "Expiry = 2: the terms ended on 2026-02-28." in past


def test_a_slip_is_named_and_nothing_that_was_pasted_is_obeyed_by_the_page():
    page = pasted(f'License = "{V02}"\n"<script>x</script>" = "1"\nAcess-Fee = "5"')

    assert "<script>x" not in page
    assert "close to &#x27;Access-Fee&#x27;" in page


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("no tags", "cannot be read"),
        ("a = 1", "value is a text"),
        ('{"License": "a", "License": "b"}', "there twice"),
        ("[" * 5000, "cannot be read"),
        ("x" * (MAX_TEXT + 1), "at most"),
    ],
)
def test_what_cannot_be_read_is_said_beside_the_field(text: str, code: str):
    response = Client().post("/terms", {"tags": text})

    assert response.status_code in {413, 422}
    assert code in response.content.decode()
