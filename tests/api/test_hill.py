"""King of the hill as programs see it."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from accounts.models import User
from accounts.services import sign_up
from catalogue.models import Model
from competitions.models import Competition
from tests.builders.hill import contested
from tests.builders.world import base_model

pytestmark = pytest.mark.django_db
WHERE = "/api/competitions/bank-intents"


@pytest.fixture
def base(db: None, now: datetime) -> Model:
    """The base model, a day old."""
    steward = sign_up(handle="steward", email="", password="weights for everybody 1")
    return base_model(steward, now - timedelta(days=1))


def test_it_says_who_leads_since_when_and_what_has_accrued(
    alice: User, bob: User, charlie: User, base: Model, now: datetime
):
    contested(alice, base, (bob, charlie), now - timedelta(days=1))

    answer = Client().get(WHERE).json()

    assert answer["prize"].endswith(
        "A challenger must lead by 0.1 on the score's scale."
    )
    seats = [(s["miner"], s["accrued"], s["is_king"]) for s in answer["hill"]["seats"]]
    assert seats == [("charlie", "50", True), ("bob", "30", False)]
    since = datetime.fromisoformat(answer["hill"]["since"])
    assert abs(since - now + timedelta(hours=19)) < timedelta(seconds=1)
    assert answer["hill"]["unclaimed"] == "20"


def test_there_is_none_once_the_awards_say_it_or_by_another_rule(
    alice: User, bob: User, charlie: User, base: Model, now: datetime
):
    competition = contested(alice, base, (bob, charlie), now - timedelta(days=1))
    Competition.objects.filter(pk=competition.pk).update(status="settled")
    assert Client().get(WHERE).json()["hill"] is None

    Competition.objects.update(status="open", prize_rule="winner_takes_all")
    Competition.objects.update(prize_options={})
    assert Client().get(WHERE).json()["hill"] is None
