"""A model is frozen with canonical terms, exact shares and what it owes upwards."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import User
from assay.protocol.errors import Conflict, Invalid, NotFound
from catalogue import selectors, services
from catalogue.models import Contributor, Model, ModelFile, Parent
from ledger.services import ensure_asset
from storage.services import store_bytes
from tests.builders import models

pytestmark = [pytest.mark.database, pytest.mark.django_db]

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _asset(db: None) -> None:
    ensure_asset("AST", 18)


def create(owner: User, now: datetime, name: str = "m", **changes: Any) -> Model:
    return services.create_model(
        owner=owner, draft=models.draft(owner, name, **changes), now=now
    )


def share(percent: str) -> dict[str, str]:
    return models.terms("Allowed", f"Allowed-With-RevenueShare-{percent}%")


def test_terms_in_any_dialect_are_kept_canonical(alice: User, now: datetime):
    studio = {
        "license": models.UDL,
        "Derivations": "Allowed-With-Revenue-Share-10",
        "Commercial-Use": "Allowed-With-One-Time-Fee-0.50",
        "Currency": "AST",
    }

    model = create(alice, now, terms=studio)

    assert model.terms == models.terms(
        "Allowed-With-Fee-One-Time-0.5",
        "Allowed-With-RevenueShare-10%",
        Currency="AST",
    )
    assert services.canonical_terms(model.terms) == model.terms


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"License": "short"},
        models.terms("Allowed-With-Fee-One-Time-minus"),
        models.terms("Allowed-With-RevenueShare-101%"),
        models.terms("Allowed-With-Fee-One-Time-1", Currency="ETH"),
        models.terms("Allowed-With-Fee-Monthly-1", Currency="ast"),
    ],
)
def test_terms_that_cannot_be_read_or_paid_here_are_refused(
    alice: User, now: datetime, tags: dict[str, str]
):
    with pytest.raises(Invalid) as refusal:
        create(alice, now, terms=tags)

    assert refusal.value.code in {"terms_invalid", "terms_currency_foreign"}
    assert refusal.value.fix
    assert not Model.objects.exists()


def test_terms_that_name_no_currency_are_in_the_platforms_asset(
    alice: User, now: datetime
):
    assert create(alice, now, terms=models.terms()).terms["Currency"] == "AST"


def test_the_manifest_digest_names_files_terms_shares_and_parents(
    alice: User, bob: User, now: datetime
):
    base = models.published(bob, "base", models.terms("Allowed", "Allowed"), now)
    weights = store_bytes(owner=alice, content=b"the same weights")
    same: dict[str, Any] = {"files": {"model.safetensors": weights}}
    digests = [
        create(alice, now, name=name, **{**same, **changes}).manifest_digest
        for name, changes in {
            "one": {},
            "two": {"card": "Other words change nothing."},
            "three": {"terms": models.terms("Allowed")},
            "four": {"shares": [(alice, 2)]},
            "five": {"parents": [base]},
            "six": {"files": {"other.safetensors": weights}},
        }.items()
    ]

    assert digests[0] == digests[1]
    assert len(set(digests)) == 5


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": "Capital"}, "model_invalid"),
        ({"name": "-hyphen"}, "model_invalid"),
        ({"name": "x" * 97}, "model_invalid"),
        ({"name": "line\n"}, "model_invalid"),
        ({"files": {}}, "manifest_files"),
        ({"shares": []}, "manifest_shares"),
        ({"kind": "ensemble"}, "model_invalid"),
    ],
)
def test_a_draft_that_breaks_a_rule_leaves_nothing_behind(
    alice: User, now: datetime, changes: dict[str, Any], code: str
):
    with pytest.raises(Invalid) as refusal:
        create(alice, now, **changes)

    assert refusal.value.code == code
    for model in (Model, ModelFile, Contributor, Parent):
        assert not model.objects.exists()


def test_a_contributor_is_named_once(alice: User, bob: User, now: datetime):
    with pytest.raises(Invalid) as refusal:
        create(alice, now, shares=[(bob, 1), (bob, 2)])

    assert refusal.value.code == "manifest_twice"


def test_an_owner_uses_a_name_once(alice: User, bob: User, now: datetime):
    create(alice, now)

    with pytest.raises(Conflict) as refusal:
        create(alice, now)

    assert (refusal.value.code, refusal.value.where) == ("model_name_taken", "name")
    assert create(bob, now).reference == "bob/m"


def test_parents_may_ask_for_all_of_the_income_and_no_more(
    alice: User, bob: User, now: datetime
):
    parents = [
        models.published(bob, f"p{n}", share(percent), now)
        for n, percent in enumerate(["60", "40", "0.000001"])
    ]

    child = create(alice, now, parents=parents[:2])
    with pytest.raises(Invalid) as refusal:
        create(alice, now, name="more", parents=parents)

    assert refusal.value.code == "parents_owed_too_much"
    owed = {edge.parent.name: edge.revenue_percent for edge in child.parents.all()}
    assert owed == {"p0": Decimal(60), "p1": Decimal(40)}


@pytest.mark.parametrize(
    ("parent", "child", "allowed"),
    [
        (models.terms("Allowed"), models.terms("Allowed"), False),
        (models.terms("Allowed"), models.terms(), True),
        (models.terms("", "Allowed"), models.terms("Allowed"), False),
        (models.terms("", "Allowed"), models.terms(), True),
        (models.terms("Allowed", "Allowed"), models.terms("Allowed"), True),
        (
            models.terms("Allowed", "Allowed-With-Fee-One-Time-5"),
            models.terms("Allowed"),
            False,
        ),
    ],
)
def test_a_child_passes_on_no_more_than_its_parent_allows(
    alice: User, bob: User, now: datetime, parent, child, allowed: bool
):
    source = models.published(bob, "source", parent, now)

    if allowed:
        assert create(alice, now, terms=child, parents=[source])
        return
    with pytest.raises(Invalid) as refusal:
        create(alice, now, terms=child, parents=[source])
    assert refusal.value.code == "parent_forbids_derivation"
    assert "bob/source" in refusal.value.sentence


def test_a_share_that_is_finer_than_is_kept_is_refused_and_not_rounded(
    alice: User, bob: User, now: datetime
):
    source = models.published(bob, "source", share("33.3333333"), now)

    with pytest.raises(Invalid) as refusal:
        create(alice, now, parents=[source])

    assert refusal.value.code == "parent_share_too_fine"


def test_a_model_is_seen_by_its_owner_alone_until_it_is_published(
    alice: User, bob: User, now: datetime
):
    model = create(alice, now)

    def found(viewer: User | None) -> Model:
        return selectors.model_by_reference(reference="alice/m", viewer=viewer)

    assert found(alice) == model
    for viewer in (bob, None):
        with pytest.raises(NotFound):
            found(viewer)
    assert list(selectors.published().items) == []

    services.publish(model=model, now=now)
    services.publish(model=Model.objects.get(), now=now + DAY)

    assert [found(viewer) for viewer in (alice, bob, None)] == [model] * 3
    assert found(None).published_at == now
    assert list(selectors.published().items) == [model]


@pytest.mark.parametrize("reference", ["", "alice", "alice/", "/m", "alice/m/x", "a/b"])
def test_a_reference_that_names_nothing_is_not_found(
    alice: User, now: datetime, reference: str
):
    create(alice, now)

    with pytest.raises(NotFound):
        selectors.model_by_reference(reference=reference, viewer=alice)


def test_a_base_model_is_registered_once(alice: User, now: datetime):
    draft = models.draft(alice, "base")

    first, again = (
        services.register_base_model(owner=alice, draft=draft, now=now + n * DAY)
        for n in range(2)
    )

    assert first == again
    assert again.is_base
    assert again.published_at == now


def test_published_models_are_found_by_name_owner_and_card_newest_first(
    alice: User, bob: User, now: datetime
):
    for n, (owner, name) in enumerate([(alice, "one"), (bob, "two"), (alice, "three")]):
        models.published(owner, name, models.terms(), now + n * DAY)
    create(alice, now, name="hidden-one")

    def names(query: str) -> list[str]:
        return [
            model.name
            for model in selectors.published(wanted=selectors.Wanted(query=query)).items
        ]

    assert names("") == ["three", "two", "one"]
    assert names("ONE") == ["one"]
    assert names("bob") == ["two"]
    assert names("nothing") == []
