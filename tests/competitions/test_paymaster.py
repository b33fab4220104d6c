"""Pools: whom they pay for, how much, and what their funders get back."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from assay.protocol.errors import (
    Conflict,
    Forbidden,
    Invalid,
    LimitReached,
    NotFound,
    PaymentRequired,
)
from catalogue.models import Model
from common.models import Job
from competitions import pool_selectors, tasks
from competitions.models import Competition, Dues, Pool, Submission
from competitions.services import deposits, escrow, lifecycle, paymaster, pooling
from competitions.services.pooling import PoolSpec
from ledger import selectors, verification, wallets
from ledger.services import AccountKind
from tests.builders import world
from tests.builders.world import UNIT

pytestmark = [pytest.mark.database, pytest.mark.django_db]

FEE, DEPOSIT = UNIT, 2 * UNIT
DUES = FEE + DEPOSIT


@pytest.fixture(autouse=True)
def _prices(settings: Any) -> None:
    settings.EVALUATION_PRICE = "0"


@pytest.fixture
def contest(alice: User, base: Model, now: datetime) -> Competition:
    """A fee of 1 and a deposit of 2."""
    return world.open_competition(alice, base, now, submission_fee="1", deposit="2")


def pool_of(
    owner: User,
    now: datetime,
    *,
    tokens: int = 30,
    competition: Competition | None = None,
    **changes: Any,
) -> Pool:
    """Opened and funded by ``owner``."""
    fields = {"title": "For beginners", "admits": "all", **changes}
    if competition is None:
        fields = {"user_cap": 100 * UNIT, "day_cap": 100 * UNIT, **fields}
    pool = pooling.open_pool(
        owner=owner, spec=PoolSpec(competition=competition, **fields), now=now
    )
    if tokens:
        world.fund(owner, 500, now)
        paymaster.fund(
            pool=pool, funder=owner, amount=tokens * UNIT, key=f"p{pool.id}", now=now
        )
    return pool


def in_pool(pool: Pool) -> int:
    return selectors.balance(kind=AccountKind.POOL, owner=pool.owner_key, asset="AST")


def test_a_pool_pays_fee_and_deposit_and_gets_the_deposit_back(
    contest: Competition, bob: User, charlie: User, now: datetime
):
    pool = pool_of(charlie, now, competition=contest)

    entry = world.submit(bob, contest, now, seed=1)
    free_meanwhile = paymaster.available(pool)
    world.score(entry.evaluations.get(), right=20, now=now)

    assert free_meanwhile == 30 * UNIT - DUES
    assert paymaster.available(pool) == in_pool(pool) == 30 * UNIT - FEE
    assert wallets.balance_of(bob) == 0
    assert entry.dues.pool == pool


@pytest.mark.parametrize(
    "changes",
    [
        {"admits": "listed", "handles": ["charlie"]},
        {"tokens": 2},
        {"user_cap": DUES - 1},
        {"day_cap": DUES - 1},
    ],
)
def test_whom_no_pool_pays_for_is_asked(
    contest: Competition, bob: User, charlie: User, now: datetime, changes: Any
):
    pool_of(charlie, now, competition=contest, **changes)

    with pytest.raises(PaymentRequired) as refusal:
        world.submit(bob, contest, now, seed=1)

    assert refusal.value.total == "3"


def test_those_on_the_list_are_paid_for(
    contest: Competition, bob: User, charlie: User, now: datetime
):
    pool = pool_of(charlie, now, competition=contest, admits="listed", handles=["bob"])

    assert world.submit(bob, contest, now, seed=1).dues.pool == pool


def test_the_first_are_paid_for_again_and_the_next_is_not(
    contest: Competition, bob: User, charlie: User, steward: User, now: datetime
):
    pool = pool_of(charlie, now, competition=contest, admits="first", first=1)

    for seed in (1, 2):
        assert world.submit(bob, contest, now, seed=seed).dues.pool == pool
    with pytest.raises(PaymentRequired):
        world.submit(steward, contest, now, seed=3)


def test_a_cap_counts_what_was_not_given_back(
    contest: Competition, bob: User, charlie: User, now: datetime
):
    pool_of(charlie, now, competition=contest, user_cap=DUES + FEE)
    entry = world.submit(bob, contest, now, seed=1)

    with pytest.raises(PaymentRequired):
        world.submit(bob, contest, now, seed=2)
    world.score(entry.evaluations.get(), right=20, now=now)

    assert world.submit(bob, contest, now, seed=2).dues.pool is not None


def test_the_cap_of_a_day_is_one_of_24_hours(
    contest: Competition, bob: User, charlie: User, now: datetime
):
    pool_of(charlie, now, competition=contest, day_cap=DUES)
    world.submit(bob, contest, now, seed=1)

    with pytest.raises(PaymentRequired):
        world.submit(bob, contest, now + timedelta(hours=23), seed=2)

    late = now + timedelta(hours=25)
    assert world.submit(bob, contest, late, seed=2).dues.pool is not None


def test_sponsor_and_stakers_are_not_paid_for(
    contest: Competition, bob: User, charlie: User, now: datetime
):
    pool_of(charlie, now)
    world.fund(bob, 100, now)
    escrow.stake(competition=contest, staker=bob, amount=1, key="s", now=now)

    with pytest.raises(PaymentRequired):
        world.submit(bob, contest, now, seed=1)


def test_the_pool_of_the_competition_is_asked_before_one_for_any(
    contest: Competition, bob: User, charlie: User, now: datetime
):
    pool_of(charlie, now)
    own = pool_of(charlie, now + timedelta(seconds=1), competition=contest)

    found = paymaster.find(competition=contest, user=bob, amount=DUES, now=now)
    assert found == own
    assert world.submit(bob, contest, now, seed=1).dues.pool == own


def test_closing_returns_what_is_left_in_proportion(
    contest: Competition, bob: User, charlie: User, now: datetime
):
    pool = pool_of(charlie, now, competition=contest, tokens=20)
    world.fund(bob, 100, now)
    paymaster.fund(pool=pool, funder=bob, amount=10 * UNIT, key="mine", now=now)
    paymaster.fund(pool=pool, funder=bob, amount=10 * UNIT, key="mine", now=now)
    steward = User.objects.get(username="steward")
    entry = world.submit(steward, contest, now, seed=1)
    deposits.forfeit(submission=entry, now=now)

    closed = paymaster.close(pool=pool, actor=charlie, now=now)

    assert closed.status == "closed"
    assert in_pool(pool) == 0
    assert wallets.balance_of(charlie) == 480 * UNIT + 18 * UNIT
    assert wallets.balance_of(bob) == 90 * UNIT + 9 * UNIT
    returned = {f.funder.username: f.returned for f in pool.fundings.all()}
    assert returned == {"charlie": 18 * UNIT, "bob": 9 * UNIT}


def test_a_pool_closes_when_the_last_deposit_is_decided(
    contest: Competition,
    bob: User,
    charlie: User,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(tasks, "now", lambda: now)
    pool = pool_of(charlie, now, competition=contest)
    entry = world.submit(bob, contest, now, seed=1)

    closing = paymaster.close(pool=pool, actor=charlie, now=now)
    with pytest.raises(PaymentRequired):
        world.submit(bob, contest, now, seed=2)
    world.score(entry.evaluations.get(), right=20, now=now)
    for _ in range(2):
        tasks.finish_pool(str(pool.pk))

    pool.refresh_from_db()
    assert (closing.status, pool.status) == ("closing", "closed")
    assert wallets.balance_of(charlie) == 500 * UNIT - FEE
    assert [check.name for check in verification.verify() if not check.ok] == []


@pytest.mark.parametrize("ends", ["settled", "cancelled"])
def test_the_end_of_a_competition_gives_its_pools_back_whoever_opened_them(
    ends: str,
    contest: Competition,
    alice: User,
    bob: User,
    charlie: User,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(tasks, "now", lambda: now)
    pool = pool_of(charlie, now, competition=contest, tokens=20)
    elsewhere = pool_of(charlie, now, tokens=5)
    world.fund(bob, 100, now)
    paymaster.fund(pool=pool, funder=bob, amount=10 * UNIT, key="mine", now=now)

    if ends == "cancelled":
        lifecycle.cancel(competition=contest, actor=alice, now=now)
    else:
        lifecycle.advance(competition=contest, now=now + timedelta(days=8))
    for job in Job.objects.filter(name=paymaster.FINISH):
        tasks.finish_pool(**job.arguments)

    contest.refresh_from_db()
    pool.refresh_from_db()
    elsewhere.refresh_from_db()
    assert (contest.status, pool.status, elsewhere.status) == (ends, "closed", "open")
    assert wallets.balance_of(bob) == 100 * UNIT
    assert wallets.balance_of(charlie) == 495 * UNIT
    with pytest.raises(Conflict):
        pool_of(charlie, now, competition=contest, tokens=0)


def test_only_its_owner_closes_a_pool_and_nobody_funds_a_closed_one(
    contest: Competition, bob: User, charlie: User, now: datetime
):
    pool = pool_of(charlie, now, competition=contest, tokens=0)
    world.fund(bob, 10, now)

    with pytest.raises(Forbidden):
        paymaster.close(pool=pool, actor=bob, now=now)
    paymaster.close(pool=pool, actor=charlie, now=now)
    with pytest.raises(Conflict) as refusal:
        paymaster.fund(pool=pool, funder=bob, amount=UNIT, key="late", now=now)

    assert refusal.value.code == "pool_closed"
    assert wallets.balance_of(bob) == 10 * UNIT


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title": " "}, "pool_title"),
        ({"admits": "friends"}, "pool_admits"),
        ({"admits": "listed"}, "pool_list"),
        ({"handles": ["bob"]}, "pool_list"),
        ({"admits": "listed", "handles": ["nobody"]}, "pool_handle_unknown"),
        ({"admits": "first"}, "pool_first"),
        ({"admits": "first", "first": 0}, "pool_first"),
        ({"first": 3}, "pool_first"),
        ({"user_cap": 0}, "pool_cap_missing"),
        ({"day_cap": 0}, "pool_cap_missing"),
    ],
)
def test_pools_that_make_no_sense_are_refused(
    bob: User, now: datetime, changes: Any, code: str
):
    with pytest.raises(Invalid) as refusal:
        pool_of(bob, now, tokens=0, **changes)

    assert refusal.value.code == code
    assert not Pool.objects.exists()


def test_a_person_has_a_bounded_number_of_pools(
    contest: Competition, bob: User, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pooling, "MAX_OPEN_POOLS", 1)
    pool_of(bob, now, competition=contest, tokens=0)

    with pytest.raises(LimitReached):
        pool_of(bob, now, competition=contest, tokens=0)


def test_who_pays_alone_takes_nothing_from_the_pools(
    contest: Competition, bob: User, charlie: User, now: datetime
):
    pool = pool_of(charlie, now, competition=contest, tokens=2)
    world.fund(bob, 10, now)

    entry = world.submit(bob, contest, now, seed=1, pay=True)

    assert entry.dues.pool is None
    assert in_pool(pool) == 2 * UNIT
    assert Dues.objects.count() == Submission.objects.count() == 1


def test_lists_hide_pools_for_what_is_not_public(
    contest: Competition, alice: User, base: Model, bob: User, now: datetime
):
    draft = world.drafting.create_competition(
        sponsor=alice, spec=world.spec(alice, base, now, slug="draft"), now=now
    )
    hidden = pool_of(alice, now, tokens=0, competition=draft)
    for_any = pool_of(bob, now, tokens=0)
    own = pool_of(bob, now, tokens=0, competition=contest)

    listed = pool_selectors.visible_pools().items
    for_draft = pool_selectors.visible_pools(competition=draft).items

    assert set(listed) == {for_any, own}
    assert set(for_draft) == {for_any, hidden}
    with pytest.raises(NotFound):
        pool_selectors.pool_by_id(pool_id=str(hidden.pk), viewer=bob)
    assert pool_selectors.pool_by_id(pool_id=str(hidden.pk), viewer=alice) == hidden
