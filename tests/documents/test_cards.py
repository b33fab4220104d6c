"""Model cards: what is written is read back, and keeps the Hub's rules."""

import pytest
from huggingface_hub import ModelCard
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.documents.cards import MAX_BLANK, MAX_CARD, check_card, read_card, write_card
from assay.protocol.errors import Invalid
from assay.protocol.terms import read_tags, write_tags
from tests.documents.records import record
from tests.protocol.terms.strategies import terms


def test_a_card_tells_the_hub_what_it_asks_for():
    data = ModelCard(write_card(record())).data

    assert data.license == "other"
    assert data.license_name == "udl-0.2"
    assert data.license_link == "https://assay.example/models/maya/router"
    assert data.base_model == ["open-models/minilm", "bob/secret"]
    assert data.get("base_model_relation") == "merge"
    assert data.tags == ["udl"]


@pytest.mark.parametrize(
    ("kind", "parents", "relation"),
    [("full", 1, "finetune"), ("adapter", 1, "adapter"), ("full", 0, None)],
)
def test_the_relation_follows_from_kind_and_parents(
    kind: str, parents: int, relation: str | None
):
    model = record(kind=kind, parents=record().parents[:parents])

    assert check_card(write_card(model)).get("base_model_relation") == relation


def test_a_card_says_terms_and_origin_to_whoever_reads_it():
    found = read_card(write_card(record()))

    assert found.tags == record().terms
    assert (found.model, found.digest) == ("maya/router", "a" * 64)
    assert found.page == record().page
    assert found.granted == record().granted.date()
    assert [(p.reference, p.digest) for p in found.parents] == [
        ("open-models/minilm", "b" * 64),
        ("bob/secret", ""),
    ]


@given(terms().filter(lambda found: found.version is not None))
@settings(max_examples=50)
def test_any_terms_survive_the_card(written):
    found = read_card(write_card(record(terms=write_tags(written))))

    assert found.tags is not None
    assert read_tags(found.tags).terms == written


def test_the_makers_text_and_plain_facts_stay_and_their_licence_does_not():
    own = (
        "---\nlicense: mit\nlanguage: en\ndatasets: [banking77]\nudl: {License: x}\n"
        "base_model: someone/else\n---\n# Router\n\nRoutes.\n"
    )

    card = write_card(record(card=own))
    block = check_card(card)

    assert block["license"] == "other"
    assert block["language"] == "en"
    assert block["datasets"] == ["banking77"]
    assert block["base_model"] == ["open-models/minilm", "bob/secret"]
    assert read_card(card).tags == record().terms
    assert "Routes." in card
    assert "owes" not in card or "10 %" in card


@pytest.mark.parametrize(
    "own",
    [
        "---\n[: bad\n---\ntext",
        "---\na: &x [1]\nb: [*x, *x]\n---\ntext",
        "---\n" + "- " * 5000 + "x\n---\ntext",
        "---\n!!python/object/apply:os.system ['true']\n---\ntext",
        "---\n? [1]\n: 2\n---\ntext",
        "---\n- list\n---\ntext",
        "---\nnever closed",
        "---\n" + "\n" * 9000 + "---\ntext",
        "\ufeff---\nlanguage: {a: {b: c}}\n---\ntext",
    ],
)
def test_a_hostile_block_of_the_makers_does_no_harm(own: str):
    card = write_card(record(card=own))

    assert read_card(card).tags == record().terms


@pytest.mark.parametrize(
    ("card", "code"),
    [
        ("---\nlicense: my-own\n---\n", "card_licence"),
        ("---\nlicense: [mit]\n---\n", "card_licence"),
        ("---\nlicense: other\n---\n", "card_licence_name"),
        ("---\nlicense: other\nlicense_name: No Spaces\n---\n", "card_licence_name"),
        ("---\nbase_model_relation: child\n---\n", "card_relation"),
        ("---\nbase_model: [1]\n---\n", "card_base_model"),
        ("---\na: *b\n---\n", "card_block"),
        ("---\na: &b 1\n---\n", "card_block"),
        ("---\n- a\n---\n", "card_block"),
        ("---\n" + "\n" * MAX_BLANK + "a: 1\n---\n", "card_block"),
        ("---\n" + "[" * 4000 + "\n---\n", "card_block"),
        ("---\n#" + "x" * 20_000 + "\n---\n", "card_large"),
        ("x" * (MAX_CARD + 1), "card_large"),
        ("---\nudl: {Expiry: 5}\n---\n", "terms_not_text"),
    ],
)
def test_a_card_that_breaks_a_rule_is_refused(card: str, code: str):
    with pytest.raises(Invalid) as refusal:
        read_card(card)
    assert refusal.value.code == code


@pytest.mark.parametrize("card", ["", "# Only text", "---\n---\n", "---\nlicense: mit"])
def test_a_card_without_a_block_says_nothing(card: str):
    found = read_card(card)

    assert (found.tags, found.licence) == (None, "")


def test_another_licence_is_read_by_its_id():
    assert read_card("---\nlicense: llama3.1\n---\n").licence == "llama3.1"
    named = "---\nlicense: other\nlicense_name: udl-0.2\nbase_model: a/b\n---\n"
    found = read_card(named)
    assert (found.licence, found.tags) == ("udl-0.2", None)
    assert found.parents[0].reference == "a/b"


def test_terms_in_error_are_not_handed_on():
    with pytest.raises(Invalid) as refusal:
        write_card(record(terms={"License": "x" * 43}))
    assert refusal.value.code == "terms_licence_unknown"


@given(st.text(max_size=300))
@settings(max_examples=300)
def test_any_text_is_read_or_refused(text: str):
    for content in (text, f"---\n{text}\n---\n"):
        try:
            read_card(content)
        except Invalid:
            continue
