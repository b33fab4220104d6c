"""A stake taken back before the opening, to the base unit."""

from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from assay.protocol.errors import Conflict, Forbidden
from catalogue.models import Model
from competitions import permissions, selectors
from competitions.models import Competition, Stake
from competitions.services import (
    budget,
    drafting,
    escrow,
    lifecycle,
    withdrawing,
)
from ledger import verification, wallets
from tests.builders import world
from tests.builders.world import UNIT
from tests.services.threads import at_once

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def draft(sponsor: User, base: Model, now: datetime, **changes) -> Competition:
    world.fund(sponsor, 1000, now)
    return drafting.create_competition(
        sponsor=sponsor, spec=world.spec(sponsor, base, now, **changes), now=now
    )


def put(
    competition: Competition, staker: User, amount: int, now: datetime, **more
) -> Stake:
    key = f"{amount}-{competition.stakes.count()}"
    return escrow.stake(
        competition=competition, staker=staker, amount=amount, key=key, now=now, **more
    )


def test_a_stake_comes_back_whole_and_a_funded_competition_is_a_draft_again(
    alice: User, base: Model, now: datetime
):
    competition = draft(alice, base, now)
    stake = put(competition, alice, 100 * UNIT, now)

    made = withdrawing.withdraw_stake(stake=stake, actor=alice, now=now)

    competition.refresh_from_db()
    assert (made.returned, made.withdrawn_at) == (100 * UNIT, now)
    assert wallets.balance_of(alice) == 1000 * UNIT
    assert (competition.status, selectors.staked(competition)) == ("draft", 0)
    assert [e.kind for e in competition.history.all()][-2:] == [
        "stake_withdrawn",
        "draft",
    ]
    put(competition, alice, 100 * UNIT, now)
    competition.refresh_from_db()
    assert competition.status == "funded"


def test_it_stays_funded_while_the_minimum_is_there(
    alice: User, charlie: User, base: Model, now: datetime
):
    competition = world.funded_competition(alice, base, now)
    world.fund(charlie, 7, now)
    stake = put(competition, charlie, 7 * UNIT, now)

    withdrawing.withdraw_stake(stake=stake, actor=charlie, now=now)

    competition.refresh_from_db()
    assert competition.status == "funded"
    assert not permissions.takes_part(charlie, competition)
    assert permissions.can_see(charlie, competition)


def test_withdrawing_twice_returns_it_once(alice: User, base: Model, now: datetime):
    competition = draft(alice, base, now)
    stake = put(competition, alice, 5 * UNIT, now)

    for _ in range(2):
        withdrawing.withdraw_stake(stake=stake, actor=alice, now=now)

    assert wallets.balance_of(alice) == 1000 * UNIT
    assert competition.history.filter(kind="stake_withdrawn").count() == 1


def test_another_persons_stake_is_left_alone(
    alice: User, charlie: User, base: Model, now: datetime
):
    stake = put(draft(alice, base, now), alice, 5 * UNIT, now)

    with pytest.raises(Forbidden) as refusal:
        withdrawing.withdraw_stake(stake=stake, actor=charlie, now=now)

    assert refusal.value.code == "not_your_stake"


def test_what_is_staked_stays_once_it_is_open(alice: User, base: Model, now: datetime):
    competition = world.open_competition(alice, base, now)

    with pytest.raises(Conflict) as refusal:
        withdrawing.withdraw_stake(stake=competition.stakes.get(), actor=alice, now=now)

    assert refusal.value.code == "stake_bound"
    assert escrow.escrow_balance(competition) == 100 * UNIT


def test_a_withdrawn_stake_gets_nothing_of_a_later_refund(
    alice: User, charlie: User, base: Model, now: datetime
):
    competition = world.funded_competition(alice, base, now)
    world.fund(charlie, 50, now)
    stake = put(competition, charlie, 50 * UNIT, now)
    withdrawing.withdraw_stake(stake=stake, actor=charlie, now=now)

    lifecycle.cancel(competition=competition, actor=alice, now=now)

    assert wallets.balance_of(alice) == 1000 * UNIT
    assert wallets.balance_of(charlie) == 50 * UNIT
    stake.refresh_from_db()
    assert stake.returned == 50 * UNIT


def test_what_the_baseline_has_cost_is_shared_by_the_parts_for_evaluation(
    alice: User, charlie: User, base: Model, now: datetime
):
    competition = draft(alice, base, now, budget_points=1000)
    put(competition, alice, 100 * UNIT, now)
    world.fund(charlie, 50, now)
    stake = put(competition, charlie, 50 * UNIT, now)
    for evaluation in competition.evaluations.all():
        world.score(evaluation, right=10, now=now, seconds=30)
    left = budget.balance(competition)
    cost = 15 * UNIT - left
    assert cost > 0
    expected = withdrawing.comes_back(stake)

    made = withdrawing.withdraw_stake(stake=stake, actor=charlie, now=now)

    assert made.returned == expected == 45 * UNIT + left * 5 // 15
    assert wallets.balance_of(charlie) == made.returned
    assert budget.balance(competition) == left - left * 5 // 15
    assert all(check.ok for check in verification.verify())


@settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    amounts=st.lists(st.integers(1, 10**20), min_size=1, max_size=5),
    order=st.randoms(use_true_random=False),
    seconds=st.integers(0, 50),
)
def test_whoever_leaves_and_however_it_ends_nothing_is_lost_or_made(
    amounts, order, seconds: int, alice: User, base: Model, now: datetime
):
    slug = f"draft-{Competition.objects.count()}"
    world.fund(alice, 1000, now)
    competition = drafting.create_competition(
        sponsor=alice,
        spec=world.spec(
            alice, base, now, slug=slug, minimum_stake="0.5", budget_points=3333
        ),
        now=now,
    )
    evaluator, _ = User.objects.get_or_create(username="evaluator")
    had = wallets.balance_of(alice) + wallets.balance_of(evaluator)
    evaluations = list(competition.evaluations.all())
    events = [("stake", amount) for amount in amounts] + [("score", 0), ("score", 0)]
    order.shuffle(events)
    stakes = []
    for number, (what, amount) in enumerate(events):
        if what == "stake":
            stakes.append(
                escrow.stake(
                    competition=competition,
                    staker=alice,
                    amount=amount,
                    key=f"{slug}-{number}",
                    now=now,
                )
            )
        else:
            world.score(evaluations.pop(), right=10, now=now, seconds=seconds)
        if stakes and order.random() < 0.4:
            leaving = stakes.pop(order.randrange(len(stakes)))
            made = withdrawing.withdraw_stake(stake=leaving, actor=alice, now=now)
            assert made.prize <= made.returned <= made.amount
    lifecycle.cancel(competition=competition, actor=alice, now=now)

    assert escrow.escrow_balance(competition) == 0
    assert budget.balance(competition) == 0
    assert wallets.balance_of(alice) + wallets.balance_of(evaluator) == had
    returned = sum(stake.returned for stake in competition.stakes.all())
    paid = sum(charge.paid for charge in competition.charges.all())
    assert returned + paid == sum(amounts)


@pytest.mark.django_db(transaction=True)
def test_of_opening_and_withdrawing_at_once_one_wins(
    alice: User, base: Model, now: datetime
):
    competition = world.funded_competition(alice, base, now)
    stake = competition.stakes.get()

    def open_it() -> str:
        lifecycle.open_competition(competition=competition, actor=alice, now=now)
        return "opened"

    def leave() -> str:
        withdrawing.withdraw_stake(stake=stake, actor=alice, now=now)
        return "left"

    results = at_once([open_it, leave])

    competition.refresh_from_db()
    won = [one for one in results if isinstance(one, str)]
    assert won in (["opened"], ["left"])
    assert competition.status == ("open" if won == ["opened"] else "draft")
    held = 100 * UNIT if won == ["opened"] else 0
    assert escrow.escrow_balance(competition) == held
