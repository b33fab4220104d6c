"""Real connections that race each other over one competition."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from accounts.services import sign_up
from assay.protocol import journal
from assay.protocol.errors import Conflict, InsufficientFunds, LimitReached, Refusal
from assay.protocol.scoring import outputs_digest
from catalogue.models import Model
from common.models import Job
from competitions.models import Competition, Evaluation, Stake, Submission
from competitions.services import (
    drafting,
    escrow,
    evaluating,
    lifecycle,
    measuring,
    submitting,
)
from competitions.specification import EntrySpec
from ledger import verification, wallets
from tests.builders import world
from tests.builders.weights import bert_files
from tests.builders.world import UNIT
from tests.services.threads import at_once

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

CLIENTS = 8


@pytest.fixture
def miners(db: None) -> list[User]:
    """Eight of them."""
    return [
        sign_up(handle=f"miner-{n}", email="", password="eight at the same moment")
        for n in range(CLIENTS)
    ]


def entry_of(miner: User, seed: int) -> EntrySpec:
    """A tiny model that its miner has uploaded already."""
    return EntrySpec(
        name=f"model-{seed}",
        kind="full",
        files=world.stored(miner, bert_files(seed=seed)),
        terms=world.PAID_TERMS,
    )


def submit_at_once(
    competition: Competition, entries: Sequence[tuple[User, EntrySpec]], now: datetime
) -> list[Any]:
    def call(miner: User, entry: EntrySpec) -> Submission:
        fresh = Competition.objects.get(pk=competition.pk)
        world.accept(miner, fresh, now)
        return submitting.submit(miner=miner, competition=fresh, entry=entry, now=now)

    return at_once([lambda m=m, e=e: call(m, e) for m, e in entries])


def codes(answers: Sequence[Any]) -> list[str]:
    """Of what was refused; anything else that was raised fails the test here."""
    raised = [answer for answer in answers if isinstance(answer, Exception)]
    assert [error for error in raised if not isinstance(error, Refusal)] == []
    return [error.code for error in raised]


def assert_history_is_whole(competition: Competition) -> None:
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
    assert [e.number for e in history] == list(range(1, len(history) + 1))
    assert journal.check(entries, [e.head for e in history]) == history[-1].head


def assert_book_is_right() -> None:
    assert [check.name for check in verification.verify() if not check.ok] == []


def test_eight_evaluators_lease_one_evaluation_once(
    alice: User, bob: User, base: Model, now: datetime
):
    competition = world.open_competition(alice, base, now)
    evaluation = world.submit(bob, competition, now, seed=1).evaluations.get()

    answers = at_once(
        [
            lambda: evaluating.lease(
                evaluation_id=str(evaluation.id), evaluator=alice, now=now
            )
        ]
        * CLIENTS
    )

    held = [a for a in answers if isinstance(a, evaluating.LeasedJob)]
    assert codes(answers) == ["evaluation_not_available"] * (CLIENTS - 1)
    evaluation.refresh_from_db()
    assert [job.lease for job in held] == [str(evaluation.lease)]
    assert evaluation.attempts == 1


def test_a_lapsed_evaluation_is_taken_up_once_by_eight_reapers(
    alice: User, bob: User, base: Model, now: datetime, settings
):
    competition = world.open_competition(alice, base, now)
    evaluation = world.submit(bob, competition, now, seed=1).evaluations.get()
    world.lease(evaluation, now)
    told = {"name": evaluating.TASK, "arguments__evaluation_id": str(evaluation.id)}
    before = Job.objects.filter(**told).count()

    counts = at_once([lambda: evaluating.reap(now + settings.LEASE_DURATION)] * CLIENTS)

    assert sorted(counts) == [0] * (CLIENTS - 1) + [1]
    assert Job.objects.filter(**told).count() == before + 1


def test_one_answer_delivered_eight_times_is_scored_once(
    alice: User, bob: User, base: Model, now: datetime
):
    competition = world.open_competition(alice, base, now)
    evaluation = world.submit(bob, competition, now, seed=1).evaluations.get()
    job = world.lease(evaluation, now)
    said = world.outputs(evaluation, right=20)
    receipt = world.receipt(job, said, usage={}, at=now)

    answers = at_once(
        [
            lambda: measuring.record_outputs(
                evaluation_id=job.evaluation,
                lease=job.lease,
                outputs=said,
                digest=outputs_digest(said),
                engine_version="test",
                usage={},
                certificate=receipt,
                now=now,
            )
        ]
        * CLIENTS
    )

    assert codes(answers) == ["lease_lost"] * (CLIENTS - 1)
    scored = competition.history.filter(
        kind="scored", facts__submission=str(evaluation.submission_id)
    )
    assert scored.count() == 1


def test_eight_submissions_at_once_do_not_exceed_the_quota(
    alice: User, bob: User, base: Model, now: datetime
):
    competition = world.open_competition(alice, base, now, daily_submissions=3)
    entries = [(bob, entry_of(bob, seed)) for seed in range(CLIENTS)]

    answers = submit_at_once(competition, entries, now)

    assert codes(answers) == ["submission_quota"] * (CLIENTS - 3)
    assert {type(a) for a in answers} == {Submission, LimitReached}
    assert (
        competition.submissions.count()
        == Evaluation.objects.filter(submission__isnull=False).count()
        == 3
    )
    assert Model.objects.filter(owner=bob).count() == 3


def test_eight_miners_submit_and_are_scored_at_the_same_moment(
    alice: User, miners: list[User], base: Model, now: datetime
):
    competition = world.open_competition(alice, base, now)
    entries = [(miner, entry_of(miner, seed)) for seed, miner in enumerate(miners)]

    assert codes(submit_at_once(competition, entries, now)) == []
    pending = list(Evaluation.objects.filter(submission__isnull=False))
    assert len(pending) == CLIENTS
    User.objects.get_or_create(username="evaluator")
    answers = at_once([lambda e=e: world.score(e, right=20, now=now) for e in pending])

    assert codes(answers) == []
    assert {answer.score for answer in answers} == {20 / 30}
    assert_history_is_whole(competition)


def test_one_set_of_weights_from_eight_miners_is_taken_once(
    alice: User, miners: list[User], base: Model, now: datetime
):
    competition = world.open_competition(alice, base, now)
    entries = [(miner, entry_of(miner, seed=1)) for miner in miners]

    answers = submit_at_once(competition, entries, now)

    assert codes(answers) == ["weights_known"] * (CLIENTS - 1)
    assert competition.submissions.count() == 1


def test_a_competition_opens_once(alice: User, base: Model, now: datetime):
    competition = world.funded_competition(alice, base, now)

    answers = at_once(
        [
            lambda: lifecycle.open_competition(
                competition=competition, actor=alice, now=now
            )
        ]
        * CLIENTS
    )

    assert codes(answers) == ["competition_status"] * (CLIENTS - 1)
    assert competition.history.filter(kind="open").count() == 1


def test_stakes_that_race_the_deadline_are_taken_and_returned_or_refused(
    alice: User, miners: list[User], base: Model, now: datetime
):
    """No token may stay behind in the escrow of a cancelled competition."""
    for miner in miners:
        world.fund(miner, 10, now)
    world.fund(alice, 10, now)
    later = now + timedelta(days=8)
    for turn in range(4):
        competition = drafting.create_competition(
            sponsor=alice,
            spec=world.spec(alice, base, now, slug=f"race-{turn}"),
            now=now,
        )
        escrow.stake(
            competition=competition, staker=alice, amount=UNIT, key=f"{turn}", now=now
        )

        def stake(miner: User, competition=competition, key=f"{turn}") -> Stake:
            return escrow.stake(
                competition=competition, staker=miner, amount=UNIT, key=key, now=later
            )

        def expire(competition=competition) -> None:
            fresh = Competition.objects.get(pk=competition.pk)
            lifecycle.advance(competition=fresh, now=later)

        answers = at_once(
            [expire, expire, *(lambda m=m, stake=stake: stake(m) for m in miners)]
        )

        assert set(codes(answers)) <= {"stake_too_late"}
        assert escrow.escrow_balance(competition) == 0
    assert [wallets.balance_of(m) for m in miners] == [10 * UNIT] * CLIENTS
    assert wallets.balance_of(alice) == 10 * UNIT
    assert_book_is_right()


def test_eight_clocks_settle_a_competition_once(
    alice: User, bob: User, base: Model, now: datetime
):
    competition = world.open_competition(alice, base, now)
    world.score(
        world.submit(bob, competition, now, seed=1).evaluations.get(), right=25, now=now
    )
    later = now + timedelta(days=8)

    def advance() -> None:
        fresh = Competition.objects.get(pk=competition.pk)
        lifecycle.advance(competition=fresh, now=later)

    assert codes(at_once([advance] * CLIENTS)) == []
    final = Evaluation.objects.get(split="private", submission__isnull=False)
    world.score(final, right=25, now=later)
    assert codes(at_once([advance] * CLIENTS)) == []
    world.repeat(competition, now=later)
    assert codes(at_once([advance] * CLIENTS)) == []

    competition.refresh_from_db()
    assert competition.status == "settled"
    kinds = list(competition.history.values_list("kind", flat=True))
    once = ["closed", "judging", "provisional", "repeated", "settled"]
    assert [kind for kind in kinds if kind in once] == once
    assert wallets.balance_of(bob) == 100 * UNIT
    assert escrow.escrow_balance(competition) == 0
    assert_history_is_whole(competition)
    assert_book_is_right()


def test_eight_stakes_cannot_spend_one_wallet_twice(
    alice: User, bob: User, base: Model, now: datetime
):
    competition = world.funded_competition(alice, base, now)
    world.fund(bob, 10, now)

    def stake(number: int) -> Stake:
        return escrow.stake(
            competition=competition,
            staker=bob,
            amount=3 * UNIT,
            key=f"stake-{number}",
            now=now,
        )

    answers = at_once([lambda n=n: stake(n) for n in range(CLIENTS)])

    assert codes(answers) == ["insufficient_funds"] * (CLIENTS - 3)
    refused = [a for a in answers if isinstance(a, Conflict)]
    assert all(isinstance(a, InsufficientFunds) for a in refused)
    assert escrow.escrow_balance(competition) == 109 * UNIT
    assert wallets.balance_of(bob) == UNIT
    assert_book_is_right()
