"""The catalogue finds by task, score, licence, size and base, page after page."""

from datetime import datetime, timedelta

import pytest

from accounts.models import User
from assay.protocol.errors import Invalid
from catalogue import selectors, services
from catalogue.models import Listing, Model
from catalogue.selectors import Wanted
from catalogue.services import Scored
from tests.builders import models
from tests.builders.world import UNIT

pytestmark = [pytest.mark.database, pytest.mark.django_db]
FEE = "Allowed-With-Fee-One-Time"


@pytest.fixture
def shelf(alice: User, bob: User, now: datetime) -> dict[str, Model]:
    """A root and four models on or beside it, published a day apart."""
    root = models.published(alice, "root", models.terms("Allowed", "Allowed"), now)
    asked = {
        "dear": (f"{FEE}-25", [root], 0.9),
        "cheap": (f"{FEE}-5", [root], 0.7),
        "shared": ("Allowed-With-RevenueShare-20%", [], None),
        "closed": ("", [], 0.8),
    }
    made = {"root": root}
    for number, (name, (commercial, parents, score)) in enumerate(asked.items(), 1):
        draft = models.draft(
            bob,
            name,
            terms=models.terms(commercial, "Allowed"),
            parents=parents,
            files={
                "model.safetensors": models.store_bytes(
                    owner=bob, content=b"x" * 9 * number
                )
            },
        )
        made[name] = services.create_model(owner=bob, draft=draft, now=now)
        services.publish(
            model=made[name],
            now=now + timedelta(days=number),
            scored=Scored("multiple_choice", score) if score else None,
        )
    return made


def names(**wanted: object) -> list[str]:
    page = selectors.published(wanted=Wanted(**wanted))
    return [model.name for model in page.items]


def test_everything_is_there_newest_first(shelf: dict[str, Model]):
    assert names() == ["closed", "shared", "cheap", "dear", "root"]


def test_facts_of_licence_task_score_size_and_base_narrow_it(shelf: dict[str, Model]):
    assert names(uses=("commercial",)) == ["shared", "cheap", "dear", "root"]
    assert names(max_price=10 * UNIT) == ["shared", "cheap", "root"]
    assert names(max_price=0) == ["shared", "root"]
    assert names(task="multiple_choice", min_score=0.75) == ["closed", "dear"]
    assert names(base="alice/root") == ["cheap", "dear", "root"]
    assert names(max_size=9) == ["dear", "root"]
    assert names(query="chea") == ["cheap"]
    assert names(uses=("training",)) == []


def test_orders_leave_out_what_has_none_of_it(shelf: dict[str, Model]):
    assert names(sort="score") == ["dear", "closed", "cheap"]
    assert names(sort="price")[-2:] == ["cheap", "dear"]
    assert names(sort="size")[:2] == ["root", "dear"]
    for wrong in ({"sort": "colour"}, {"uses": ("juggling",)}):
        with pytest.raises(Invalid):
            names(**wrong)


@pytest.mark.parametrize("sort", list(selectors.ORDERS))
def test_pages_join_to_the_whole_in_every_order(shelf: dict[str, Model], sort: str):
    whole, cursor, found = names(sort=sort), None, []
    for _ in range(9):
        page = selectors.published(wanted=Wanted(sort=sort), cursor=cursor, limit=2)
        found += [model.name for model in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break

    assert found == whole


def test_a_price_finer_than_the_asset_counts_as_none(alice: User, now: datetime):
    fine = models.terms(f"{FEE}-0.0000000000000000015")
    models.published(alice, "fine", fine, now)

    assert not Listing.objects.get().commercial
    assert selectors.tasks() == []
    assert selectors.bases() == ["alice/fine"]


def test_publishing_twice_lists_once(shelf: dict[str, Model], now: datetime):
    services.publish(model=shelf["root"], now=now + timedelta(days=99))

    assert Listing.objects.get(model=shelf["root"]).published_at == now
