"""Real connections that race each other for pools, budgets and deposits."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest

from accounts.models import User
from accounts.services import sign_up
from assay.protocol.errors import Refusal
from assay.protocol.scoring import outputs_digest
from catalogue.models import Model
from competitions.models import Charge, Competition, Dues, Pool, Submission
from competitions.services import (
    budget,
    deposits,
    measuring,
    paymaster,
    settling,
    submitting,
)
from competitions.services.pooling import PoolSpec, open_pool
from competitions.specification import EntrySpec
from ledger import selectors, verification, wallets
from ledger.services import AccountKind
from tests.builders import world
from tests.builders.weights import bert_files
from tests.builders.world import UNIT
from tests.services.threads import at_once

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

CROWD, PAID_FOR = 20, 7
DUES = 3 * UNIT


@pytest.fixture(autouse=True)
def _prices(settings: Any) -> None:
    settings.EVALUATION_PRICE = "0.01"


@pytest.fixture
def contest(alice: User, base: Model, now: datetime) -> Competition:
    """A fee of 1 and a deposit of 2."""
    return world.open_competition(
        alice, base, now, submission_fee="1", deposit="2", budget_points=1000
    )


@pytest.fixture
def crowd(db: None) -> list[User]:
    """Twenty miners without a token."""
    return [
        sign_up(handle=f"miner-{n}", email="", password="twenty at the same moment")
        for n in range(CROWD)
    ]


def funded_pool(owner: User, tokens: int, now: datetime, **changes: Any) -> Pool:
    fields: dict[str, Any] = {"title": "For beginners", "admits": "all", **changes}
    pool = open_pool(owner=owner, spec=PoolSpec(**fields), now=now)
    world.fund(owner, 1000, now)
    paymaster.fund(pool=pool, funder=owner, amount=tokens * UNIT, key="fund", now=now)
    return pool


def submit_calls(
    contests: Sequence[Competition], crowd: Sequence[User], now: datetime
) -> list[Callable[[], Submission]]:
    """One entry of each miner, uploaded already; the competitions take turns."""
    calls = []
    for seed, miner in enumerate(crowd):
        wanted = contests[seed % len(contests)].pk
        world.accept(miner, Competition.objects.get(pk=wanted), now)
        entry = EntrySpec(
            name=f"model-{seed}",
            kind="full",
            files=world.stored(miner, bert_files(seed=seed)),
            terms=world.PAID_TERMS,
        )

        def call(
            miner: User = miner,
            entry: EntrySpec = entry,
            pk: Any = wanted,
        ) -> Submission:
            competition = Competition.objects.get(pk=pk)
            return submitting.submit(
                miner=miner, competition=competition, entry=entry, now=now
            )

        calls.append(call)
    return calls


def codes(answers: Sequence[Any]) -> list[str]:
    """Of what was refused; anything else that was raised fails the test here."""
    raised = [answer for answer in answers if isinstance(answer, Exception)]
    assert [error for error in raised if not isinstance(error, Refusal)] == []
    return [error.code for error in raised]


def assert_book_is_right() -> None:
    assert [check.name for check in verification.verify() if not check.ok] == []


def free_in(pool: Pool) -> int:
    return selectors.available(kind=AccountKind.POOL, owner=pool.owner_key, asset="AST")


@pytest.mark.parametrize(
    ("tokens", "rules"),
    [
        (500, {"admits": "first", "first": PAID_FOR}),
        (500, {"day_cap": PAID_FOR * DUES + 1}),
        (PAID_FOR * 3 + 2, {}),
    ],
)
def test_twenty_entries_at_once_are_paid_for_as_often_as_the_pool_allows(
    contest: Competition,
    bob: User,
    crowd: list[User],
    now: datetime,
    tokens: int,
    rules: dict[str, Any],
):
    pool = funded_pool(bob, tokens, now, competition=contest, **rules)

    answers = at_once(submit_calls([contest], crowd, now))

    assert codes(answers) == ["payment_required"] * (CROWD - PAID_FOR)
    assert Submission.objects.count() == pool.payments.count() == PAID_FOR
    assert free_in(pool) == tokens * UNIT - PAID_FOR * DUES
    assert pool.admissions.count() == (PAID_FOR if pool.first else 0)
    assert_book_is_right()


def test_a_pool_for_any_counts_over_competitions(
    contest: Competition,
    alice: User,
    bob: User,
    base: Model,
    crowd: list[User],
    now: datetime,
):
    other = other_contest(contest, alice, base, now)
    pool = funded_pool(
        *(bob, 500, now),
        admits="first",
        first=PAID_FOR,
        user_cap=DUES,
        day_cap=100 * DUES,
    )

    answers = at_once(submit_calls([contest, other], crowd, now))

    assert codes(answers) == ["payment_required"] * (CROWD - PAID_FOR)
    assert pool.admissions.count() == pool.payments.count() == PAID_FOR
    assert_book_is_right()


def other_contest(
    contest: Competition, alice: User, base: Model, now: datetime
) -> Competition:
    """A second one like the first."""
    made = world.drafting.create_competition(
        sponsor=alice,
        spec=world.spec(
            *(alice, base, now),
            slug="other",
            submission_fee="1",
            deposit="2",
            budget_points=1000,
        ),
        now=now,
    )
    world.escrow.stake(
        competition=made, staker=alice, amount=100 * UNIT, key="other", now=now
    )
    for evaluation in made.evaluations.all():
        world.score(evaluation, right=10, now=now)
    made.refresh_from_db()
    return world.lifecycle.open_competition(competition=made, actor=alice, now=now)


def test_one_result_delivered_eight_times_is_charged_and_returned_once(
    contest: Competition, bob: User, charlie: User, now: datetime
):
    pool = funded_pool(bob, 30, now, competition=contest)
    entry = world.submit(charlie, contest, now, seed=1)
    evaluation = entry.evaluations.get()
    job = world.lease(evaluation, now)
    said = world.outputs(evaluation, right=20)
    usage = {"wall_seconds": 9.0}
    receipt = world.receipt(job, said, usage=usage, at=now)

    def deliver() -> Any:
        return measuring.record_outputs(
            evaluation_id=job.evaluation,
            lease=job.lease,
            outputs=said,
            digest=outputs_digest(said),
            engine_version="test",
            usage=usage,
            certificate=receipt,
            now=now + world.timedelta(seconds=20),
        )

    answers = at_once([deliver] * 8)

    assert codes(answers) == ["lease_lost"] * 7
    charge = Charge.objects.get(evaluation=evaluation)
    assert charge.paid == 9 * UNIT // 100
    assert free_in(pool) == 29 * UNIT
    assert_book_is_right()


def test_an_entry_that_is_scored_and_disqualified_at_once_is_closed_once(
    contest: Competition, bob: User, now: datetime
):
    world.fund(bob, 10, now)
    entry = world.submit(bob, contest, now, seed=1, pay=True)
    before = budget.balance(contest)

    def forfeit() -> bool:
        return deposits.forfeit(submission=entry, now=now)

    def give_back() -> bool:
        return deposits.give_back(
            submission=entry, reason=Dues.Reason.WITHDRAWN, now=now
        )

    answers = at_once([forfeit, give_back] * 4)

    assert sorted(answers) == [False] * 7 + [True]
    dues = Dues.objects.get()
    assert budget.balance(contest) == before + dues.kept - dues.fee_returned
    assert wallets.balance_of(bob) == 10 * UNIT - dues.spent
    assert_book_is_right()


def test_eight_top_ups_and_payments_at_once_pay_each_evaluation_once(
    alice: User, bob: User, base: Model, now: datetime
):
    world.fund(alice, 1000, now)
    competition = world.drafting.create_competition(
        sponsor=alice, spec=world.spec(alice, base, now, budget_points=1), now=now
    )
    for evaluation in competition.evaluations.all():
        world.score(evaluation, right=10, now=now, seconds=50)

    def top_up(number: int) -> Any:
        world.escrow.stake(
            competition=competition,
            staker=alice,
            amount=UNIT,
            key=f"top-{number}",
            now=now,
            purpose="budget",
        )
        budget.pay_waiting(competition_id=str(competition.pk), now=now)

    answers = at_once([lambda n=n: top_up(n) for n in range(8)])

    assert codes(answers) == []
    evaluator = User.objects.get(username="evaluator")
    assert wallets.balance_of(evaluator) == UNIT
    assert budget.balance(competition) == 7 * UNIT
    assert_book_is_right()


def test_a_pool_that_is_funded_and_closed_at_once_keeps_nothing(
    contest: Competition, bob: User, crowd: list[User], now: datetime
):
    pool = funded_pool(bob, 30, now, competition=contest)
    for miner in crowd[:4]:
        world.fund(miner, 10, now)

    calls: list[Callable[[], Any]] = [
        lambda m=m: paymaster.fund(
            pool=pool, funder=m, amount=10 * UNIT, key="x", now=now
        )
        for m in crowd[:4]
    ]
    calls += [lambda: paymaster.close(pool=pool, actor=bob, now=now)] * 4
    answers = at_once(calls)

    assert set(codes(answers)) <= {"pool_closed"}
    assert free_in(pool) == 0
    assert wallets.balance_of(bob) == 1000 * UNIT
    assert [wallets.balance_of(miner) for miner in crowd[:4]] == [10 * UNIT] * 4
    assert_book_is_right()


def test_two_competitions_that_end_at_once_pay_each_others_miners(
    contest: Competition,
    alice: User,
    bob: User,
    charlie: User,
    base: Model,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
):
    """Each has a deposit of somebody who has staked for the other."""
    other = other_contest(contest, alice, base, now)
    for seed, (miner, entered, staked) in enumerate(
        [(bob, contest, other), (charlie, other, contest)]
    ):
        world.fund(miner, 20, now)
        world.submit(miner, entered, now, seed=seed, pay=True)
        world.escrow.stake(
            competition=staked, staker=miner, amount=10 * UNIT, key="co", now=now
        )
    between, close_all = Barrier(2), paymaster.close_all

    def wait_and_close(**given: Any) -> None:
        with suppress(BrokenBarrierError):  # the other waits for a lock: as it should
            between.wait(timeout=1)
        close_all(**given)

    monkeypatch.setattr(paymaster, "close_all", wait_and_close)

    def end(pk: Any) -> bool:
        fresh = Competition.objects.get(pk=pk)
        return settling.refund_all(competition=fresh, actor="platform", now=now)

    answers = at_once([lambda pk=one.pk: end(pk) for one in (contest, other)])

    assert answers == [True, True]
    assert [wallets.balance_of(miner) for miner in (bob, charlie)] == [20 * UNIT] * 2
    assert_book_is_right()
