"""Costs over HTTP: told before staking, shown while they are spent."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from competitions.models import Competition
from competitions.services import lifecycle
from tests.api.world import Door, door_of, error
from tests.builders import world as builders

PLACE = "/api/competitions/bank-intents"


@pytest.fixture
def steward(bob: User) -> User:
    return bob


@pytest.fixture
def contest(alice: User, steward: User, now: datetime, settings: Any) -> Competition:
    """Open, with 10 % for evaluation, a fee of 2.5 % and a measured baseline."""
    settings.FEE_POINTS = 250
    settings.EVALUATION_PRICE = "0.01"
    past = now - timedelta(hours=1)
    base = builders.base_model(steward, past)
    builders.fund(alice, 1000, past)
    made = builders.drafting.create_competition(
        sponsor=alice,
        spec=builders.spec(alice, base, past, budget_points=1000),
        now=past,
    )
    builders.escrow.stake(
        competition=made, staker=alice, amount=100 * builders.UNIT, key="s", now=past
    )
    for evaluation in made.evaluations.all():
        builders.score(evaluation, right=10, now=past, seconds=15)
    made.refresh_from_db()
    return lifecycle.open_competition(competition=made, actor=alice, now=past)


def test_terms_of_a_stake_are_told_in_amounts_and_words(contest: Competition):
    told = Door().get(f"{PLACE}/stake-terms?amount=100").json()

    assert (told["escrow"], told["budget"], told["most_fee"]) == ("90", "10", "2.25")
    assert "2.5 %" in " ".join(told["sentences"])


def test_the_budget_and_its_charges_are_public(contest: Competition):
    shown = Door().get(f"{PLACE}/budget").json()
    charges = Door().get(f"{PLACE}/charges?limit=1").json()

    assert (shown["funded"], shown["spent"], shown["left"]) == ("10", "0.3", "9.7")
    assert (shown["percent"], shown["paused"]) == (3, False)
    assert charges["items"][0]["seconds"] == "15"
    assert charges["items"][0]["submission"] is None
    assert charges["next"]


def test_anyone_tops_the_budget_up_and_it_is_one_stake_a_key(
    contest: Competition, bob: User
):
    door = door_of(bob)
    door.pay("/api/me/faucet", {"amount": "10"})

    made = [
        door.pay(f"{PLACE}/stakes", {"amount": "5", "purpose": "budget"}, key="top")
        for _ in range(2)
    ]

    assert made[0].json() == made[1].json()
    assert (made[0].json()["budget"], made[0].json()["purpose"]) == ("5", "budget")
    assert Door().get(f"{PLACE}/budget").json()["left"] == "14.7"


def test_a_purpose_that_is_none_is_refused(contest: Competition, alice: User):
    response = door_of(alice).pay(
        f"{PLACE}/stakes", {"amount": "5", "purpose": "party"}
    )

    assert (response.status_code, error(response)["where"]) == (422, "purpose")


def test_an_estimate_comes_from_measured_time(contest: Competition, alice: User):
    door = door_of(alice)

    own = door.post(
        "/api/estimates",
        {"competition": "bank-intents", "submissions": 99, "miners": 9},
    ).json()

    assert own["measured_from"] == "baseline"
    assert own["seconds_per_example"] == "0.5"
    assert (own["examples"], own["amount"], own["missing"]) == (3300, "16.5", "6.5")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"submissions": 1}, "task_type_unknown"),
        ({"submissions": 10**7, "competition": "bank-intents"}, "estimate_out_of"),
        ({"submissions": 1, "competition": "none"}, "competition_not_found"),
    ],
)
def test_estimates_of_nonsense_are_refused(
    contest: Competition, alice: User, body: dict[str, Any], code: str
):
    response = door_of(alice).post("/api/estimates", body)

    assert error(response)["code"].startswith(code)


def test_the_prices_stand_with_the_rules(contest: Competition):
    shown = Door().get(PLACE).json()

    assert shown["fee_points"] == 250
    assert shown["budget_points"] == 1000
    assert shown["second_price"] == "0.01"
