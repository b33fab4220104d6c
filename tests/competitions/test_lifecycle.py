"""Each transition happens when it may, and only then."""

from datetime import datetime, timedelta

import pytest

from accounts.models import User
from assay.protocol import journal
from assay.protocol.canonical import digest
from assay.protocol.errors import Conflict, Forbidden, Invalid
from catalogue.models import Model
from competitions.models import Competition
from competitions.services import drafting, escrow, lifecycle
from tests.builders import world
from tests.builders.world import UNIT

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def draft(sponsor: User, base: Model, now: datetime) -> Competition:
    world.fund(sponsor, 1000, now)
    return drafting.create_competition(
        sponsor=sponsor, spec=world.spec(sponsor, base, now), now=now
    )


def test_a_draft_becomes_funded_when_its_minimum_is_staked(
    alice: User, base: Model, now: datetime
):
    competition = draft(alice, base, now)

    escrow.stake(
        competition=competition, staker=alice, amount=99 * UNIT, key="a", now=now
    )
    competition.refresh_from_db()
    assert competition.status == "draft"

    escrow.stake(competition=competition, staker=alice, amount=UNIT, key="b", now=now)
    competition.refresh_from_db()
    assert competition.status == "funded"


@pytest.mark.parametrize("opens", [True, False])
def test_a_deadline_that_moved_while_the_clock_looked_is_kept(
    opens: bool, alice: User, base: Model, now: datetime
):
    make = world.open_competition if opens else world.funded_competition
    competition = make(alice, base, now)
    late = competition.deadline + timedelta(hours=1)
    seen_before = Competition.objects.get(pk=competition.pk)
    lifecycle.move_deadline(
        competition=competition, actor=alice, deadline=late + timedelta(days=1), now=now
    )

    lifecycle.advance(competition=seen_before, now=late)

    competition.refresh_from_db()
    assert competition.status == ("open" if opens else "funded")


def test_the_same_stake_sent_twice_is_one_stake(
    alice: User, base: Model, now: datetime
):
    competition = draft(alice, base, now)

    first, second = (
        escrow.stake(
            competition=competition, staker=alice, amount=5 * UNIT, key="k", now=now
        )
        for _ in range(2)
    )

    assert first.pk == second.pk
    assert escrow.escrow_balance(competition) == 5 * UNIT


def test_a_competition_without_a_baseline_does_not_open(
    alice: User, base: Model, now: datetime
):
    competition = draft(alice, base, now)
    escrow.stake(
        competition=competition, staker=alice, amount=100 * UNIT, key="a", now=now
    )

    with pytest.raises(Conflict) as refusal:
        lifecycle.open_competition(competition=competition, actor=alice, now=now)

    assert refusal.value.code == "baseline_pending"


def test_only_the_sponsor_opens(alice: User, bob: User, base: Model, now: datetime):
    competition = world.funded_competition(alice, base, now)

    with pytest.raises(Forbidden):
        lifecycle.open_competition(competition=competition, actor=bob, now=now)


def test_opening_freezes_and_hashes_the_rules(alice: User, base: Model, now: datetime):
    competition = world.open_competition(alice, base, now)

    assert competition.status == "open"
    assert len(competition.rules_digest) == 64
    opened = competition.history.get(kind="open")
    assert opened.facts["rules_digest"] == competition.rules_digest


@pytest.mark.parametrize(
    "limit",
    [
        *("daily_submissions", "daily_failures"),
        *("max_bytes", "max_memory", "max_seconds"),
    ],
)
def test_no_limit_can_be_changed_under_the_hash(
    alice: User, base: Model, now: datetime, limit: str
):
    competition = world.open_competition(alice, base, now)

    setattr(competition, limit, getattr(competition, limit) + 1)

    assert digest(lifecycle.rules_of(competition)) != competition.rules_digest


def test_an_open_deadline_cannot_come_forward_without_the_setting(
    alice: User, base: Model, now: datetime, settings
):
    settings.DEADLINE_MAY_SHORTEN = False
    competition = world.open_competition(alice, base, now)
    day = timedelta(days=1)

    with pytest.raises(Invalid) as refusal:
        lifecycle.move_deadline(
            competition=competition,
            actor=alice,
            deadline=competition.deadline - day,
            now=now,
        )
    moved = lifecycle.move_deadline(
        competition=competition,
        actor=alice,
        deadline=competition.deadline + day,
        now=now,
    )

    assert refusal.value.code == "deadline_earlier"
    assert moved.deadline == now + 8 * day


def test_a_draft_that_never_opened_is_cancelled_and_refunded_at_its_deadline(
    alice: User, base: Model, now: datetime
):
    competition = world.funded_competition(alice, base, now)

    lifecycle.advance(competition=competition, now=now + timedelta(days=8))

    assert competition.status == "cancelled"
    assert escrow.escrow_balance(competition) == 0


def test_judging_waits_for_pending_public_evaluations(
    alice: User, bob: User, base: Model, now: datetime
):
    competition = world.open_competition(alice, base, now)
    made = world.submit(bob, competition, now, seed=1)
    later = now + timedelta(days=8)

    lifecycle.advance(competition=competition, now=later)
    assert competition.status == "closed"

    world.score(made.evaluations.get(), right=20, now=later)
    lifecycle.advance(competition=competition, now=later)
    assert competition.status == "judging"


def test_the_history_is_a_chain_that_anyone_can_check(
    alice: User, bob: User, base: Model, now: datetime
):
    competition = world.open_competition(alice, base, now)
    world.submit(bob, competition, now, seed=1)

    history = list(competition.history.all())
    entries = [
        {
            "number": e.number,
            "kind": e.kind,
            "facts": e.facts,
            "actor": e.actor,
            "at": e.at.isoformat(),
        }
        for e in history
    ]

    assert journal.check(entries, [e.head for e in history]) == history[-1].head
    kinds = [e.kind for e in history]
    assert kinds == [
        "draft", "staked", "funded", "scored", "open", "submitted",
    ]  # fmt: skip
