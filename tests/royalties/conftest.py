"""A licensee with money, and a model of two makers on a parent."""

from datetime import datetime
from typing import Any

import pytest

from accounts.models import User
from catalogue.models import Model
from royalties import services
from royalties.models import Licence, Royalty
from tests.builders import models, world

ONCE = "Allowed-With-Fee-One-Time-25"
MONTHLY = "Allowed-With-Fee-Monthly-10"
SHARE = "Allowed-With-RevenueShare-20%"


@pytest.fixture(autouse=True)
def _own_keys(settings: Any, tmp_path: Any) -> None:
    settings.KEYS_PATH = tmp_path / "keys"


@pytest.fixture
def base(alice: User, now: datetime) -> Model:
    """Alice's; asks for a tenth of what is built on it."""
    terms = models.terms("Allowed", "Allowed-With-RevenueShare-10%")
    return models.published(alice, "base", terms, now)


def sold(
    alice: User,
    bob: User,
    base: Model,
    now: datetime,
    commercial: str,
    name: str = "sold",
    **tags: str,
) -> Model:
    """Bob's and Alice's, 3 to 1, on Alice's base."""
    return models.published(
        bob,
        name,
        models.terms(commercial, **tags),
        now,
        shares=[(bob, 3), (alice, 1)],
        parents=[base],
    )


@pytest.fixture
def model(alice: User, bob: User, base: Model, now: datetime) -> Model:
    """Costs 25 once."""
    return sold(alice, bob, base, now, ONCE)


@pytest.fixture
def rich(charlie: User, now: datetime) -> User:
    """Charlie with a thousand tokens."""
    world.fund(charlie, 1000, now)
    return charlie


def buy(licensee: User, model: Model, now: datetime, **asked: Any) -> Licence:
    """Quote and accept."""
    offer = services.quote(
        licensee=licensee, model=model, use="commercial", now=now, **asked
    )
    return services.accept(
        quote_id=str(offer.id), licensee=licensee, key=f"key-{offer.id}", now=now
    )


def newest(licence: Licence) -> Royalty:
    """Its newest payment."""
    return licence.royalties.order_by("-paid_at")[0]
