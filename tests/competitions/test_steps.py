"""Every verb of a person in every status, on a stored competition."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from accounts.models import User
from assay.protocol.errors import Refusal
from assay.protocol.lifecycle import STATUSES, STEPS
from catalogue.models import Model
from competitions.models import Award, Competition, Submission
from competitions.services import (
    cancelling,
    challenging,
    disqualifying,
    duties,
    escrow,
    history,
    lifecycle,
    revising,
    withdrawing,
)
from tests.builders import world
from tests.builders.world import UNIT

pytestmark = [pytest.mark.database, pytest.mark.django_db]

Verb = Callable[..., Any]
WHY = "For a reason that can be checked."


def stake(entry: Submission, people: dict[str, User], now: datetime) -> None:
    escrow.stake(
        competition=entry.competition,
        staker=people["sponsor"],
        amount=UNIT,
        key="more",
        now=now,
    )


def top_up(entry: Submission, people: dict[str, User], now: datetime) -> None:
    escrow.stake(
        competition=entry.competition,
        staker=people["sponsor"],
        amount=UNIT,
        key="budget",
        purpose="budget",
        now=now,
    )


def withdraw(entry: Submission, people: dict[str, User], now: datetime) -> None:
    withdrawing.withdraw_stake(
        stake=entry.competition.stakes.get(), actor=people["sponsor"], now=now
    )


def open_it(entry: Submission, people: dict[str, User], now: datetime) -> None:
    lifecycle.open_competition(
        competition=entry.competition, actor=people["sponsor"], now=now
    )


def move(entry: Submission, people: dict[str, User], now: datetime) -> None:
    lifecycle.move_deadline(
        competition=entry.competition,
        actor=people["sponsor"],
        deadline=entry.competition.deadline + timedelta(days=1),
        now=now,
    )


def cancel(entry: Submission, people: dict[str, User], now: datetime) -> None:
    lifecycle.cancel(competition=entry.competition, actor=people["sponsor"], now=now)


def accept(entry: Submission, people: dict[str, User], now: datetime) -> None:
    competition = entry.competition
    duties.accept_rules(
        competition=competition,
        person=people["miner"],
        rules_digest=competition.rules_digest,
        now=now,
    )


def submit(entry: Submission, people: dict[str, User], now: datetime) -> None:
    world.submit(people["miner"], entry.competition, now, seed=77)


def revise(entry: Submission, people: dict[str, User], now: datetime) -> None:
    sponsor, competition = people["sponsor"], entry.competition
    spec = world.spec(sponsor, competition.base_model, now, slug=competition.slug)
    revising.revise_competition(
        competition=competition, actor=sponsor, spec=spec, now=now
    )


def withdraw_entry(entry: Submission, people: dict[str, User], now: datetime) -> None:
    entry.refresh_from_db()
    cancelling.withdraw(submission=entry, actor=people["miner"], now=now)


def challenge(entry: Submission, people: dict[str, User], now: datetime) -> None:
    challenging.raise_challenge(
        submission=entry,
        challenger=people["sponsor"],
        objection=challenging.Objection("other", WHY, "once"),
        now=now,
    )


def disqualify(entry: Submission, people: dict[str, User], now: datetime) -> None:
    disqualifying.disqualify(
        submission=entry, actor=people["staff"], reason=WHY, now=now
    )


VERBS: dict[str, Verb] = {
    "stake": stake,
    "top_up": top_up,
    "withdraw": withdraw,
    "open": open_it,
    "revise": revise,
    "withdraw_entry": withdraw_entry,
    "move_deadline": move,
    "cancel": cancel,
    "accept_rules": accept,
    "submit": submit,
    "challenge": challenge,
    "disqualify": disqualify,
}


@pytest.fixture
def people(alice: User, bob: User, charlie: User) -> dict[str, User]:
    charlie.is_staff = True
    charlie.save()
    return {"sponsor": alice, "miner": bob, "staff": charlie}


@pytest.fixture
def entry(people: dict[str, User], base: Model, now: datetime) -> Submission:
    """An entry that is to be paid, whatever the status will be said to be."""
    competition = world.open_competition(
        people["sponsor"], base, now, challenge_window=timedelta(days=1)
    )
    made = world.submit(people["miner"], competition, now, seed=1)
    world.score(made.evaluations.get(), right=20, now=now)
    private = world.evaluating.queue(
        competition=competition,
        model=made.model,
        split="private",
        submission=made,
        now=now,
    )
    world.score(private, right=20, now=now)
    Award.objects.create(
        competition=competition, submission=made, rank=1, amount=100 * UNIT
    )
    Competition.objects.update(
        provisional_until=now + timedelta(days=1), second_price=1
    )
    return Submission.objects.select_related("competition", "model").get(pk=made.pk)


def test_the_verbs_of_people_are_all_tried():
    of_people = {name for name, step in STEPS.items() if step.words}

    assert set(VERBS) == of_people


@pytest.mark.parametrize("name", VERBS)
def test_a_verb_is_refused_wherever_the_table_does_not_start_it(
    name: str, entry: Submission, people: dict[str, User], now: datetime
):
    for status in STATUSES:
        with transaction.atomic():
            Competition.objects.update(status=status)
            entry.competition.refresh_from_db()
            before = entry.competition.history.count()
            try:
                VERBS[name](entry, people, now)
                code = ""
            except Refusal as refusal:
                code = refusal.code
            allowed = status in STEPS[name].starts
            if not allowed:
                assert code == STEPS[name].code, status
                assert entry.competition.history.count() == before
                assert Competition.objects.get().status == status
            else:  # cancelling meets the guard: somebody has submitted
                assert code == ("has_submissions" if name == "cancel" else ""), status
            transaction.set_rollback(True)


def test_a_transition_that_the_table_does_not_have_is_a_mistake_of_ours(
    entry: Submission, now: datetime
):
    with pytest.raises(ValueError, match="open to settled"):
        history.transition(
            competition=entry.competition, to="settled", actor="platform", now=now
        )


def test_a_historys_times_never_run_backwards(entry: Submission, now: datetime):
    early = now - timedelta(hours=2)

    history.record(
        competition=entry.competition, kind="note", actor="platform", now=early
    )

    times = list(entry.competition.history.values_list("at", flat=True))
    assert times == sorted(times)


def test_the_sponsor_neither_enters_nor_shares_in_an_entry(
    entry: Submission, people: dict[str, User], now: datetime
):
    competition = entry.competition
    sponsor = people["sponsor"]

    for miner, shares in (
        (sponsor, {}),
        (people["miner"], {"bob": 3, sponsor.username: 1}),
    ):
        with pytest.raises(Refusal) as refusal:
            world.submit(miner, competition, now, seed=9, shares=shares)
        assert refusal.value.code == "sponsor_may_not_enter"


def test_a_co_staker_may_enter(
    entry: Submission, people: dict[str, User], steward: User, now: datetime
):
    world.fund(steward, 5, now)
    escrow.stake(
        competition=entry.competition, staker=steward, amount=UNIT, key="co", now=now
    )

    made = world.submit(steward, entry.competition, now, seed=9)

    assert made.miner == steward
