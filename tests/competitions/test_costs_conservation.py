"""Stakes, fees, evaluations, deposits, pools: nothing is made, lost or left behind."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from assay.protocol.errors import Conflict, PaymentRequired
from catalogue.models import Model
from competitions.models import Charge, Competition, Dues, Pool, Split
from competitions.selectors import GAVE_UP
from competitions.services import (
    budget,
    deposits,
    escrow,
    evaluating,
    lifecycle,
    paymaster,
)
from competitions.services.pooling import PoolSpec, open_pool
from ledger import selectors, verification, wallets
from ledger.services import AccountKind
from tests.builders import world
from tests.builders.world import UNIT

pytestmark = [pytest.mark.database, pytest.mark.django_db]

OUTCOMES = ["strong", "weak", "broken", "given up", "disqualified", "slow"]
amounts = st.integers(0, 3 * UNIT)


@dataclass(frozen=True)
class Story:
    """Odd prices and amounts, and what happens to each entry."""

    fee_points: int
    budget_points: int
    price: int
    fee: int
    deposit: int
    stakes: list[tuple[int, bool]]
    funds: list[int]
    entries: list[str]
    is_cancelled: bool


stories = st.builds(
    Story,
    fee_points=st.sampled_from([0, 1, 333, 10_000]),
    budget_points=st.sampled_from([0, 1, 777, 5000]),
    price=st.sampled_from([0, 1, UNIT // 7, UNIT]),
    fee=amounts,
    deposit=amounts,
    stakes=st.lists(st.tuples(st.integers(1, 9 * UNIT), st.booleans()), max_size=3),
    funds=st.lists(st.integers(1, 9 * UNIT), max_size=3),
    entries=st.lists(st.sampled_from(OUTCOMES), max_size=4),
    is_cancelled=st.booleans(),
)


def text(units: int) -> str:
    return f"{units // UNIT}.{units % UNIT:018d}"


def opened(alice: User, base: Model, now: datetime, story: Story) -> Competition:
    made = world.drafting.create_competition(
        sponsor=alice,
        spec=world.spec(
            *(alice, base, now),
            budget_points=story.budget_points,
            submission_fee=text(story.fee),
            deposit=text(story.deposit),
        ),
        now=now,
    )
    escrow.stake(competition=made, staker=alice, amount=100 * UNIT, key="s", now=now)
    for evaluation in made.evaluations.all():
        world.score(evaluation, right=10, now=now, seconds=1)
    budget.pay_waiting(competition_id=str(made.pk), now=now)
    made.refresh_from_db()
    return lifecycle.open_competition(competition=made, actor=alice, now=now)


def stake(
    competition: Competition, people: list[User], story: Story, now: datetime
) -> None:
    for number, (amount, is_for_budget) in enumerate(story.stakes):
        escrow.stake(
            competition=competition,
            staker=people[number],
            amount=amount,
            key=f"m{number}",
            now=now,
            purpose="budget" if is_for_budget and competition.is_metered else "prize",
        )


def pool_for(
    competition: Competition, people: list[User], story: Story, now: datetime
) -> Pool:
    pool = open_pool(
        owner=people[0],
        spec=PoolSpec(title="Pool", admits="all", competition=competition),
        now=now,
    )
    for number, amount in enumerate(story.funds):
        paymaster.fund(
            pool=pool, funder=people[number], amount=amount, key=f"p{number}", now=now
        )
    return pool


def enter(
    competition: Competition, miners: list[User], story: Story, now: datetime
) -> None:
    for seed, (miner, outcome) in enumerate(zip(miners, story.entries, strict=False)):
        try:
            entry = world.submit(miner, competition, now, seed=seed, pay=True)
        except Conflict as refusal:
            if refusal.code != "budget_used_up":
                raise
            continue
        evaluation = entry.evaluations.get()
        if outcome == "disqualified":
            deposits.forfeit(submission=entry, now=now)
        if outcome == "broken":
            world.fail(evaluation, now=now, seconds=7)
        elif outcome == "given up":
            for _ in range(4):
                world.fail(evaluation, now=now, fault="platform", seconds=7)
        else:
            right = 20 if outcome == "strong" else 5
            seconds = 50 if outcome == "slow" else 1
            world.score(evaluation, right=right, now=now, seconds=seconds)


def finish(competition: Competition) -> None:
    at = competition.deadline
    for evaluation in competition.evaluations.filter(failure_code=GAVE_UP):
        evaluating.requeue(evaluation_id=str(evaluation.pk), now=at)
        world.score(evaluation, right=5, now=at, seconds=3)
    lifecycle.advance(competition=competition, now=at)
    for evaluation in competition.evaluations.filter(
        split=Split.Name.PRIVATE, repeat=0, submission__isnull=False
    ):
        world.score(evaluation, right=20, now=at, seconds=2)
    lifecycle.advance(competition=competition, now=at)
    world.repeat(competition, now=at, seconds=2)
    lifecycle.advance(competition=competition, now=at)


@given(story=stories)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_every_token_is_still_there_and_every_account_of_the_competition_empty(
    alice: User,
    bob: User,
    charlie: User,
    steward: User,
    base: Model,
    now: datetime,
    settings: Any,
    story: Story,
):
    settings.FEE_POINTS, settings.EVALUATION_PRICE = story.fee_points, text(story.price)
    people = [alice, bob, charlie, steward]
    with transaction.atomic():
        for person in people:
            world.fund(person, 1000, now)
        competition = opened(alice, base, now, story)
        stake(competition, people, story, now)
        pool = pool_for(competition, people, story, now)
        if story.is_cancelled:
            lifecycle.cancel(competition=competition, actor=alice, now=now)
        else:
            enter(competition, [bob, charlie, steward, bob], story, now)
            finish(competition)
        paymaster.close(pool=pool, actor=alice, now=now)

        competition.refresh_from_db()
        pool.refresh_from_db()
        assert competition.is_final
        assert pool.status == "closed"
        assert escrow.escrow_balance(competition) == budget.balance(competition) == 0
        assert (
            selectors.balance(kind=AccountKind.POOL, owner=pool.owner_key, asset="AST")
            == 0
        )
        assert not Dues.objects.filter(status="open").exists()
        paid = sum(c.paid for c in Charge.objects.all())
        taken = selectors.balance(kind=AccountKind.FEES, owner="platform", asset="AST")
        evaluator = User.objects.get(username="evaluator")
        assert wallets.balance_of(evaluator) == paid
        assert sum(map(wallets.balance_of, people)) + paid + taken == 4000 * UNIT
        assert [check.name for check in verification.verify() if not check.ok] == []
        transaction.set_rollback(True)


def test_the_story_meets_both_refusals(
    alice: User, bob: User, base: Model, now: datetime, settings: Any
):
    """What the stories step around is really there."""
    settings.EVALUATION_PRICE = "1"
    world.fund(alice, 1000, now)
    story = Story(0, 1, UNIT, UNIT, 0, [], [], [], is_cancelled=False)
    competition = opened(alice, base, now, story)

    with pytest.raises(Conflict, match="used up"):
        world.submit(bob, competition, now, seed=1)
    escrow.stake(
        competition=competition,
        staker=alice,
        amount=9 * UNIT,
        key="b",
        now=now,
        purpose="budget",
    )
    with pytest.raises(PaymentRequired):
        world.submit(bob, competition, now, seed=1)
