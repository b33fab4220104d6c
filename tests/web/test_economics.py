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


@pytest.fixture
def costly(contest: Competition) -> Competition:
    """The same with a fee of 1 and a deposit of 2 an entry."""
    Competition.objects.filter(pk=contest.pk).update(
        submission_fee=UNIT, deposit=2 * UNIT
    )
    contest.refresh_from_db()
    return contest


def test_a_miner_sees_the_price_and_what_became_of_the_deposit(
    costly: Competition, bob: User, now: datetime
):
    world.fund(bob, 10, now)
    browser = as_person(bob)
    before = text(browser.get(f"{PLACE}/submissions"))
    entry = world.submit(bob, costly, now, seed=1, pay=True)
    held = text(browser.get("/wallet/deposits"))
    world.score(entry.evaluations.get(), right=5, now=now, seconds=30)
    after = text(Client().get(f"/submissions/{entry.id}"))

    assert "No pool pays it for you" in before
    assert "held" in held
    assert "which is kept in part" in after
    assert "because it stayed below the baseline" in after


def test_a_pool_is_opened_funded_shown_and_closed_by_form(
    costly: Competition, bob: User, charlie: User, now: datetime
):
    world.fund(bob, 10, now)
    owner, miner = as_person(bob), as_person(charlie)
    sent = {
        "title": "For beginners",
        "competition": "bank-intents",
        "admits": "first",
        "first": "2",
        "handles": "",
        "user_cap": "",
        "day_cap": "30",
    }
    place = owner.post("/new-pool", sent).headers["Location"]
    owner.post(f"{place}/fund", {"amount": "10", "key": "k"})
    offered = text(miner.get(f"{PLACE}/submissions"))
    world.submit(charlie, costly, now, seed=1)
    page = text(Client().get(place))
    listed = text(Client().get("/pools"))

    assert "pays it for you" in offered
    assert "the first 2 users; 1 so far" in page
    assert "charlie" in page
    assert "For beginners" in listed
    assert miner.get(f"{place}/close").status_code == 403
    assert owner.post(f"{place}/close").status_code == 302
    assert "closing" in text(Client().get(place))


def test_a_pool_that_makes_no_sense_is_refused_beside_its_field(
    costly: Competition, bob: User
):
    sent = {"title": "For all", "admits": "listed", "handles": "nobody"}

    response = as_person(bob).post("/new-pool", {**sent, "competition": "bank-intents"})

    assert response.status_code == 422
    assert response.context["form"].errors["handles"]
