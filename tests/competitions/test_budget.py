"""The evaluation budget: filled by stakes, spent on evaluations, then returned."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from assay.protocol.errors import Conflict, Invalid
from catalogue.models import Model
from competitions import selectors, tasks
from competitions.models import Charge, Competition, Stake
from competitions.services import budget, drafting, escrow, lifecycle
from ledger import verification, wallets
from tests.builders import world
from tests.builders.world import UNIT

pytestmark = [pytest.mark.database, pytest.mark.django_db]

CENT = UNIT // 100  # the price of a second
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _prices(settings: Any) -> None:
    settings.EVALUATION_PRICE = "0.01"


def opened(
    sponsor: User, base: Model, now: datetime, *, seconds: int = 10, **changes: Any
) -> Competition:
    """100 staked, a tenth of it for evaluation; the baseline took ``seconds`` each."""
    world.fund(sponsor, 1000, now)
    fields = {"budget_points": 1000, **changes}
    competition = drafting.create_competition(
        sponsor=sponsor, spec=world.spec(sponsor, base, now, **fields), now=now
    )
    escrow.stake(
        competition=competition, staker=sponsor, amount=100 * UNIT, key="s", now=now
    )
    for evaluation in competition.evaluations.all():
        world.score(evaluation, right=10, now=now, seconds=seconds)
    competition.refresh_from_db()
    return lifecycle.open_competition(competition=competition, actor=sponsor, now=now)


def evaluator() -> User:
    return User.objects.get(username="evaluator")


def stake_for_budget(
    competition: Competition, staker: User, amount: int, now: datetime, key: str = "top"
) -> Stake:
    return escrow.stake(
        competition=competition,
        staker=staker,
        amount=amount,
        key=key,
        now=now,
        purpose=Stake.Purpose.BUDGET,
    )


def alerts(competition: Competition) -> list[int]:
    found = competition.history.filter(kind="budget_used").order_by("number")
    return [entry.facts["percent"] for entry in found]


def test_a_stake_is_parted_in_one_transfer(alice: User, base: Model, now: datetime):
    competition = opened(alice, base, now, seconds=0)

    made = competition.stakes.get()
    assert (made.amount, made.budget, made.prize) == (100 * UNIT, 10 * UNIT, 90 * UNIT)
    assert escrow.escrow_balance(competition) == 90 * UNIT
    assert budget.balance(competition) == 10 * UNIT
    assert made.transfer.postings.count() == 3


def test_a_budget_is_at_most_half_of_a_stake(alice: User, base: Model, now: datetime):
    with pytest.raises(Invalid) as refusal:
        opened(alice, base, now, budget_points=5001)

    assert refusal.value.code == "budget_points_invalid"


def test_each_evaluation_is_paid_by_its_seconds_to_who_ran_it(
    alice: User, bob: User, base: Model, now: datetime
):
    competition = opened(alice, base, now, seconds=10)
    entry = world.submit(bob, competition, now, seed=1)

    world.score(entry.evaluations.get(), right=20, now=now, seconds=7)

    charges = competition.charges.all()
    assert sorted(c.cost for c in charges) == [7 * CENT, 10 * CENT, 10 * CENT]
    assert all(c.paid == c.cost and c.transfer is not None for c in charges)
    assert wallets.balance_of(evaluator()) == 27 * CENT
    assert budget.balance(competition) == 10 * UNIT - 27 * CENT


def test_a_models_failure_is_paid_for_and_a_platforms_fault_is_not(
    alice: User, bob: User, base: Model, now: datetime
):
    competition = opened(alice, base, now)
    entry = world.submit(bob, competition, now, seed=1)

    world.fail(entry.evaluations.get(), now=now, fault="platform", seconds=5)
    assert competition.charges.count() == 2
    world.fail(entry.evaluations.get(), now=now, seconds=4)

    charge = competition.charges.get(evaluation=entry.evaluations.get())
    assert charge.cost == 4 * CENT


def test_a_report_of_more_time_than_passed_is_cut(
    alice: User, bob: User, base: Model, now: datetime
):
    competition = opened(alice, base, now)
    entry = world.submit(bob, competition, now, seed=1)
    evaluation = entry.evaluations.get()
    job = world.lease(evaluation, now)

    world.evaluating.record_failure(
        evaluation_id=job.evaluation,
        lease=job.lease,
        fault="model",
        code="broken",
        sentence="It broke.",
        usage={"wall_seconds": 1e9},
        now=now + timedelta(seconds=3),
    )

    assert Charge.objects.get(evaluation=evaluation).milliseconds == 3000


def test_what_is_measured_before_anything_is_staked_is_paid_when_it_is(
    alice: User, base: Model, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(tasks, "now", lambda: now)
    world.fund(alice, 1000, now)
    competition = drafting.create_competition(
        sponsor=alice, spec=world.spec(alice, base, now, budget_points=1000), now=now
    )
    for evaluation in competition.evaluations.all():
        world.score(evaluation, right=10, now=now, seconds=10)
    assert budget.budget_of(competition).owed == 20 * CENT

    escrow.stake(competition=competition, staker=alice, amount=UNIT, key="s", now=now)
    tasks.pay_evaluations(str(competition.pk))
    tasks.pay_evaluations(str(competition.pk))

    # A tenth of one token pays for one of the two, in whole.
    assert wallets.balance_of(evaluator()) == 10 * CENT
    assert budget.budget_of(competition).owed == 10 * CENT
    assert budget.balance(competition) == 0


def test_alerts_are_in_the_history_once_each(
    alice: User, bob: User, charlie: User, base: Model, now: datetime
):
    competition = opened(alice, base, now, budget_points=100)  # one token
    entries = [
        world.submit(miner, competition, now, seed=seed)
        for seed, miner in enumerate([bob, charlie, bob, charlie])
    ]

    found = []
    for entry in entries:
        world.score(entry.evaluations.get(), right=20, now=now, seconds=20)
        found.append(alerts(competition))

    assert found == [[], [50], [50, 80, 100], [50, 80, 100]]


def test_submissions_pause_when_it_is_used_up_and_go_on_after_a_top_up(
    alice: User, bob: User, base: Model, now: datetime
):
    competition = opened(alice, base, now, budget_points=40)  # 0.4, 0.2 are spent
    world.submit(bob, competition, now, seed=1)

    with pytest.raises(Conflict) as refusal:
        world.submit(bob, competition, now, seed=2)
    stake_for_budget(competition, bob_with_funds(bob, now), UNIT, now)
    world.submit(bob, competition, now, seed=2)

    assert refusal.value.code == "budget_used_up"
    assert "--for budget" in refusal.value.fix
    assert escrow.escrow_balance(competition) == 100 * UNIT - 40 * CENT


def bob_with_funds(bob: User, now: datetime) -> User:
    world.fund(bob, 10, now)
    return bob


def test_judging_is_set_aside_for_every_miner_who_entered(
    alice: User, bob: User, charlie: User, base: Model, now: datetime
):
    competition = opened(alice, base, now, budget_points=65)  # 0.45 are left
    first = world.submit(bob, competition, now, seed=1)
    second = world.submit(charlie, competition, now, seed=2)  # 4 evaluations: 0.4
    for entry in (first, second):
        # Slower than the baseline: what judging needs stays untouched.
        world.score(entry.evaluations.get(), right=20, now=now, seconds=18)

    found = budget.budget_of(competition)

    assert found.reserved == 20 * CENT
    assert (found.left, found.owed) == (27 * CENT, 18 * CENT)
    lifecycle.advance(competition=competition, now=competition.deadline)
    for evaluation in competition.evaluations.filter(
        split="private", submission__isnull=False
    ):
        world.score(evaluation, right=20, now=competition.deadline, seconds=10)
    judged = competition.charges.filter(
        evaluation__split="private", evaluation__submission__isnull=False
    )
    assert [charge.paid for charge in judged] == [10 * CENT] * 2


def test_a_shortfall_stays_on_record_and_never_takes_more_than_there_is(
    alice: User, bob: User, base: Model, now: datetime
):
    competition = opened(alice, base, now, budget_points=40)
    entry = world.submit(bob, competition, now, seed=1)
    world.score(entry.evaluations.get(), right=20, now=now, seconds=50)
    later = now + 8 * DAY

    lifecycle.advance(competition=competition, now=later)
    private = competition.evaluations.get(split="private", submission=entry)
    world.score(private, right=20, now=later, seconds=10)
    lifecycle.advance(competition=competition, now=later)
    world.repeat(competition, now=later, seconds=0)
    lifecycle.advance(competition=competition, now=later)

    competition.refresh_from_db()
    charges = {c.evaluation_id: c for c in competition.charges.all()}
    assert competition.status == "settled"
    assert charges[private.pk].paid == 10 * CENT
    slow = charges[entry.evaluations.get(split="public").pk]
    assert (slow.paid, slow.shortfall) == (10 * CENT, 40 * CENT)
    assert budget.balance(competition) == 0


def test_what_is_left_goes_back_in_proportion_to_what_was_put_in(
    alice: User, bob: User, base: Model, now: datetime
):
    competition = opened(alice, base, now, seconds=0)
    stake_for_budget(competition, bob_with_funds(bob, now), 5 * UNIT, now)
    entry = world.submit(bob, competition, now, seed=1)
    world.score(entry.evaluations.get(), right=5, now=now, seconds=30)
    later = now + 8 * DAY

    lifecycle.advance(competition=competition, now=later)
    private = competition.evaluations.get(split="private", submission=entry)
    world.score(private, right=5, now=later, seconds=30)
    lifecycle.advance(competition=competition, now=later)

    # 15 tokens less 60 cents are left, of 10 and 5; no entry beat the baseline.
    returned = {
        made.staker.username: made.returned for made in competition.stakes.all()
    }
    assert returned == {
        "alice": 90 * UNIT + 960 * CENT,
        "bob": 480 * CENT,
    }
    assert wallets.balance_of(alice) == 1000 * UNIT - 40 * CENT
    assert [check.name for check in verification.verify() if not check.ok] == []


def test_a_cancelled_competition_returns_all_but_what_the_baseline_cost(
    alice: User, base: Model, now: datetime
):
    competition = opened(alice, base, now, seconds=10)

    lifecycle.cancel(competition=competition, actor=alice, now=now)

    assert wallets.balance_of(alice) == 1000 * UNIT - 20 * CENT
    assert budget.balance(competition) == escrow.escrow_balance(competition) == 0


def test_without_a_part_nothing_is_metered(
    alice: User, bob: User, base: Model, now: datetime
):
    competition = opened(alice, base, now, budget_points=0)

    entry = world.submit(bob, competition, now, seed=1)
    world.score(entry.evaluations.get(), right=20, now=now, seconds=7)

    assert competition.second_price == 0
    assert not Charge.objects.exists()
    with pytest.raises(Conflict) as refusal:
        stake_for_budget(competition, alice, UNIT, now)
    assert refusal.value.code == "budget_not_needed"


def test_a_top_up_repeated_with_its_key_is_one(alice: User, base: Model, now: datetime):
    competition = opened(alice, base, now, seconds=0)

    made = [stake_for_budget(competition, alice, UNIT, now) for _ in range(2)]

    assert made[0] == made[1]
    assert budget.balance(competition) == 11 * UNIT


def test_where_several_entries_of_one_miner_are_judged_all_of_them_are_set_aside(
    alice: User, bob: User, base: Model, now: datetime
):
    competition = opened(
        *(alice, base, now),
        prize_rule="king_of_the_hill",
        prize_options={"lead": "0.01"},
    )
    for seed, right in enumerate((20, 25)):
        entry = world.submit(bob, competition, now, seed=seed)
        world.score(entry.evaluations.get(), right=right, now=now, seconds=10)
    world.submit(bob, competition, now, seed=7)

    found = budget.budget_of(competition)

    # Two have led, and one is under way.
    assert (found.reserved, found.pending) == (30 * CENT, 10 * CENT)


def test_the_purse_is_what_can_be_won(alice: User, base: Model, now: datetime):
    competition = opened(alice, base, now, seconds=0)
    stake_for_budget(competition, alice, UNIT, now)

    assert selectors.purse_of(competition) == 90 * UNIT
    assert selectors.staked(competition) == 100 * UNIT
