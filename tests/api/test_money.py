"""Money moves once a key, in exact decimals, and every page adds up."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from accounts.models import User
from ledger import chain
from ledger.holds import hold
from ledger.wallets import wallet
from tests.api.world import Door, World, door_of, error
from tests.builders.amounts import EXACT, HOSTILE

STAKES = "/api/competitions/drafted/stakes"


def total(door: Door) -> Decimal:
    return Decimal(door.get("/api/me").json()["balance"]["total"])


def test_the_faucet_answers_the_same_key_once(asset: None, alice: User):
    door = door_of(alice)

    first = door.pay("/api/me/faucet", {"amount": "12.5"}, key="once")
    again = door.pay("/api/me/faucet", {"amount": "12.5"}, key="once")

    assert first.json()["balance"] == {
        "asset": "AST",
        "total": "12.5",
        "held": "0",
        "available": "12.5",
    }
    assert again.json() == first.json()


def test_a_closed_faucet_is_closed(asset: None, alice: User, settings: Any):
    settings.FAUCET = False
    door = door_of(alice)

    response = door.pay("/api/me/faucet", {"amount": "1"})

    assert (response.status_code, error(response)["code"]) == (403, "faucet_closed")
    assert door.get("/api/version").json()["faucet"] is False


def test_a_stake_sent_twice_is_one_stake(world: World, alice: User):
    door = door_of(alice)
    before, staked = total(door), pages(door, STAKES, limit=9)

    first = door.pay(STAKES, {"amount": "40"}, key="twice")
    again = door.pay(STAKES, {"amount": "40"}, key="twice")

    assert (first.status_code, again.json()) == (201, first.json())
    assert total(door) == before - 40
    assert pages(door, STAKES, limit=9) == [*staked, first.json()]


def test_a_key_names_one_request(world: World, alice: User):
    door = door_of(alice)
    door.pay(STAKES, {"amount": "40"}, key="twice")

    other = door.pay(STAKES, {"amount": "41"}, key="twice")

    assert (other.status_code, error(other)["code"]) == (409, "idempotency_key_reused")


def test_an_amount_is_read_to_the_last_decimal(asset: None, alice: User):
    door = door_of(alice)

    door.pay("/api/me/faucet", {"amount": EXACT})

    assert door.get("/api/me").json()["balance"]["total"] == EXACT


@pytest.mark.parametrize(("text", "code"), HOSTILE)
def test_no_trick_passes_for_an_amount(asset: None, alice: User, text: str, code: str):
    door = door_of(alice)

    response = door.pay("/api/me/faucet", {"amount": text})

    answer = error(response)
    assert (response.status_code, answer["code"]) == (422, code)
    assert answer["where"] == "amount"
    assert total(door) == 0


@pytest.mark.parametrize("amount", [5, 5.0, None, True, ["5"], {"units": "5"}])
def test_an_amount_is_text_and_nothing_else(asset: None, alice: User, amount: Any):
    door = door_of(alice)

    response = door.pay("/api/me/faucet", {"amount": amount})

    assert response.status_code == 422
    assert total(door) == 0


@pytest.mark.parametrize("key", [None, "k" * 81, "two words"])
def test_a_verb_that_moves_money_needs_a_key(
    world: World, alice: User, key: str | None
):
    headers = {} if key is None else {"Idempotency_Key": key}

    response = door_of(alice).post(STAKES, {"amount": "1"}, **headers)

    found = error(response)
    assert (response.status_code, found["code"]) == (422, "header_invalid")
    assert found["where"] == "Idempotency-Key"


@pytest.mark.parametrize(
    "amount", ["", "-1", "1e3", "NaN", "1,000", "0.0000000000000000001", "9" * 60, "٣"]
)
def test_an_amount_is_plain_decimal_text(world: World, alice: User, amount: str):
    response = door_of(alice).pay(STAKES, {"amount": amount})

    found = error(response)
    assert response.status_code == 422
    assert found["code"].startswith("amount_")
    assert found["where"] == "amount"


def test_a_number_is_no_amount(world: World, alice: User):
    response = door_of(alice).pay(STAKES, {"amount": 1.5})

    assert error(response)["code"] == "body_invalid"


def test_what_is_not_there_cannot_be_staked(world: World, alice: User):
    door = door_of(alice)
    before = total(door)

    response = door.pay(STAKES, {"amount": "5000"})

    assert (response.status_code, error(response)["code"]) == (
        402,
        "insufficient_funds",
    )
    assert total(door) == before


def test_a_statement_runs_to_the_balance_over_all_pages(world: World, alice: User):
    door = door_of(alice)
    before = pages(door, "/api/me/statement", limit=2)
    for amount in ("1", "2.25", "0.000000000000000001"):
        door.pay(STAKES, {"amount": amount})

    lines = pages(door, "/api/me/statement", limit=2)

    new = [line["amount"] for line in lines[:3]]
    assert new == ["-0.000000000000000001", "-2.25", "-1"]
    assert lines[3:] == before
    assert Decimal(lines[0]["running"]) == total(door)
    assert sum(Decimal(line["amount"]) for line in lines) == total(door)
    assert {line["asset"] for line in lines} == {"AST"}


def test_a_statement_of_a_period_opens_and_closes_with_its_balances(
    world: World, alice: User
):
    door = door_of(alice)
    door.pay(STAKES, {"amount": "40"})
    today = date.today().isoformat()

    of_today = door.get(f"/api/me/statement?from={today}&to={today}").json()
    before = door.get(f"/api/me/statement?to={date.today() - timedelta(2)}").json()

    assert (of_today["opening"], Decimal(of_today["closing"])) == ("0", total(door))
    assert of_today["items"][0]["page"] == "/competitions/drafted"
    assert (before["items"], before["opening"], before["closing"]) == ([], "0", "0")


@pytest.mark.parametrize(
    ("period", "code"),
    [
        ("from=yesterday", "period_unreadable"),
        ("to=2030-01-01T12:00:00", "period_unreadable"),
        ("to=9999-12-31", "period_unreadable"),
        ("from=2030-02-01&to=2030-01-01", "period_backwards"),
    ],
)
def test_a_period_that_is_none_is_refused(
    asset: None, alice: User, period: str, code: str
):
    response = door_of(alice).get(f"/api/me/statement?{period}")

    assert (response.status_code, error(response)["code"]) == (422, code)


def test_what_is_held_is_shown_to_its_owner_only(
    asset: None, alice: User, bob: User, now: datetime
):
    door = door_of(alice)
    door.pay("/api/me/faucet", {"amount": "12.5"})
    with transaction.atomic():
        hold(
            caller="test",
            key="h",
            account=wallet(alice),
            amount=10**18,
            reference="job:1",
            memo="An evaluation",
            expires_at=None,
            now=now,
        )

    (held,) = door.get("/api/me/holds").json()["items"]

    assert (held["amount"], held["memo"]) == ("1", "An evaluation")
    assert door.get("/api/me").json()["balance"]["available"] == "11.5"
    assert door_of(bob).get("/api/me/holds").json()["items"] == []


def test_anyone_may_keep_the_ledgers_head(asset: None, alice: User):
    assert Door().get("/api/ledger/head").json()["number"] == 0
    door_of(alice).pay("/api/me/faucet", {"amount": "12.5"})

    chain.seal()

    head = Door().get("/api/ledger/head").json()
    assert (head["number"], head["head"]) == (1, chain.head().head)


def test_a_cursor_of_another_list_is_refused(world: World, alice: User):
    door = door_of(alice)
    for path in ("/api/me/statement", "/api/me/licences", "/api/competitions"):
        for cursor in ("nonsense", "WzFd", "é", "c2VxOnE="):
            response = door.get(f"{path}?cursor={cursor}")
            assert (response.status_code, error(response)["code"]) == (
                422,
                "cursor_invalid",
            ), (path, cursor)


def test_a_page_of_stakes_follows_the_one_before(world: World, alice: User):
    door = door_of(alice)
    staked = pages(door, STAKES, limit=2)
    for amount in range(1, 6):
        door.pay(STAKES, {"amount": str(amount)})

    found = pages(door, STAKES, limit=2)

    assert found[: len(staked)] == staked
    new = [made["amount"] for made in found[len(staked) :]]
    assert new == ["1", "2", "3", "4", "5"]


def pages(door: Door, path: str, *, limit: int) -> list[dict[str, Any]]:
    """All items of a list, page by page; no page is longer than asked for."""
    items: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = door.get(f"{path}?limit={limit}&cursor={cursor}").json()
        assert len(page["items"]) <= limit
        items += page["items"]
        if page["next"] is None:
            return items
        cursor = page["next"]
