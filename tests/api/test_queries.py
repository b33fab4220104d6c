"""A list costs the same number of queries however many rows it shows."""

from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from catalogue.services import ModelDraft, register_base_model
from competitions.services.drafting import create_competition
from royalties.services import accept, quote
from storage.services import store_bytes
from tests.api.world import Door, World, door_of
from tests.builders import world as builders

LISTS = [
    "/api/competitions",
    "/api/competitions/drafted/stakes",
    "/api/competitions/drafted/history",
    "/api/models",
    "/api/me/statement",
    "/api/me/licences",
    "/api/me/tokens",
    "/api/pools?competition=drafted",
]


def cost(door: Door, path: str) -> tuple[int, int]:
    """Queries and rows of a list."""
    with CaptureQueriesContext(connection) as queries:
        rows = door.get(path).json()["items"]
    return len(queries), len(rows)


def more(world: World, alice: User, now: datetime) -> None:
    """Two more of everything that is listed."""
    door = door_of(alice)
    for number in (1, 2):
        spec = builders.spec(alice, world.base, now, slug=f"draft-{number}")
        create_competition(sponsor=alice, spec=spec, now=now)
        bought = quote(licensee=alice, model=world.rented, use="commercial", now=now)
        key = f"buy-{number}"
        accept(quote_id=str(bought.id), licensee=alice, key=key, now=now)
        publish_model(alice, number, now)
        door.pay("/api/competitions/drafted/stakes", {"amount": "1"})
        door.post("/api/pools", {"title": "More", "competition": "drafted"})


def publish_model(owner: User, number: int, now: datetime) -> None:
    draft = ModelDraft(
        name=f"model-{number}",
        kind="full",
        files={"config.json": store_bytes(owner=owner, content=b"{}")},
        terms=builders.PAID_TERMS,
        shares=[(owner, 1)],
    )
    register_base_model(owner=owner, draft=draft, now=now)


@pytest.mark.parametrize("path", LISTS)
def test_a_longer_list_costs_no_more_queries(
    world: World, alice: User, now: datetime, path: str
):
    door = door_of(alice)
    door.pay("/api/competitions/drafted/stakes", {"amount": "1"})
    queries, rows = cost(door, path)

    more(world, alice, now)

    more_queries, more_rows = cost(door, path)
    assert more_rows > rows
    assert more_queries == queries
