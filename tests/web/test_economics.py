"""Costs on pages: before staking, on their tab, and estimated."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from catalogue.models import Model
from competitions.models import Competition, Stake
from competitions.services import lifecycle
from tests.builders import world
from tests.builders.world import UNIT
from tests.web.conftest import as_person

pytestmark = pytest.mark.django_db
PLACE = "/competitions/bank-intents"


@pytest.fixture
def contest(alice: User, base: Model, now: datetime, settings: Any) -> Competition:
    """Open, with 10 % for evaluation and a fee of 2.5 %."""
    settings.FEE_POINTS = 250
    settings.EVALUATION_PRICE = "0.01"
    past = now - timedelta(hours=1)
    world.fund(alice, 1000, past)
    made = world.drafting.create_competition(
        sponsor=alice, spec=world.spec(alice, base, past, budget_points=1000), now=past
    )
    world.escrow.stake(
        competition=made, staker=alice, amount=100 * UNIT, key="s", now=past
    )
    for evaluation in made.evaluations.all():
        world.score(evaluation, right=10, now=past, seconds=15)
    made.refresh_from_db()
    return lifecycle.open_competition(competition=made, actor=alice, now=past)


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_the_stake_page_says_what_becomes_of_a_stake(contest: Competition, bob: User):
    page = text(as_person(bob).get(f"{PLACE}/stake"))

    assert "90 AST go into the escrow" in page
    assert "10 AST pay for evaluations" in page
    assert "at most 2.25 AST" in page


def test_the_costs_tab_shows_budget_charges_and_an_estimate(contest: Competition):
    page = text(Client().get(f"{PLACE}/costs?submissions=99&miners=9"))

    assert "2.5 % of what awards pay" in page
    assert "15000" in page
    assert "cost 16.5 AST. The budget is too small by 6.5 AST." in page


def test_a_plan_that_cannot_be_is_shown_beside_its_field(contest: Competition):
    response = Client().get(f"{PLACE}/costs?submissions=1&miners=9")

    assert response.status_code == 422
    assert response.context["form"].errors["miners"]


def test_a_stake_for_the_budget_comes_from_the_form(
    contest: Competition, bob: User, now: datetime
):
    world.fund(bob, 10, now)
    fields = {"amount": "3", "purpose": "budget", "key": "k"}

    response = as_person(bob).post(f"{PLACE}/stake", fields)

    made = Stake.objects.get(staker=bob)
    assert response.status_code == 302
    assert (made.purpose, made.budget) == ("budget", 3 * UNIT)


def test_a_new_competition_is_estimated_before_it_exists(
    contest: Competition, bob: User
):
    known = {
        "submissions": "9",
        "base_model": "steward/tiny-bert",
        "task_type": "text_classification",
        "public": "100",
        "private": "100",
        "budget": "1",
    }

    page = text(as_person(bob).get("/new-competition/estimate", known))

    assert "2000 examples take about 1000 s and cost 10 AST." in page
    assert "too small by 9 AST" in page
