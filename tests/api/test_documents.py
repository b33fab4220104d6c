"""Cards and bills of materials of models, as anyone may fetch them."""

from datetime import datetime

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from accounts.models import User
from assay.documents.boms import read_bom
from assay.documents.cards import read_card
from assay.protocol.terms import PRESETS, write_tags
from catalogue.models import Model
from catalogue.services import ModelDraft, create_model, publish
from storage.services import store_bytes
from tests.api.world import Door, door_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def derived(alice: User, bob: User, now: datetime) -> Model:
    """Bob's published model, from alice's that is not published."""

    def made(owner: User, name: str, parents: list[Model]) -> Model:
        blob = store_bytes(owner=owner, content=name.encode())
        draft = ModelDraft(
            name=name,
            kind="full",
            files={"model.safetensors": blob},
            terms=write_tags(PRESETS["share-alike"].terms),
            shares=[(owner, 1)],
            parents=parents,
            card="---\nlicense: mit\nlanguage: en\n---\n# Mine",
            architecture="BertForSequenceClassification",
        )
        return create_model(owner=owner, draft=draft, now=now)

    hidden = made(alice, "hidden", [])
    child = made(bob, "router", [hidden])
    publish(model=child, now=now)
    return child


def test_a_card_carries_terms_origin_and_the_makers_words(derived: Model):
    response = Door().call("GET", "/api/models/bob/router/card")

    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/markdown")
    assert 'filename="README.md"' in response.headers["Content-Disposition"]
    card = response.content.decode()
    found = read_card(card)
    assert found.tags == derived.terms
    assert found.digest == derived.manifest_digest
    assert "license: mit" not in card
    assert "# Mine" in card


def test_a_bill_of_materials_is_valid_and_hides_what_is_not_published(derived: Model):
    response = Door().call("GET", "/api/models/bob/router/bom")

    text = response.content.decode()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    found = read_bom(text)
    assert found.tags == derived.terms
    assert found.parents[0].reference == "alice/hidden"
    assert found.parents[0].digest == ""


def test_a_parents_digest_is_told_once_it_is_published(derived: Model, now: datetime):
    hidden = derived.parents.get().parent
    before = Door().call("GET", "/api/models/bob/router").json()["parents"]
    publish(model=hidden, now=now)
    after = Door().call("GET", "/api/models/bob/router").json()["parents"]

    assert before[0]["digest"] == ""
    assert after[0]["digest"] == hidden.manifest_digest
    assert (
        read_card(Door().call("GET", "/api/models/bob/router/card").content.decode())
        .parents[0]
        .digest
        == hidden.manifest_digest
    )


def test_documents_of_an_unpublished_model_are_its_owners_alone(
    derived: Model, alice: User, charlie: User
):
    for kind in ("card", "bom"):
        where = f"/api/models/alice/hidden/{kind}"
        assert Door().call("GET", where).status_code == 404
        assert door_of(charlie).call("GET", where).status_code == 404
        assert door_of(alice).call("GET", where).status_code == 200


def test_a_parent_that_is_not_published_has_no_name_and_its_children_no_page(
    derived: Model, alice: User
):
    shown = Door().get("/api/models/bob/router").json()
    own = door_of(alice).get("/api/models/bob/router").json()
    children = door_of(alice).get("/api/models/alice/hidden/children").json()

    assert [parent["reference"] for parent in shown["parents"]] == [""]
    assert [parent["reference"] for parent in own["parents"]] == ["alice/hidden"]
    assert [child["reference"] for child in children["items"]] == ["bob/router"]
    assert Door().get("/api/models/alice/hidden/children").status_code == 404
