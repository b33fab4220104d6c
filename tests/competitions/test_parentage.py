"""What an entry's terms may say is told before it is sent, and held to when it is."""

from datetime import datetime
from typing import Any

import pytest

from accounts.models import User
from assay.protocol.errors import Invalid, NotFound, Refusal
from assay.protocol.terms import Use
from catalogue.models import ExternalModel, Model
from catalogue.services import register_external_model
from competitions.models import Competition
from competitions.services import parentage
from tests.builders import models, world

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def competition(alice: User, base: Model, now: datetime) -> Competition:
    """Open, sponsored by Alice; it asks for commercial use."""
    return world.open_competition(alice, base, now)


@pytest.fixture
def untrainable(steward: User, now: datetime) -> Model:
    """A model that may be built on, but that nobody may train on."""
    return models.published(
        steward, "untrainable", models.terms("Allowed", "Allowed"), now
    )


@pytest.fixture
def elsewhere(bob: User, now: datetime) -> ExternalModel:
    """A statement about a model under Apache-2.0."""
    return register_external_model(
        person=bob,
        name="bert",
        source="https://models.example/bert",
        digest="a" * 64,
        licence="apache-2.0",
        now=now,
    )


def ask(
    miner: User, competition: Competition, now: datetime, **changes: Any
) -> parentage.Preview:
    fields: dict[str, Any] = {"kind": "full", "parents": [], "terms": world.PAID_TERMS}
    return parentage.preview(
        miner=miner, competition=competition, now=now, **{**fields, **changes}
    )


def test_the_base_models_terms_and_the_licence_rule_are_the_parties(
    bob: User, competition: Competition, now: datetime
):
    found = ask(bob, competition, now)

    assert found.conflicts == ()
    assert found.left.required == (Use.COMMERCIAL,)
    assert found.left.commercial
    assert found.owed == [("steward/tiny-bert", "10")]


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        (models.terms(), "terms_break_licence_rule"),
        (
            models.terms("Allowed", **{"Data-Model-Training": "Allowed"}),
            "parent_forbids_training",
        ),
    ],
)
def test_what_is_foretold_is_what_happens(
    bob: User,
    competition: Competition,
    untrainable: Model,
    now: datetime,
    terms: dict[str, str],
    code: str,
):
    said = {"terms": terms, "parents": [untrainable.reference]}
    foretold = ask(bob, competition, now, **said)

    with pytest.raises(Refusal) as refusal:
        world.submit(bob, competition, now, seed=1, **said)

    assert foretold.conflicts[0].code == code
    assert refusal.value.code == code
    assert refusal.value.sentence.startswith(foretold.conflicts[0].sentence)


def test_parents_here_and_elsewhere_are_kept_with_their_relations(
    bob: User, competition: Competition, elsewhere: ExternalModel, now: datetime
):
    made = world.submit(
        bob,
        competition,
        now,
        seed=1,
        parents=["steward/tiny-bert:merge", "ext:bert:distilled"],
    )

    assert made.model.parents.get().relation == "merge"
    outside = made.model.external_parents.get()
    assert (outside.external, outside.relation) == (elsewhere, "distilled")


@pytest.mark.parametrize(
    ("parents", "code"),
    [
        (["steward/tiny-bert:child"], "relation_unknown"),
        (["steward/tiny-bert", "steward/tiny-bert:merge"], "manifest_twice"),
        (["ext:unknown"], "external_model_not_found"),
        (["steward/unknown"], "model_not_found"),
    ],
)
def test_parents_that_cannot_be_are_refused_alike_before_and_at_entry(
    bob: User, competition: Competition, now: datetime, parents: list[str], code: str
):
    with pytest.raises((Invalid, NotFound)) as foretold:
        ask(bob, competition, now, parents=parents)
    with pytest.raises(Refusal) as refusal:
        world.submit(bob, competition, now, seed=1, parents=parents)

    assert foretold.value.code == refusal.value.code == code
