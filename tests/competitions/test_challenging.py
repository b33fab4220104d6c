"""Challenges: who may, what they cost, how they end, and who moves up."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from accounts.services import sign_up
from assay.protocol.errors import Conflict, Invalid, LimitReached, Refusal
from catalogue.models import Model
from competitions import selectors
from competitions.models import Challenge, Competition, Submission
from competitions.services import (
    challenging,
    disqualifying,
    escrow,
    lifecycle,
)
from ledger import selectors as book
from ledger import verification, wallets
from ledger.services import AccountKind
from tests.builders import world
from tests.builders.world import UNIT
from tests.services.threads import at_once

pytestmark = [pytest.mark.database, pytest.mark.django_db]

WINDOW = timedelta(days=2)
WHY = "Its weights are those of another model, tensor by tensor."
DEPOSIT = 10 * UNIT


@pytest.fixture
def judge(db: None) -> User:
    """Staff without a part in anything."""
    user = sign_up(handle="judge", email="", password="a quiet bench in the court 1")
    user.is_staff = True
    user.save()
    return user


@pytest.fixture
def end(now: datetime) -> datetime:
    """When everything is judged."""
    return now + timedelta(days=8)


@pytest.fixture
def competition(
    alice: User, bob: User, charlie: User, base: Model, now: datetime, end: datetime
) -> Competition:
    """Provisional: charlie is first with everything, bob second; both are repeated."""
    made = world.open_competition(alice, base, now, challenge_window=WINDOW)
    for miner, seed in ((bob, 1), (charlie, 2)):
        entry = world.submit(miner, made, now, seed=seed, shares={miner.username: 1})
        world.score(entry.evaluations.get(), right=20, now=now)
        world.fund(miner, 50, now)
    world.rank_all(made, {"bob": 20, "charlie": 25}, end)
    world.repeat(made, now=end)
    return made


@pytest.fixture
def winner(competition: Competition) -> Submission:
    return competition.awards.get().submission


def raised(
    entry: Submission, challenger: User, now: datetime, kind="other", key="k"
) -> Challenge:
    return challenging.raise_challenge(
        submission=entry,
        challenger=challenger,
        objection=challenging.Objection(kind, WHY, key),
        now=now,
    )


def refused(entry: Submission, challenger: User, now: datetime, **changes) -> Refusal:
    count = Challenge.objects.count()
    with pytest.raises(Refusal) as refusal:
        raised(entry, challenger, now, **changes)
    assert Challenge.objects.count() == count
    return refusal.value


def free(user: User) -> int:
    """What the person can spend."""
    account = wallets.wallet(user)
    account.refresh_from_db()
    return account.available


def kinds(competition: Competition) -> list[str]:
    return list(competition.history.values_list("kind", flat=True))


def test_a_challenge_is_public_holds_a_deposit_and_freezes_settlement(
    competition: Competition, winner: Submission, bob: User, end: datetime
):
    made = raised(winner, bob, end)

    lifecycle.advance(competition=competition, now=end + 10 * WINDOW)

    competition.refresh_from_db()
    assert competition.status == "provisional"
    assert (wallets.balance_of(bob), free(bob)) == (50 * UNIT, 40 * UNIT)
    entry = competition.history.get(kind="challenged")
    assert entry.actor == "bob"
    assert entry.facts["challenge"] == str(made.pk)
    assert entry.facts["grounds"] == WHY


def test_a_dismissed_one_pays_the_challenged_models_contributors_then_settles(
    competition: Competition,
    winner: Submission,
    bob: User,
    charlie: User,
    judge: User,
    end: datetime,
):
    made = raised(winner, bob, end)

    challenging.decide(
        challenge=made, actor=judge, upheld=False, reason="They differ.  ", now=end
    )
    lifecycle.advance(competition=competition, now=end + WINDOW)

    made.refresh_from_db()
    assert (made.status, made.decided_by, made.reason) == (
        "dismissed",
        "judge",
        "They differ.",
    )
    assert wallets.balance_of(bob) == free(bob) == 40 * UNIT
    assert wallets.balance_of(charlie) == (50 + 10 + 100) * UNIT
    assert kinds(competition)[-2:] == ["challenge_dismissed", "settled"]
    assert all(check.ok for check in verification.verify())


def test_an_upheld_one_returns_the_deposit_and_the_next_in_line_moves_up(
    competition: Competition,
    winner: Submission,
    bob: User,
    charlie: User,
    judge: User,
    end: datetime,
):
    made = raised(winner, bob, end)
    later = end + timedelta(hours=1)

    challenging.decide(challenge=made, actor=judge, upheld=True, reason=WHY, now=later)

    competition.refresh_from_db()
    award = competition.awards.get()
    assert (award.submission.miner, award.rank, award.amount) == (bob, 1, 100 * UNIT)
    assert competition.provisional_until == later + WINDOW
    assert free(bob) == 50 * UNIT
    assert kinds(competition)[-3:] == [
        "disqualified",
        "challenge_upheld",
        "awarded_again",
    ]
    lifecycle.advance(competition=competition, now=later + WINDOW)
    competition.refresh_from_db()
    assert competition.status == "provisional"  # bob's repetition is not done
    world.repeat(competition, now=later + WINDOW)
    lifecycle.advance(competition=competition, now=later + WINDOW)
    competition.refresh_from_db()
    assert competition.status == "settled"
    assert wallets.balance_of(bob) == 150 * UNIT
    assert wallets.balance_of(charlie) == 50 * UNIT
    assert escrow.escrow_balance(competition) == 0
    winner.model.refresh_from_db()
    assert winner.model.published_at is None
    assert all(check.ok for check in verification.verify())


def test_a_struck_entry_is_off_the_board_and_named_with_the_reason(
    competition: Competition, winner: Submission, judge: User, end: datetime
):
    disqualifying.disqualify(submission=winner, actor=judge, reason=WHY, now=end)

    board = selectors.leaderboard(competition=competition, viewer=None, now=end)
    assert [row.miner_handle for row in board.rows] == ["bob"]
    (struck,) = board.struck
    assert (struck.submission, struck.reason, struck.actor) == (winner, WHY, "judge")
    assert winner.evaluations.filter(status="scored").count() == 3
    with pytest.raises(Conflict) as refusal:
        disqualifying.disqualify(submission=winner, actor=judge, reason=WHY, now=end)
    assert refusal.value.code == "disqualified_before"


def test_disqualifying_answers_every_open_challenge_of_the_entry(
    competition: Competition,
    winner: Submission,
    alice: User,
    bob: User,
    judge: User,
    end: datetime,
):
    raised(winner, bob, end)
    raised(winner, alice, end, key="a")

    disqualifying.disqualify(submission=winner, actor=judge, reason=WHY, now=end)

    assert set(Challenge.objects.values_list("status", flat=True)) == {"upheld"}
    assert (free(bob), free(alice)) == (50 * UNIT, 900 * UNIT)


def test_an_entry_disqualified_before_judging_gives_way_to_its_miners_next_best(
    alice: User, bob: User, base: Model, judge: User, now: datetime, end: datetime
):
    competition = world.open_competition(alice, base, now)
    best = world.submit(bob, competition, now, seed=1)
    second = world.submit(bob, competition, now, seed=2)
    waiting = world.submit(bob, competition, now, seed=3)
    for entry, right in ((best, 25), (second, 20)):
        world.score(entry.evaluations.get(), right=right, now=now)

    for entry in (best, waiting):
        disqualifying.disqualify(submission=entry, actor=judge, reason=WHY, now=now)
    lifecycle.advance(competition=competition, now=end)

    # What waits for its score and was struck off holds nothing up.
    assert competition.status == "judging"
    asked = competition.evaluations.filter(split="private", submission__isnull=False)
    assert [evaluation.submission for evaluation in asked] == [second]


@pytest.mark.parametrize("who", ["stranger", "winner", "contributor"])
def test_strangers_and_the_entrys_own_makers_have_no_standing(
    alice: User, bob: User, charlie: User, base: Model, now: datetime, end, who: str
):
    dora = sign_up(handle="dora", email="", password="the fourth of the four 4")
    competition = world.open_competition(alice, base, now, challenge_window=WINDOW)
    entry = world.submit(bob, competition, now, seed=1, shares={"bob": 1, "charlie": 1})
    world.submit(charlie, competition, now, seed=2)
    for evaluation in competition.evaluations.filter(status="queued"):
        world.score(evaluation, right=20, now=now)
    world.rank_all(competition, {"bob": 25, "charlie": 20}, end)
    challenger = {"stranger": dora, "winner": bob, "contributor": charlie}[who]
    world.fund(challenger, 50, now)

    assert refused(entry, challenger, end).code == "no_standing"


def test_the_sponsor_a_staker_and_another_entrant_have_standing(
    competition: Competition, winner: Submission, alice: User, bob: User, end: datetime
):
    for number, challenger in enumerate((alice, bob)):
        assert raised(winner, challenger, end, key=str(number)).status == "open"


def test_only_what_is_to_be_paid_is_challenged_and_only_in_the_window(
    competition: Competition,
    winner: Submission,
    alice: User,
    charlie: User,
    end: datetime,
):
    loser = competition.submissions.exclude(pk=winner.pk).get()

    assert refused(loser, charlie, end).code == "entry_not_awarded"
    late = refused(winner, alice, end + WINDOW)
    assert late.code == "challenge_window_over"
    assert refused(winner, alice, end, kind="ugly").code == "challenge_kind_unknown"


def test_one_open_challenge_of_an_entry_and_three_a_person_in_all(
    competition: Competition, winner: Submission, bob: User, judge: User, end: datetime
):
    for number in range(challenging.PER_PERSON):
        made = raised(winner, bob, end, key=str(number))
        assert refused(winner, bob, end, key="again").code == "challenge_open_already"
        challenging.decide(
            challenge=made, actor=judge, upheld=False, reason=WHY, now=end
        )

    refusal = refused(winner, bob, end, key="more")

    assert isinstance(refusal, LimitReached)
    assert free(bob) == 20 * UNIT


def test_the_same_key_is_one_challenge_and_one_deposit(
    competition: Competition, winner: Submission, bob: User, end: datetime
):
    first, second = (raised(winner, bob, end) for _ in range(2))

    assert first.pk == second.pk
    assert free(bob) == 40 * UNIT
    assert refused(winner, bob, end, kind="leaked_data").code == (
        "idempotency_key_reused"
    )


def test_without_the_deposit_there_is_no_challenge(
    competition: Competition, winner: Submission, bob: User, end: datetime, settings
):
    settings.CHALLENGE_DEPOSIT = "50.1"
    assert refused(winner, bob, end).code == "insufficient_funds"

    settings.CHALLENGE_DEPOSIT = "0"
    made = raised(winner, bob, end)
    assert (made.deposit, made.hold, free(bob)) == (0, None, 50 * UNIT)


@pytest.mark.parametrize("text", ["", "  short  ", "x" * 4001, "nul \x00 in the midst"])
def test_grounds_are_words_of_a_bounded_length(
    competition: Competition, winner: Submission, bob: User, end: datetime, text: str
):
    with pytest.raises(Invalid) as refusal:
        challenging.raise_challenge(
            submission=winner,
            challenger=bob,
            objection=challenging.Objection("other", text, "k"),
            now=end,
        )

    assert (refusal.value.code, refusal.value.where) == ("reason_length", "grounds")


def test_only_staff_without_a_part_decides_and_only_once(
    competition: Competition,
    winner: Submission,
    alice: User,
    bob: User,
    judge: User,
    end: datetime,
):
    made = raised(winner, bob, end)
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    alice.refresh_from_db()

    codes = []
    for actor in (bob, alice, judge, judge):
        try:
            challenging.decide(
                challenge=made, actor=actor, upheld=False, reason=WHY, now=end
            )
            codes.append("")
        except Refusal as refusal:
            codes.append(refusal.code)

    assert codes == ["staff_only", "judge_takes_part", "", "challenge_decided"]


def test_an_irreproducible_one_is_dismissed_when_the_repetition_gives_the_same(
    competition: Competition, winner: Submission, bob: User, end: datetime
):
    made = raised(winner, bob, end, kind="irreproducible")
    world.repeat(competition, now=end)

    lifecycle.advance(competition=competition, now=end)

    made.refresh_from_db()
    assert (made.status, made.decided_by) == ("dismissed", "platform")
    assert free(bob) == 40 * UNIT


def test_an_irreproducible_one_goes_to_staff_with_the_evidence_when_it_differs(
    competition: Competition, winner: Submission, bob: User, end: datetime
):
    made = raised(winner, bob, end, kind="irreproducible")
    assert made.evaluation is not None
    world.score(made.evaluation, right=3, now=end)

    for _ in range(2):
        lifecycle.advance(competition=competition, now=end + WINDOW)

    made.refresh_from_db()
    assert made.status == "open"
    assert made.evidence["repeated_score"] == "0.1"
    assert made.evidence["outputs_digest"] != made.evidence["repeated_outputs_digest"]
    # 25 right before and 3 now: those between differ, in the order of their ids
    changed = sorted(f"private-{n}" for n in range(30))
    first = min(changed.index(f"private-{n}") for n in range(3, 25))
    assert made.evidence["first_difference"] == f"example {first + 1} of 30"
    assert (made.evidence["differing_examples"], made.evidence["steps"]) == (22, 5)
    assert made.evidence["comparable_engines"] is True
    assert made.evidence["repeated_evaluator"] == "evaluator"
    assert kinds(competition).count("challenge_evidence") == 1
    board = selectors.leaderboard(competition=competition, viewer=None, now=end)
    assert [row.score for row in board.rows] == [25 / 30, 20 / 30]


def test_staff_sees_all_that_is_undecided_the_oldest_first(
    competition: Competition,
    winner: Submission,
    alice: User,
    bob: User,
    judge: User,
    end: datetime,
):
    first = raised(winner, bob, end)
    second = raised(winner, alice, end + timedelta(hours=1), key="a")
    assert list(selectors.challenges(cursor=None, limit=9).items) == [first, second]

    challenging.decide(challenge=first, actor=judge, upheld=False, reason=WHY, now=end)

    assert list(selectors.challenges(cursor=None, limit=9).items) == [second]
    every = selectors.challenges(competition=competition, cursor=None, limit=9)
    assert list(every.items) == [first, second]


@given(
    decisions=st.lists(
        st.tuples(st.sampled_from(["alice", "bob", "charlie"]), st.booleans()),
        max_size=challenging.PER_PERSON,
    )
)
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_whatever_is_challenged_and_decided_no_token_is_made_or_lost(
    competition: Competition,
    judge: User,
    alice: User,
    bob: User,
    charlie: User,
    end: datetime,
    decisions,
):
    competition = Competition.objects.get()  # what a rolled back example left is stale
    people = {user.username: user for user in (alice, bob, charlie)}
    everyone = [wallets.balance_of(one) for one in people.values()]
    whole = sum(everyone) + escrow.escrow_balance(competition)
    with transaction.atomic():
        for number, (name, upheld) in enumerate(decisions):
            award = competition.awards.first()
            if award is None or award.submission.miner == people[name]:
                continue
            made = raised(award.submission, people[name], end, key=str(number))
            challenging.decide(
                challenge=made, actor=judge, upheld=upheld, reason=WHY, now=end
            )
        world.repeat(competition, now=end)
        lifecycle.advance(competition=competition, now=end + 2 * WINDOW)

        competition.refresh_from_db()
        assert competition.status == "settled"
        assert escrow.escrow_balance(competition) == 0
        assert sum(wallets.balance_of(one) for one in people.values()) == whole
        assert [free(one) for one in people.values()] == [
            book.balance(kind=AccountKind.WALLET, owner=one.owner_key, asset="AST")
            for one in people.values()
        ]
        assert [check.name for check in verification.verify() if not check.ok] == []
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_decisions_and_the_clock_that_race_decide_and_pay_once(
    competition: Competition,
    winner: Submission,
    bob: User,
    charlie: User,
    judge: User,
    end: datetime,
):
    made = raised(winner, bob, end)
    later = end + WINDOW

    def decide(upheld: bool) -> None:
        fresh = Challenge.objects.get(pk=made.pk)
        challenging.decide(
            challenge=fresh, actor=judge, upheld=upheld, reason=WHY, now=later
        )

    def advance() -> None:
        fresh = Competition.objects.get(pk=competition.pk)
        lifecycle.advance(competition=fresh, now=later)

    at_once([lambda: decide(True), lambda: decide(False), advance, advance] * 2)
    world.repeat(competition, now=later)
    at_once(
        [
            lambda: lifecycle.advance(
                competition=Competition.objects.get(pk=competition.pk),
                now=later + WINDOW,
            )
        ]
        * 4
    )

    made.refresh_from_db()
    ends = [kind for kind in kinds(competition) if kind.startswith("challenge_")]
    assert ends == [f"challenge_{made.status}"]
    assert kinds(competition).count("settled") == 1
    paid = {"upheld": (150, 50), "dismissed": (40, 160)}[made.status]
    assert (wallets.balance_of(bob), wallets.balance_of(charlie)) == (
        paid[0] * UNIT,
        paid[1] * UNIT,
    )
    assert all(check.ok for check in verification.verify())
