"""Statements about models elsewhere: anyone makes them, they never change."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from assay.protocol.errors import Conflict, Invalid, LimitReached, NotFound
from assay.protocol.lineage import Relation
from catalogue import selectors, services
from catalogue.models import ExternalModel, Model
from catalogue.services import LineageRefused
from catalogue.services.stating import MAX_A_DAY
from ledger.services import ensure_asset
from tests.builders import models

pytestmark = [pytest.mark.database, pytest.mark.django_db]

DIGEST = "a" * 64


@pytest.fixture(autouse=True)
def _asset(db: None) -> None:
    ensure_asset("AST", 18)


def state(person: User, now: datetime, **changes: Any) -> ExternalModel:
    fields: dict[str, Any] = {
        "name": "bert",
        "source": "https://models.example/bert",
        "digest": DIGEST,
        "licence": "Apache-2.0",
    }
    return services.register_external_model(
        person=person, now=now, **{**fields, **changes}
    )


def test_anyone_states_and_everyone_sees_who_said_it(alice: User, now: datetime):
    made = state(alice, now)

    assert selectors.external_by_reference("ext:bert") == made
    (listed,) = selectors.external_models(query="models.example").items
    assert (listed.registered_by, listed.reference) == (alice, "ext:bert")


def test_the_same_statement_again_is_the_same_row(
    alice: User, bob: User, now: datetime
):
    assert state(bob, now) == state(alice, now)
    with pytest.raises(Conflict) as refusal:
        state(bob, now, licence="MIT")
    assert refusal.value.code == "external_name_taken"


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"name": "Bert"}, "name"),
        ({"source": "http://models.example/bert"}, "source"),
        ({"source": "https://models.example/a b"}, "source"),
        ({"source": "javascript:alert(1)"}, "source"),
        ({"source": "https://x/" + "y" * 500}, "source"),
        ({"digest": "A" * 64}, "digest"),
        ({"licence": "<b>"}, "licence"),
    ],
)
def test_a_statement_that_breaks_a_rule_is_refused(
    alice: User, now: datetime, changes: dict[str, Any], where: str
):
    with pytest.raises(Invalid) as refusal:
        state(alice, now, **changes)

    assert refusal.value.where == where
    assert not ExternalModel.objects.exists()


def test_a_person_states_so_much_a_day(alice: User, bob: User, now: datetime):
    for n in range(MAX_A_DAY):
        state(alice, now, name=f"m{n}")

    with pytest.raises(LimitReached):
        state(alice, now, name="more")
    state(bob, now, name="his")
    state(alice, now + timedelta(days=1), name="tomorrow")


def test_an_unregistered_one_is_not_found(db: None):
    with pytest.raises(NotFound):
        selectors.external_by_reference("ext:nothing")


def test_an_external_parent_is_kept_with_relation_and_duties(
    alice: User, bob: User, now: datetime
):
    elsewhere = state(alice, now)
    base = models.published(
        bob, "base", models.terms("Allowed", "Allowed-With-Credit"), now
    )

    child = services.create_model(
        owner=alice,
        draft=models.draft(
            alice,
            "child",
            parents=[base],
            external_parents=[elsewhere],
            relations={"ext:bert": Relation.DISTILLED},
        ),
        now=now,
    )

    outside = child.external_parents.get()
    assert (outside.external, outside.relation) == (elsewhere, "distilled")
    assert child.parents.get().relation == "fine_tune"
    assert selectors.carried_duties(child) == [
        ("credit", "bob/base"),
        ("credit", "ext:bert"),
        ("indicate-changes", "ext:bert"),
    ]


def test_what_an_external_licence_does_not_give_is_refused(alice: User, now: datetime):
    closed = state(alice, now, licence="CC-BY-NC-4.0")

    with pytest.raises(LineageRefused) as refusal:
        services.create_model(
            owner=alice,
            draft=models.draft(alice, "child", external_parents=[closed]),
            now=now,
        )

    assert refusal.value.code == "parent_forbids_derivation"
    assert "CC-BY-NC-4.0" in refusal.value.sentence
    assert refusal.value.conflicts[0].path == ("ext:bert",)
    assert not Model.objects.exists()


def test_duties_reach_a_grandchild(alice: User, bob: User, now: datetime):
    top = models.published(
        alice, "top", models.terms("Allowed-With-Credit", "Allowed"), now
    )
    middle = models.published(
        bob, "mid", models.terms("Allowed", "Allowed"), now, parents=[top]
    )
    low = models.published(
        bob, "low", models.terms("Allowed", "Allowed"), now, parents=[middle]
    )

    assert selectors.carried_duties(low) == [("credit", "alice/top")]


def test_a_lineage_that_no_payment_could_be_split_over_is_refused(
    alice: User, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("catalogue.services.deriving.MAX_LINEAGE", 3)
    model = models.published(alice, "m0", models.terms("Allowed", "Allowed"), now)
    for n in (1, 2):
        model = models.published(
            alice, f"m{n}", models.terms("Allowed", "Allowed"), now, parents=[model]
        )

    with pytest.raises(Invalid) as refusal:
        services.create_model(
            owner=alice, draft=models.draft(alice, "m3", parents=[model]), now=now
        )

    assert refusal.value.code == "lineage_too_large"
    assert "4 models" in refusal.value.sentence


def test_a_graph_hides_what_may_not_be_seen(alice: User, bob: User, now: datetime):
    hidden = services.create_model(
        owner=bob, draft=models.draft(bob, "hidden"), now=now
    )
    shown = models.published(
        bob, "shown", models.terms("Allowed", "Allowed"), now, parents=[hidden]
    )

    def references(viewer: User | None) -> set[str]:
        graph = selectors.lineage_of(shown, viewer).graph
        assert [(e.parent, e.child) for e in graph.edges] == [
            (str(hidden.pk), str(shown.pk))
        ]
        return {node.reference for node in graph.nodes}

    assert references(bob) == {"bob/shown", "bob/hidden"}
    assert references(alice) == {"bob/shown", ""}
