"""A stocked office: competitions at several stages, a model, a licence."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User
from accounts.services import issue_token, sign_up
from catalogue.models import Model
from common import clock
from competitions.models import Challenge, Competition, Pool, Stake, Submission
from competitions.services.pooling import PoolSpec, open_pool
from royalties import services as royalties
from royalties.models import Licence, Quote, Royalty
from tests.builders import models, world


@pytest.fixture(scope="session", autouse=True)
def _collected_files_have_a_folder() -> None:
    """Whitenoise warns, and a warning fails, when it is not there."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture
def now() -> datetime:
    """Pages read the real clock, so what they show is made around it."""
    return clock.now()


@pytest.fixture
def steward(db: None) -> User:
    """Who owns the base model."""
    return sign_up(handle="steward", email="", password="weights for everybody 1")


@pytest.fixture
def base(steward: User, now: datetime) -> Model:
    """The base model."""
    return world.base_model(steward, now)


@dataclass(frozen=True)
class Office:
    """One thing of each kind; all of it is alice's but the open competition."""

    open: Competition
    draft: Competition
    stake: Stake
    submission: Submission
    quote: Quote
    licence: Licence
    token_id: str
    pool: Pool
    challenge: Challenge
    payment_id: str
    invoice: str


@pytest.fixture
def office(alice: User, bob: User, base: Model, now: datetime) -> Office:
    """Alice drafts one competition, enters bob's, and licenses the base model."""
    opened = world.open_competition(bob, base, now - timedelta(days=1))
    drafted = world.drafting.create_competition(
        sponsor=alice, spec=world.spec(alice, base, now, slug="drafted"), now=now
    )
    world.fund(alice, 2, now)
    stake = world.escrow.stake(
        competition=drafted, staker=alice, amount=2 * world.UNIT, key="s", now=now
    )
    entry = world.submit(alice, opened, now, seed=1)
    taken = royalties.quote(licensee=alice, model=base, use="commercial", now=now)
    licence = royalties.accept(quote_id=str(taken.id), licensee=alice, key="k", now=now)
    quote = royalties.quote(licensee=alice, model=base, use="commercial", now=now)
    token, _ = issue_token(user=alice, name="laptop")
    challenge = Challenge.objects.create(
        competition=opened,
        submission=entry,
        challenger=bob,
        kind="other",
        grounds="Something that can be checked.",
    )
    pool = open_pool(
        owner=alice,
        spec=PoolSpec(title="For beginners", admits="all", competition=drafted),
        now=now,
    )
    paid = bought(alice, bob, now)
    return Office(
        open=opened,
        draft=drafted,
        stake=stake,
        submission=entry,
        quote=quote,
        licence=licence,
        token_id=str(token.id),
        pool=pool,
        challenge=challenge,
        payment_id=str(paid.id),
        invoice=paid.invoices.get().number,
    )


def bought(licensee: User, maker: User, now: datetime) -> Royalty:
    """What the licensee paid for a model of the maker's."""
    terms = models.terms("Allowed-With-Fee-One-Time-1")
    sold = models.published(maker, "sold", terms, now)
    world.fund(licensee, 1, now)
    quote = royalties.quote(licensee=licensee, model=sold, use="commercial", now=now)
    licence = royalties.accept(
        quote_id=str(quote.id), licensee=licensee, key="sold", now=now
    )
    return licence.royalties.get()


def as_person(user: User | None) -> Client:
    """A browser in which this person is logged in."""
    client = Client()
    if user is not None:
        client.force_login(user)
    return client
