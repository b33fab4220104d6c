"""Money at the end of a competition, to the base unit."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from catalogue.models import Model
from competitions.models import Competition, Split
from competitions.services import escrow, evaluating, lifecycle
from ledger import verification, wallets
from tests.builders import world
from tests.builders.world import UNIT

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def run_to_the_end(competition: Competition, private: dict[str, int], now: datetime):
    """Pass the deadline, score the finalists' private split by handle, settle."""
    world.rank_all(competition, private, now)
    world.repeat(competition, now=now)
    lifecycle.advance(competition=competition, now=now)
    competition.refresh_from_db()


def test_the_private_winner_gets_the_whole_stake_and_escrow_ends_empty(
    alice: User, bob: User, charlie: User, base: Model, now: datetime
):
    competition = world.open_competition(alice, base, now)
    for miner, right, seed in ((bob, 25, 1), (charlie, 20, 2)):
        made = world.submit(miner, competition, now, seed=seed)
        world.score(made.evaluations.get(), right=right, now=now)
    later = now + timedelta(days=8)

    run_to_the_end(competition, {"bob": 15, "charlie": 22}, later)

    assert competition.status == "settled"
    assert wallets.balance_of(charlie) == 100 * UNIT
    assert wallets.balance_of(bob) == 0
    assert escrow.escrow_balance(competition) == 0
    winner = competition.awards.get()
    assert (winner.rank, winner.amount) == (1, 100 * UNIT)
    assert winner.submission.model.published_at == later
    assert all(check.ok for check in verification.verify())


def test_an_award_is_split_over_the_contributor_shares(
    alice: User, bob: User, charlie: User, base: Model, now: datetime
):
    competition = world.open_competition(alice, base, now)
    made = world.submit(bob, competition, now, seed=1, shares={"bob": 2, "charlie": 1})
    world.score(made.evaluations.get(), right=25, now=now)

    run_to_the_end(competition, {"bob": 25}, now + timedelta(days=8))

    third = 100 * UNIT // 3
    assert wallets.balance_of(charlie) == third
    assert wallets.balance_of(bob) == 100 * UNIT - third


def test_when_nobody_beats_the_baseline_each_staker_gets_their_stake_back(
    alice: User, bob: User, charlie: User, base: Model, now: datetime
):
    competition = world.open_competition(alice, base, now)
    world.fund(charlie, 50, now)
    escrow.stake(
        competition=competition, staker=charlie, amount=50 * UNIT, key="co", now=now
    )
    made = world.submit(bob, competition, now, seed=1)
    world.score(made.evaluations.get(), right=9, now=now)

    run_to_the_end(competition, {"bob": 10}, now + timedelta(days=8))

    assert competition.status == "settled"
    assert wallets.balance_of(alice) == 1000 * UNIT
    assert wallets.balance_of(charlie) == 50 * UNIT
    assert not competition.awards.exists()
    returned = {s.staker.username: s.returned for s in competition.stakes.all()}
    assert returned == {"alice": 100 * UNIT, "charlie": 50 * UNIT}


def test_settlement_takes_as_few_statements_for_many_stakes_as_for_few(
    alice: User, bob: User, charlie: User, base: Model, now: datetime
):
    world.fund(charlie, 50, now)
    counts = []
    for number, sponsor in enumerate((alice, bob)):
        competition = world.open_competition(
            sponsor, base, now, slug=f"wide-{number}", budget_points=1000
        )
        for more in range(1 + 40 * number):
            escrow.stake(
                competition=competition,
                staker=charlie,
                amount=UNIT // 10,
                key=f"{number}-{more}",
                now=now,
            )
        end = now + timedelta(days=8)
        world.rank_all(competition, {}, end)
        with CaptureQueriesContext(connection) as queries:
            lifecycle.advance(competition=competition, now=end)
        counts.append(len(queries))
        competition.refresh_from_db()
        assert competition.status == "settled"

    assert counts[1] <= counts[0]
    assert wallets.balance_of(charlie) == 50 * UNIT


def test_nothing_is_paid_inside_the_challenge_window(
    alice: User, bob: User, base: Model, now: datetime
):
    window = timedelta(days=2)
    competition = world.open_competition(alice, base, now, challenge_window=window)
    made = world.submit(bob, competition, now, seed=1)
    world.score(made.evaluations.get(), right=25, now=now)
    end = now + timedelta(days=8)

    run_to_the_end(competition, {"bob": 25}, end)
    assert competition.status == "provisional"
    assert wallets.balance_of(bob) == 0
    assert escrow.escrow_balance(competition) == 100 * UNIT

    lifecycle.advance(competition=competition, now=end + window)
    assert competition.status == "settled"
    assert wallets.balance_of(bob) == 100 * UNIT


def test_settling_twice_pays_once(alice: User, bob: User, base: Model, now: datetime):
    competition = world.open_competition(alice, base, now)
    made = world.submit(bob, competition, now, seed=1)
    world.score(made.evaluations.get(), right=25, now=now)
    later = now + timedelta(days=8)
    run_to_the_end(competition, {"bob": 25}, later)

    lifecycle.advance(competition=competition, now=later)
    lifecycle.advance(competition=Competition.objects.get(pk=competition.pk), now=later)

    assert wallets.balance_of(bob) == 100 * UNIT


def test_cancelling_before_any_submission_returns_every_stake(
    alice: User, charlie: User, base: Model, now: datetime
):
    competition = world.open_competition(alice, base, now)
    world.fund(charlie, 7, now)
    escrow.stake(
        competition=competition, staker=charlie, amount=7 * UNIT, key="co", now=now
    )

    lifecycle.cancel(competition=competition, actor=alice, now=now)

    assert wallets.balance_of(alice) == 1000 * UNIT
    assert wallets.balance_of(charlie) == 7 * UNIT
    assert escrow.escrow_balance(competition) == 0


def test_judging_waits_for_a_finalist_that_the_platform_failed(
    alice: User, bob: User, base: Model, now: datetime
):
    competition = world.open_competition(alice, base, now)
    made = world.submit(bob, competition, now, seed=1)
    world.score(made.evaluations.get(), right=25, now=now)
    later = now + timedelta(days=8)
    lifecycle.advance(competition=competition, now=later)
    private = made.evaluations.get(split=Split.Name.PRIVATE)
    private.status, private.failure_code = "failed", evaluating.GAVE_UP
    private.save()

    lifecycle.advance(competition=competition, now=later)
    assert competition.status == "judging"

    assert evaluating.requeue(evaluation_id=str(private.pk), now=later)
    private.refresh_from_db()
    world.score(private, right=25, now=later)
    lifecycle.advance(competition=competition, now=later)
    world.repeat(competition, now=later)
    lifecycle.advance(competition=competition, now=later)
    assert competition.status == "settled"
    assert wallets.balance_of(bob) == 100 * UNIT
