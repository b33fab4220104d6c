"""Costs over HTTP: told before staking, shown while they are spent."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from competitions.models import Competition
from competitions.services import lifecycle
from tests.api.world import Door, door_of, error
from tests.builders import world as builders
from tests.builders.weights import bert_files

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


@pytest.fixture
def costly(contest: Competition) -> Competition:
    """The same with a fee of 1 and a deposit of 2 an entry."""
    Competition.objects.filter(pk=contest.pk).update(
        submission_fee=builders.UNIT, deposit=2 * builders.UNIT
    )
    contest.refresh_from_db()
    return contest


def entry_body(miner: User, **changes: Any) -> dict[str, Any]:
    return {
        "name": "entry",
        "kind": "full",
        "files": builders.stored(miner, bert_files(seed=7)),
        "terms": builders.PAID_TERMS,
        **changes,
    }


def accept(door: Door) -> None:
    """Take part under the rules, as everyone must before they submit."""
    rules = {"rules_digest": door.get(PLACE).json()["rules_digest"]}
    assert door.post(f"{PLACE}/acceptance", rules).status_code == 200


def test_an_entry_that_costs_something_is_asked_for_with_the_amounts(
    costly: Competition, charlie: User
):
    door = door_of(charlie)
    door.pay("/api/me/faucet", {"amount": "10"})
    accept(door)
    price = door.get(f"{PLACE}/price").json()

    asked = door.post(f"{PLACE}/submissions", entry_body(charlie))
    made = door.post(f"{PLACE}/submissions", entry_body(charlie, pay=True))

    assert (price["payer"], price["total"], price["available"]) == ("you", "3", "10")
    assert (asked.status_code, error(asked)["code"]) == (402, "payment_required")
    assert error(asked)["payment"] == {
        "fee": "1",
        "deposit": "2",
        "total": "3",
        "asset": "AST",
    }
    assert made.status_code == 201
    assert made.json()["dues"]["state"] == "held"
    deposits = door.get("/api/me/deposits").json()["items"]
    assert deposits == [made.json()["dues"]]


def test_a_pool_is_opened_funded_used_and_closed(
    costly: Competition, bob: User, charlie: User
):
    owner, miner = door_of(bob), door_of(charlie)
    owner.pay("/api/me/faucet", {"amount": "10"})
    opened = owner.post(
        "/api/pools",
        {
            "title": "For beginners",
            "competition": "bank-intents",
            "admits": "listed",
            "handles": ["charlie"],
            "user_cap": "5",
        },
    ).json()
    place = f"/api/pools/{opened['id']}"
    owner.pay(f"{place}/fund", {"amount": "10"}, key="once")
    owner.pay(f"{place}/fund", {"amount": "10"}, key="once")

    accept(miner)
    price = miner.get(f"{PLACE}/price").json()
    made = miner.post(f"{PLACE}/submissions", entry_body(charlie)).json()
    shown = Door().get(place).json()
    payments = Door().get(f"{place}/payments").json()["items"]
    stranger = miner.post(f"{place}/close")
    closing = owner.post(f"{place}/close").json()

    assert (price["payer"], price["pool"]) == ("pool", opened["id"])
    assert made["dues"]["pool"] == opened["id"]
    assert (shown["balance"], shown["available"], shown["held"]) == ("9", "7", "2")
    assert [(paid["miner"], paid["spent"]) for paid in payments] == [("charlie", "3")]
    assert (stranger.status_code, closing["status"]) == (403, "closing")
    assert Door().get(f"{place}/fundings").json()["items"][0]["amount"] == "10"
    listed = Door().get("/api/pools?competition=bank-intents").json()["items"]
    assert [pool["title"] for pool in listed] == ["For beginners"]


def test_a_pool_for_any_competition_needs_caps(contest: Competition, bob: User):
    response = door_of(bob).post("/api/pools", {"title": "For all"})

    assert (response.status_code, error(response)["code"]) == (422, "pool_cap_missing")
