"""The platform's fee: frozen, hashed, told before, taken only of what awards pay."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from assay.protocol.canonical import digest
from catalogue.models import Model
from competitions.models import Competition
from competitions.services import fees, lifecycle
from ledger import selectors, verification, wallets
from ledger.services import AccountKind
from tests.builders import world
from tests.builders.world import UNIT

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _fee(settings: Any) -> None:
    settings.FEE_POINTS = 333
    settings.EVALUATION_PRICE = "0.01"


def taken() -> int:
    return selectors.balance(kind=AccountKind.FEES, owner="platform", asset="AST")


def played(competition: Competition, miner: User, right: int, now: datetime) -> None:
    """One entry through both splits to the settlement."""
    entry = world.submit(miner, competition, now, seed=1)
    world.score(entry.evaluations.get(), right=right, now=now)
    later = now + timedelta(days=8)
    lifecycle.advance(competition=competition, now=later)
    world.score(entry.evaluations.get(split="private"), right=right, now=later)
    lifecycle.advance(competition=competition, now=later)
    world.repeat(competition, now=later)
    lifecycle.advance(competition=competition, now=later)
    competition.refresh_from_db()


def test_a_winner_gets_the_award_less_the_fee(
    alice: User, bob: User, base: Model, now: datetime
):
    competition = world.open_competition(alice, base, now)

    played(competition, bob, 20, now)

    assert competition.status == "settled"
    assert competition.awards.get().amount == 100 * UNIT
    assert taken() == 333 * UNIT // 100
    assert wallets.balance_of(bob) == 100 * UNIT - taken()
    assert [check.name for check in verification.verify() if not check.ok] == []


def test_nothing_is_taken_of_what_goes_back(
    alice: User, bob: User, base: Model, now: datetime
):
    competition = world.open_competition(alice, base, now)

    played(competition, bob, 5, now)

    assert taken() == 0
    assert wallets.balance_of(alice) == 1000 * UNIT


def test_the_fee_of_the_day_it_was_created_stays(
    alice: User, bob: User, base: Model, now: datetime, settings: Any
):
    competition = world.open_competition(alice, base, now)
    settings.FEE_POINTS = 9999

    played(competition, bob, 20, now)

    assert competition.fee_points == 333
    assert taken() == 333 * UNIT // 100


def test_the_fee_is_a_part_of_the_hashed_rules(alice: User, base: Model, now: datetime):
    competition = world.open_competition(alice, base, now)

    assert lifecycle.rules_of(competition)["economics"] == {
        "fee_points": 333,
        "budget_points": 0,
        "second_price": "0",
        "submission_fee": "0",
        "deposit": "0",
    }
    assert competition.rules_digest == digest(lifecycle.rules_of(competition))


def test_it_is_told_before_staking_in_words_with_amounts(
    alice: User, base: Model, now: datetime
):
    competition = world.open_competition(alice, base, now, budget_points=1000)

    terms = fees.stake_terms(competition=competition, amount=100 * UNIT)

    assert (terms.escrow, terms.budget) == (90 * UNIT, 10 * UNIT)
    assert terms.sentences == (
        "90 AST go into the escrow and pay the prizes.",
        "10 AST pay for evaluations, at 0.01 AST a second; what is left comes back.",
        (
            "The platform takes 3.33 % of what awards pay, of this stake at most "
            "2.997 AST; nothing of what comes back."
        ),
    )


@pytest.mark.parametrize(
    ("points", "text"), [(0, "0 %"), (250, "2.5 %"), (333, "3.33 %"), (1000, "10 %")]
)
def test_points_are_told_in_percent(points: int, text: str):
    assert fees.percent(points) == text
