"""Fee and deposit of an entry: taken once, and closed by its outcome, once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from assay.protocol.errors import InsufficientFunds, PaymentRequired
from catalogue.models import Model
from competitions.models import Competition, Dues, Submission
from competitions.services import budget, deposits, evaluating, lifecycle, settling
from ledger import selectors, verification, wallets
from ledger.services import AccountKind
from tests.builders import world
from tests.builders.world import UNIT

pytestmark = [pytest.mark.database, pytest.mark.django_db]

CENT = UNIT // 100
FEE, DEPOSIT = UNIT // 2, 5 * UNIT


@pytest.fixture(autouse=True)
def _prices(settings: Any) -> None:
    settings.EVALUATION_PRICE = "0.01"


@pytest.fixture
def contest(alice: User, base: Model, now: datetime) -> Competition:
    """A fee of 0.5 and a deposit of 5; the baseline is at 10 of 30."""
    return world.open_competition(
        alice, base, now, submission_fee="0.5", deposit="5", budget_points=100
    )


@pytest.fixture
def miner(bob: User, now: datetime) -> User:
    """Bob, with ten tokens."""
    world.fund(bob, 10, now)
    return bob


def free(user: User) -> int:
    return selectors.available(
        kind=AccountKind.WALLET, owner=user.owner_key, asset="AST"
    )


def submit(contest: Competition, miner: User, now: datetime) -> Submission:
    return world.submit(miner, contest, now, seed=1, pay=True)


def test_an_entry_is_refused_until_its_miner_agrees_to_pay(
    contest: Competition, miner: User, now: datetime
):
    with pytest.raises(PaymentRequired) as refusal:
        world.submit(miner, contest, now, seed=1)

    asked = refusal.value
    assert asked.code == "payment_required"
    assert (asked.fee, asked.deposit, asked.total) == ("0.5", "5", "5.5")
    assert not Submission.objects.exists()
    assert wallets.balance_of(miner) == 10 * UNIT


def test_a_fee_fills_the_budget_and_the_deposit_is_held(
    contest: Competition, miner: User, now: datetime
):
    before = budget.balance(contest)

    submit(contest, miner, now)

    assert budget.balance(contest) == before + FEE
    assert wallets.balance_of(miner) == 10 * UNIT - FEE
    assert free(miner) == 10 * UNIT - FEE - DEPOSIT
    assert Dues.objects.get().state == "held"


def test_a_wallet_that_holds_too_little_leaves_no_entry(
    contest: Competition, charlie: User, now: datetime
):
    world.fund(charlie, 5, now)

    with pytest.raises(InsufficientFunds):
        world.submit(charlie, contest, now, seed=1, pay=True)

    assert not Submission.objects.exists()
    assert free(charlie) == 5 * UNIT


def scored(right: int) -> Callable[[Submission, datetime], Any]:
    return lambda entry, now: world.score(
        entry.evaluations.get(), right=right, now=now, seconds=20
    )


def broken(entry: Submission, now: datetime) -> None:
    world.fail(entry.evaluations.get(), now=now, seconds=20)


def given_up(entry: Submission, now: datetime) -> None:
    for _ in range(4):
        world.fail(entry.evaluations.get(), now=now, fault="platform", seconds=20)


def withdrawn(entry: Submission, now: datetime) -> None:
    deposits.give_back(submission=entry, reason=Dues.Reason.WITHDRAWN, now=now)


def disqualified(entry: Submission, now: datetime) -> None:
    deposits.forfeit(submission=entry, now=now)


@pytest.mark.parametrize(
    ("happens", "reason", "kept", "fee_back"),
    [
        (scored(10), "reached_baseline", 0, 0),
        (scored(30), "reached_baseline", 0, 0),
        (scored(9), "below_baseline", 20 * CENT, 0),
        (broken, "model_failed", 20 * CENT, 0),
        (given_up, "platform_fault", 0, FEE),
        (withdrawn, "withdrawn", 0, FEE),
        (disqualified, "disqualified", DEPOSIT, 0),
    ],
)
def test_what_becomes_of_a_deposit(
    contest: Competition,
    miner: User,
    now: datetime,
    happens: Callable[[Submission, datetime], Any],
    reason: str,
    kept: int,
    fee_back: int,
):
    entry = submit(contest, miner, now)

    happens(entry, now)

    dues = Dues.objects.get()
    assert (dues.status, dues.reason) == ("closed", reason)
    assert (dues.kept, dues.fee_returned) == (kept, fee_back)
    assert dues.spent == FEE - fee_back + kept
    assert free(miner) == wallets.balance_of(miner) == 10 * UNIT - dues.spent
    assert [check.name for check in verification.verify() if not check.ok] == []


@pytest.mark.parametrize("second", [scored(9), withdrawn, disqualified])
def test_dues_are_closed_once(
    contest: Competition, miner: User, now: datetime, second: Any
):
    entry = submit(contest, miner, now)
    evaluation = entry.evaluations.get()
    job = world.lease(evaluation, now)
    disqualified(entry, now)
    before = Dues.objects.values().get()

    if second in (withdrawn, disqualified):
        second(entry, now)
    else:
        evaluating.record_failure(
            evaluation_id=job.evaluation,
            lease=job.lease,
            fault="model",
            code="broken",
            sentence="It broke.",
            usage={},
            now=now,
        )

    assert Dues.objects.values().get() == before
    assert wallets.balance_of(miner) == 10 * UNIT - FEE - DEPOSIT


def test_where_evaluation_is_free_a_weak_entry_gets_all_of_it_back(
    alice: User, base: Model, miner: User, now: datetime
):
    contest = world.open_competition(alice, base, now, deposit="5")
    entry = submit(contest, miner, now)

    broken(entry, now)

    assert Dues.objects.get().state == "returned"
    assert free(miner) == 10 * UNIT


def test_an_entry_that_costs_nothing_has_no_dues(
    alice: User, base: Model, bob: User, now: datetime
):
    contest = world.open_competition(alice, base, now)

    world.submit(bob, contest, now, seed=1)

    assert not Dues.objects.exists()


def test_kept_deposits_and_fees_go_to_the_stakers_in_the_end(
    contest: Competition, alice: User, miner: User, now: datetime
):
    entry = submit(contest, miner, now)
    broken(entry, now)
    later = now + timedelta(days=8)

    lifecycle.advance(competition=contest, now=later)

    contest.refresh_from_db()
    assert contest.status == "settled"
    evaluator = User.objects.get(username="evaluator")
    assert wallets.balance_of(evaluator) == 20 * CENT
    # The deposit paid for the evaluation; the fee is left over.
    assert wallets.balance_of(alice) == 1000 * UNIT + FEE
    assert budget.balance(contest) == 0


def test_a_competition_that_ends_before_an_entry_is_decided_returns_its_dues(
    contest: Competition, alice: User, miner: User, now: datetime
):
    entry = submit(contest, miner, now)

    settling.refund_all(competition=contest, actor="platform", now=now)
    scored(5)(entry, now)

    entry.dues.refresh_from_db()
    assert (entry.dues.reason, entry.dues.kept) == ("withdrawn", 0)
    assert free(miner) == wallets.balance_of(miner) == 10 * UNIT
    assert wallets.balance_of(alice) == 1000 * UNIT
    assert [check.name for check in verification.verify() if not check.ok] == []
