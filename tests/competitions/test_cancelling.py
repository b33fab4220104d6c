"""What a miner can take back, and what each end of an entry costs."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from assay.protocol.errors import Conflict, Forbidden
from catalogue.models import Model
from competitions.models import Competition, Dues, Submission
from competitions.selectors import GAVE_UP, leaderboard
from competitions.services import cancelling, evaluating, lifecycle, submitting
from ledger import verification
from tests.builders import world
from tests.builders.world import UNIT

pytestmark = [pytest.mark.database, pytest.mark.django_db]

FEE, DEPOSIT = UNIT // 2, 5 * UNIT


@pytest.fixture
def contest(alice: User, base: Model, now: datetime, settings: Any) -> Competition:
    """A fee of 0.5 and a deposit of 5; five entries a day."""
    settings.EVALUATION_PRICE = "0.01"
    return world.open_competition(
        alice, base, now, submission_fee="0.5", deposit="5", budget_points=100
    )


@pytest.fixture
def miner(bob: User, now: datetime) -> User:
    """Bob, with a hundred tokens."""
    world.fund(bob, 100, now)
    return bob


def enter(miner: User, contest: Competition, now: datetime, seed: int) -> Submission:
    return world.submit(miner, contest, now, seed=seed, pay=True)


def started(entry: Submission, evaluator: User, now: datetime) -> Any:
    evaluation = entry.evaluations.get()
    return world.evaluating.lease(
        evaluation_id=str(evaluation.id), evaluator=evaluator, now=now
    )


def used(contest: Competition, miner: User, now: datetime) -> tuple[int, int]:
    """Places used, and failures."""
    quota = submitting.quota(competition=contest, miner=miner, now=now)
    return quota.used, quota.failures


def test_cancelled_before_it_began_costs_nothing(
    contest: Competition, miner: User, now: datetime
):
    entry = enter(miner, contest, now, seed=1)

    made = cancelling.cancel(submission=entry, actor=miner, now=now)

    dues = Dues.objects.get(submission=entry)
    assert made.status == "cancelled"
    assert used(contest, miner, now) == (0, 0)
    assert (dues.status, dues.spent, dues.fee_returned) == ("closed", 0, FEE)
    assert contest.history.latest("number").kind == "entry_cancelled"


def test_cancelled_while_it_ran_costs_the_place_the_fee_and_what_ran(
    contest: Competition, miner: User, charlie: User, now: datetime
):
    entry = enter(miner, contest, now, seed=1)
    started(entry, charlie, now)

    cancelling.cancel(submission=entry, actor=miner, now=now + timedelta(seconds=10))

    dues = Dues.objects.get(submission=entry)
    assert used(contest, miner, now) == (1, 0)
    assert dues.kept == UNIT // 10  # ten seconds at 0.01
    assert dues.spent == FEE + UNIT // 10
    assert contest.charges.get(evaluation__submission=entry).payee == charlie


def test_what_the_platform_failed_costs_nothing(
    contest: Competition, miner: User, charlie: User, now: datetime, settings: Any
):
    settings.EVALUATION_MAX_ATTEMPTS = 1
    entry = enter(miner, contest, now, seed=1)
    leased = started(entry, charlie, now)

    fail(leased, fault="platform", now=now)

    assert entry.evaluations.get().failure_code == GAVE_UP
    assert used(contest, miner, now) == (0, 0)
    assert Dues.objects.get(submission=entry).spent == 0


def test_what_the_model_failed_costs_the_place_and_counts_as_a_failure(
    contest: Competition, miner: User, charlie: User, now: datetime
):
    entry = enter(miner, contest, now, seed=1)
    leased = started(entry, charlie, now)

    fail(leased, fault="model", now=now + timedelta(seconds=10))

    assert used(contest, miner, now) == (1, 1)
    assert Dues.objects.get(submission=entry).spent == FEE + UNIT // 10


def fail(leased: Any, *, fault: str, now: datetime) -> None:
    evaluating.record_failure(
        evaluation_id=leased.evaluation,
        lease=leased.lease,
        fault=fault,
        code="broken",
        sentence="It broke.",
        usage={"wall_seconds": 10.0},
        now=now,
    )


def test_the_evaluator_is_told_to_stop(
    contest: Competition, miner: User, charlie: User, now: datetime
):
    entry = enter(miner, contest, now, seed=1)
    leased = started(entry, charlie, now)

    cancelling.cancel(submission=entry, actor=miner, now=now)

    with pytest.raises(Conflict) as refused:
        evaluating.heartbeat(
            evaluation_id=leased.evaluation, lease=leased.lease, done=1, now=now
        )
    assert refused.value.code == "lease_lost"


def test_cancelling_twice_is_once_and_the_books_hold(
    contest: Competition, miner: User, now: datetime
):
    entry = enter(miner, contest, now, seed=1)

    cancelling.cancel(submission=entry, actor=miner, now=now)
    cancelling.cancel(submission=entry, actor=miner, now=now)

    assert [e.kind for e in contest.history.all()].count("entry_cancelled") == 1
    assert all(check.ok for check in verification.verify())


def test_cancelled_weights_can_be_entered_again_by_their_miner_alone(
    contest: Competition, miner: User, charlie: User, now: datetime
):
    cancelling.cancel(
        submission=enter(miner, contest, now, seed=1), actor=miner, now=now
    )
    world.fund(charlie, 100, now)

    again = world.submit(miner, contest, now, seed=1, pay=True, name="second")

    assert again.status == "queued"
    with pytest.raises(Conflict) as refused:
        world.submit(charlie, contest, now, seed=1, pay=True)
    assert refused.value.code == "weights_known"


def test_what_is_scored_cannot_be_cancelled_but_withdrawn(
    contest: Competition, miner: User, now: datetime
):
    entry = enter(miner, contest, now, seed=1)
    world.score(entry.evaluations.get(), right=20, now=now)

    with pytest.raises(Conflict) as refused:
        cancelling.cancel(submission=entry, actor=miner, now=now)
    entry.refresh_from_db()
    cancelling.withdraw(submission=entry, actor=miner, now=now)

    board = leaderboard(competition=contest, viewer=None, now=now)
    assert refused.value.code == "evaluation_done"
    assert list(board.rows) == []
    assert [made.reason for made in board.struck] == ["Its miner withdrew it."]
    assert used(contest, miner, now) == (1, 0)


def test_what_is_not_scored_yet_is_cancelled_and_not_withdrawn(
    contest: Competition, miner: User, now: datetime
):
    entry = enter(miner, contest, now, seed=1)

    with pytest.raises(Conflict) as refused:
        cancelling.withdraw(submission=entry, actor=miner, now=now)

    assert refused.value.code == "evaluation_pending"


def test_nobody_else_takes_an_entry_back(
    contest: Competition, miner: User, alice: User, now: datetime
):
    entry = enter(miner, contest, now, seed=1)

    for verb in (cancelling.cancel, cancelling.withdraw):
        with pytest.raises(Forbidden):
            verb(submission=entry, actor=alice, now=now)


def test_judging_goes_on_without_a_cancelled_entry(
    contest: Competition, miner: User, now: datetime
):
    entry = enter(miner, contest, now, seed=1)
    after = contest.deadline + timedelta(seconds=1)

    cancelling.cancel(submission=entry, actor=miner, now=now)
    lifecycle.advance(competition=contest, now=after)

    contest.refresh_from_db()
    assert contest.status not in {"open", "closed"}
