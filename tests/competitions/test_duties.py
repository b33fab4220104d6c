"""What winners owe before they are paid, and what happens when they do not."""

from datetime import datetime, timedelta

import pytest

from accounts.models import User
from assay.protocol.errors import Conflict
from catalogue.models import Model
from competitions.models import (
    Challenge,
    Competition,
    Evaluation,
    RulesAcceptance,
    Submission,
)
from competitions.selectors import GAVE_UP, given_up, rank_of
from competitions.services import duties, evaluating, lifecycle, waiting
from ledger import wallets
from tests.builders import world
from tests.builders.world import UNIT

pytestmark = [pytest.mark.database, pytest.mark.django_db]

WINDOW = timedelta(days=2)


@pytest.fixture
def end(now: datetime) -> datetime:
    """When everything is judged."""
    return now + timedelta(days=8)


@pytest.fixture
def competition(
    alice: User, bob: User, charlie: User, base: Model, now: datetime, end: datetime
) -> Competition:
    """Provisional: charlie is first, bob second; nothing is repeated yet."""
    made = world.open_competition(alice, base, now, challenge_window=WINDOW)
    for miner, seed in ((bob, 1), (charlie, 2)):
        entry = world.submit(miner, made, now, seed=seed)
        world.score(entry.evaluations.get(), right=20, now=now)
    world.rank_all(made, {"bob": 20, "charlie": 25}, end)
    return made


@pytest.fixture
def winner(competition: Competition) -> Submission:
    return competition.awards.get().submission


@pytest.fixture
def repeat(winner: Submission) -> Evaluation:
    found = duties.own_repeat(winner)
    assert found is not None
    return found


def states(entry: Submission, now: datetime) -> list[str]:
    return [duty.state.value for duty in duties.duties_of(entry, now=now)]


def advance(competition: Competition, now: datetime) -> str:
    fresh = Competition.objects.get(pk=competition.pk)
    lifecycle.advance(competition=fresh, now=now)
    competition.refresh_from_db()
    return competition.status


def test_only_winners_are_repeated_once_and_the_repetition_is_on_no_board(
    competition: Competition, winner: Submission, repeat: Evaluation, end: datetime
):
    queued = competition.evaluations.filter(status="queued")
    assert list(queued) == [repeat]

    world.score(repeat, right=30, now=end)

    assert rank_of(submission=winner, now=end) == 1
    assert duties.counted(winner).score == 25 / 30


def test_settlement_waits_for_the_repetition_and_the_page_says_so(
    competition: Competition, winner: Submission, end: datetime
):
    assert states(winner, end) == ["met", "met", "pending"]
    assert advance(competition, end + WINDOW) == "provisional"
    assert waiting.in_words(competition, now=end) == [
        "Rank 1: Its private evaluation is being repeated."
    ]

    world.repeat(competition, now=end + WINDOW)

    assert states(winner, end) == ["met", "met", "met"]
    assert waiting.in_words(competition, now=end) == []
    assert advance(competition, end + WINDOW) == "settled"


def test_another_result_is_challenged_by_the_platform_once_and_left_to_staff(
    competition: Competition, winner: Submission, repeat: Evaluation, end: datetime
):
    world.score(repeat, right=24, now=end)

    for _ in range(3):
        assert advance(competition, end + WINDOW) == "provisional"

    made = Challenge.objects.get()
    assert (made.challenger, made.kind, made.deposit) == (None, "irreproducible", 0)
    assert made.evidence["repeated_score"] == repr(24 / 30)
    assert states(winner, end) == ["met", "met", "challenged"]
    assert competition.history.get(kind="challenged").actor == "platform"


def test_a_model_that_breaks_when_it_is_repeated_is_challenged_too(
    competition: Competition, winner: Submission, repeat: Evaluation, end: datetime
):
    world.fail(repeat, now=end)

    advance(competition, end)

    assert Challenge.objects.get().evidence["repeat_failed"] == "It broke."


def test_what_the_platform_cannot_repeat_waits_and_nobody_loses(
    competition: Competition,
    winner: Submission,
    repeat: Evaluation,
    charlie: User,
    end: datetime,
    settings,
):
    settings.EVALUATION_MAX_ATTEMPTS = 1
    world.fail(repeat, now=end, fault="platform")

    assert states(winner, end) == ["met", "met", "platform"]
    assert advance(competition, end + WINDOW) == "provisional"
    assert not Challenge.objects.exists()
    assert given_up() == [repeat]

    assert evaluating.requeue(evaluation_id=str(repeat.pk), now=end)
    world.repeat(competition, now=end)
    assert advance(competition, end + WINDOW) == "settled"
    assert wallets.balance_of(charlie) == 100 * UNIT


def test_a_winner_who_never_accepted_the_rules_gives_way_when_the_window_ends(
    competition: Competition, winner: Submission, bob: User, end: datetime
):
    RulesAcceptance.objects.filter(person=winner.miner).delete()
    world.repeat(competition, now=end)

    assert states(winner, end) == ["pending", "met", "met"]
    assert advance(competition, end) == "provisional"
    assert competition.awards.get().submission == winner

    assert advance(competition, end + WINDOW) == "provisional"
    assert competition.awards.get().submission.miner == bob
    assert winner.disqualification.actor == "platform"
    assert competition.provisional_until == end + 2 * WINDOW


def test_a_winner_can_still_accept_in_the_window(
    competition: Competition, winner: Submission, charlie: User, end: datetime
):
    RulesAcceptance.objects.filter(person=charlie).delete()
    world.repeat(competition, now=end)

    world.accept(charlie, competition, end)

    assert advance(competition, end + WINDOW) == "settled"


def test_terms_that_no_longer_satisfy_the_licence_rule_give_way(
    competition: Competition, winner: Submission, bob: User, end: datetime
):
    Model.objects.filter(pk=winner.model_id).update(
        terms={"License": world.PAID_TERMS["License"]}
    )
    winner.model.refresh_from_db()
    world.repeat(competition, now=end)

    assert states(winner, end)[1] == "failed"
    advance(competition, end + WINDOW)

    assert competition.awards.get().submission.miner == bob
    assert "do not allow commercial" in winner.disqualification.reason


def test_rules_are_accepted_by_their_own_digest_and_once(
    alice: User, bob: User, base: Model, now: datetime
):
    competition = world.open_competition(alice, base, now)

    for _ in range(2):
        world.accept(bob, competition, now)
    with pytest.raises(Conflict) as refusal:
        duties.accept_rules(
            competition=competition, person=bob, rules_digest="0" * 64, now=now
        )

    assert refusal.value.code == "rules_digest_differs"
    assert RulesAcceptance.objects.filter(person=bob).count() == 1
    assert duties.has_accepted(competition, bob)
    assert not duties.has_accepted(competition, alice)
    assert not duties.has_accepted(competition, None)


def test_judging_waits_for_a_public_evaluation_that_the_platform_gave_up(
    alice: User, bob: User, base: Model, now: datetime, end: datetime, settings
):
    settings.EVALUATION_MAX_ATTEMPTS = 1
    competition = world.open_competition(alice, base, now)
    entry = world.submit(bob, competition, now, seed=1)
    public = entry.evaluations.get()
    world.fail(public, now=now, fault="platform")
    public.refresh_from_db()
    assert public.failure_code == GAVE_UP

    assert advance(competition, end) == "closed"
    (sentence,) = waiting.in_words(competition, now=end)
    assert "platform's side" in sentence

    assert evaluating.requeue(evaluation_id=str(public.pk), now=end)
    entry.refresh_from_db()
    assert entry.status == "queued"
    world.score(Evaluation.objects.get(pk=public.pk), right=20, now=end)
    entry.refresh_from_db()
    assert entry.status == "scored"
    assert advance(competition, end) == "judging"
