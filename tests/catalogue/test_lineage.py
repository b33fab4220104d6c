"""The lineage is walked once, whatever its shape."""

from datetime import datetime
from decimal import Decimal

import pytest

from accounts.models import User
from catalogue import selectors
from catalogue.models import Model
from catalogue.services import create_model
from tests.builders import models

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def on(
    owner: User, name: str, now: datetime, percent: int, *parents: Model, **shares: int
) -> Model:
    """A published model that asks for ``percent`` of what is built on it."""
    asked = f"Allowed-With-RevenueShare-{percent}%" if percent else "Allowed"
    people = {user.username: user for user in User.objects.all()}
    return models.published(
        owner,
        name,
        models.terms("Allowed", asked),
        now,
        shares=[(people[handle], parts) for handle, parts in shares.items()],
        parents=parents,
    )


@pytest.fixture
def diamond(alice: User, bob: User, charlie: User, now: datetime) -> dict[str, Model]:
    """``root`` under ``left`` and ``right``, both under ``tip``; tip also on root."""
    root = on(alice, "root", now, 10)
    left = on(bob, "left", now, 20, root)
    right = on(charlie, "right", now, 0, root)
    tip = on(alice, "tip", now, 5, left, right, root, alice=1, bob=2)
    return {model.name: model for model in (root, left, right, tip)}


def test_each_ancestor_stands_once_at_its_nearest(
    diamond: dict[str, Model], django_assert_num_queries
):
    with django_assert_num_queries(2):
        found = selectors.ancestors(diamond["tip"])

    assert [(a.model.name, a.depth, a.percent) for a in found] == [
        ("left", 1, Decimal(20)),
        ("right", 1, Decimal(0)),
        ("root", 1, Decimal(10)),
    ]
    assert [a.model.name for a in selectors.ancestors(diamond["left"])] == ["root"]
    assert selectors.ancestors(diamond["root"]) == []


def test_what_is_owed_is_frozen_when_the_child_is_made(
    alice: User, bob: User, now: datetime
):
    root = on(alice, "root", now, 10)
    tip = on(bob, "tip", now, 0, root)

    Model.objects.filter(pk=root.pk).update(terms=models.terms("Allowed", "Allowed"))

    assert selectors.ancestors(tip)[0].percent == Decimal(10)


def test_children_are_those_that_the_viewer_may_see(
    diamond: dict[str, Model], bob: User, now: datetime
):
    root = diamond["root"]
    create_model(
        owner=bob,
        draft=models.draft(bob, "hidden", parents=[root]),
        now=now,
    )

    def names(viewer: User | None) -> set[str]:
        return {child.name for child in selectors.children(root, viewer).items}

    assert names(None) == {"left", "right", "tip"}
    assert names(bob) == {"left", "right", "tip", "hidden"}


def test_children_come_in_pages(diamond: dict[str, Model]):
    first = selectors.children(diamond["root"], None, limit=2)
    rest = selectors.children(diamond["root"], None, limit=2, cursor=first.next_cursor)

    assert (len(first.items), len(rest.items), rest.next_cursor) == (2, 1, None)
    assert not {c.pk for c in first.items} & {c.pk for c in rest.items}


def test_an_ancestor_that_is_not_published_has_no_name_for_others(
    alice: User, bob: User, now: datetime
):
    draft = models.draft(alice, "secret")
    secret = create_model(owner=alice, draft=draft, now=now)
    tip = on(alice, "tip", now, 0, secret)

    assert selectors.lineage_of(tip, bob).hidden == {secret.pk}
    assert selectors.lineage_of(tip, alice).hidden == frozenset()


def test_a_long_chain_costs_one_query_a_generation(
    alice: User, now: datetime, django_assert_num_queries
):
    model = on(alice, "m0", now, 1)
    for n in range(1, 7):
        model = on(alice, f"m{n}", now, 1, model)

    with django_assert_num_queries(7):
        depths = [ancestor.depth for ancestor in selectors.ancestors(model)]

    assert depths == [1, 2, 3, 4, 5, 6]
