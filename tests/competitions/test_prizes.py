"""King of the hill and milestones from stake to payout, and with struck entries."""

from datetime import datetime, timedelta

import pytest

from accounts.models import User
from accounts.services import sign_up
from catalogue.models import Model
from competitions import contests, selectors
from competitions.models import Competition, Split, Submission
from competitions.services import escrow, lifecycle, settling
from ledger import verification, wallets
from tests.builders import world
from tests.builders.world import UNIT

pytestmark = [pytest.mark.database, pytest.mark.django_db]

HOUR = timedelta(hours=1)
KING = {"prize_rule": "king_of_the_hill", "prize_options": {"lead": "0.1"}}
MILESTONES = {
    "prize_rule": "milestone",
    "prize_options": {
        "milestones": [{"score": "0.5", "parts": 1}, {"score": "0.8", "parts": 3}]
    },
}


@pytest.fixture
def dora(db: None) -> User:
    return sign_up(handle="dora", email="", password="fourth miner of the day 4")


def opened(sponsor: User, base: Model, now: datetime, prize, **changes) -> Competition:
    """Open for ten hours with 100 tokens in escrow; the base model has 10 of 30."""
    return world.open_competition(
        sponsor, base, now, deadline=now + 10 * HOUR, **{**prize, **changes}
    )


def enter(miner: User, competition, at: datetime, *, right: int, seed: int):
    """Submit, and be scored on the public split an instant later."""
    made = world.submit(miner, competition, at, seed=seed)
    world.score(made.evaluations.get(), right=right, now=at)
    return made


def judge(competition: Competition, private: dict[Submission, int | None]) -> None:
    """Pass the deadline and give the finalists' private scores; None fails."""
    end = competition.deadline
    lifecycle.advance(competition=competition, now=end)
    asked = competition.evaluations.filter(
        split=Split.Name.PRIVATE, submission__isnull=False
    )
    assert {e.submission for e in asked} == set(private)
    for evaluation in asked:
        right = private[evaluation.submission]
        if right is None:
            world.fail(evaluation, now=end)
        else:
            world.score(evaluation, right=right, now=end)
    lifecycle.advance(competition=competition, now=end)
    world.repeat(competition, now=end)
    lifecycle.advance(competition=competition, now=end)
    competition.refresh_from_db()


def paid(*people: User) -> list[float]:
    """Whole tokens in each wallet; these tests pay no fractions of a hundredth."""
    return [wallets.balance_of(person) / UNIT for person in people]


def test_a_king_is_paid_by_the_second_of_leading_and_the_rest_returns(
    alice: User, bob: User, charlie: User, base: Model, now: datetime
):
    competition = opened(alice, base, now, KING)
    first = enter(bob, competition, now + 2 * HOUR, right=15, seed=1)
    second = enter(charlie, competition, now + 5 * HOUR, right=20, seed=2)
    close = enter(bob, competition, now + 6 * HOUR, right=21, seed=3)

    judge(competition, {first: 15, second: 20, close: 29})

    assert competition.status == "settled"
    assert paid(bob, charlie, alice) == [30, 50, 920]
    assert escrow.escrow_balance(competition) == 0
    assert {a.submission: a.amount // UNIT for a in competition.awards.all()} == {
        first: 30,
        second: 50,
    }
    assert all(check.ok for check in verification.verify())


def test_one_miner_is_paid_for_each_reigning_entry(
    alice: User, bob: User, base: Model, now: datetime
):
    competition = opened(alice, base, now, KING)
    first = enter(bob, competition, now, right=15, seed=1)
    second = enter(bob, competition, now + 5 * HOUR, right=20, seed=2)

    judge(competition, {first: 15, second: 20})

    assert paid(bob) == [100]
    assert competition.awards.count() == 2


def test_the_time_of_a_king_whose_private_score_does_not_hold_returns(
    alice: User, bob: User, charlie: User, base: Model, now: datetime
):
    competition = opened(alice, base, now, KING, margin=0.1)
    first = enter(bob, competition, now, right=20, seed=1)
    second = enter(charlie, competition, now + 4 * HOUR, right=25, seed=2)

    judge(competition, {first: 12, second: 25})

    assert paid(bob, charlie, alice) == [0, 60, 940]


def test_equals_scored_at_one_moment_share_the_reign(
    alice: User, bob: User, charlie: User, base: Model, now: datetime
):
    competition = opened(alice, base, now, KING)
    at = now + 4 * HOUR
    one = world.submit(bob, competition, now + HOUR, seed=1)
    other = world.submit(charlie, competition, now + 2 * HOUR, seed=2)
    for made in (one, other):
        world.score(made.evaluations.get(), right=20, now=at)

    judge(competition, {one: 20, other: 19})

    assert paid(bob, charlie, alice) == [30, 30, 940]


def test_the_timeline_is_in_the_order_of_the_history_when_a_clock_ran_backwards(
    alice: User, bob: User, charlie: User, base: Model, now: datetime
):
    competition = opened(alice, base, now, KING)
    one = world.submit(bob, competition, now, seed=1)
    other = world.submit(charlie, competition, now, seed=2)
    world.score(one.evaluations.get(), right=15, now=now + 5 * HOUR)
    world.score(other.evaluations.get(), right=20, now=now + 3 * HOUR)

    held = contests.contest_of(competition, purse=0)
    assert [score.key for score in held.timeline] == [str(one.pk), str(other.pk)]
    judge(competition, {one: 15, other: 20})

    assert paid(bob, charlie, alice) == [0, 50, 950]


@pytest.mark.parametrize("prize", [KING, MILESTONES], ids=["king", "milestone"])
def test_everything_returns_when_nobody_beats_the_baseline(
    alice: User, bob: User, base: Model, now: datetime, prize
):
    competition = opened(alice, base, now, prize)
    made = enter(bob, competition, now, right=25, seed=1)

    judge(competition, {made: 10})

    assert competition.status == "settled"
    assert paid(bob, alice) == [0, 1000]
    assert not competition.awards.exists()


@pytest.mark.parametrize("prize", [KING, MILESTONES], ids=["king", "milestone"])
def test_an_entry_that_never_led_or_reached_anything_gets_no_private_score(
    alice: User, bob: User, base: Model, now: datetime, prize
):
    competition = opened(alice, base, now, prize)
    enter(bob, competition, now, right=10, seed=1)

    judge(competition, {})

    assert paid(bob, alice) == [0, 1000]


def test_a_king_that_is_struck_off_leaves_the_lead_to_who_would_have_had_it(
    alice: User, bob: User, charlie: User, base: Model, now: datetime
):
    competition = opened(alice, base, now, KING, challenge_window=HOUR)
    cheat = enter(bob, competition, now, right=25, seed=1)
    next_best = enter(charlie, competition, now + 5 * HOUR, right=20, seed=2)
    judge(competition, {cheat: 25, next_best: 20})

    _, _, before = settling.earned(competition)
    _, board, after = settling.earned(competition, struck={str(cheat.pk)})

    assert before.amounts == {str(cheat.pk): 100 * UNIT}
    assert after.amounts == {str(next_best.pk): 50 * UNIT}
    assert after.returned == 50 * UNIT
    assert [place.rank for place in board] == [1]


def test_milestones_go_to_the_first_to_submit_whose_private_score_holds(
    alice: User, bob: User, charlie: User, dora: User, base: Model, now: datetime
):
    competition = opened(alice, base, now, MILESTONES)
    lucky = world.submit(bob, competition, now, seed=1)
    quick = enter(charlie, competition, now + HOUR, right=26, seed=2)
    late = enter(dora, competition, now + 2 * HOUR, right=30, seed=3)
    world.score(lucky.evaluations.get(), right=25, now=now + 3 * HOUR)

    judge(competition, {lucky: 16, quick: 23, late: 24})

    assert paid(bob, charlie, dora, alice) == [25, 0, 75, 900]


def test_entries_submitted_at_one_moment_share_a_milestone(
    alice: User, bob: User, charlie: User, base: Model, now: datetime
):
    competition = opened(alice, base, now, MILESTONES)
    one = enter(bob, competition, now, right=15, seed=1)
    other = enter(charlie, competition, now, right=15, seed=2)

    judge(competition, {one: 15, other: 15})

    assert paid(bob, charlie, alice) == [12.5, 12.5, 975]


def test_a_milestone_moves_to_the_next_in_line_when_the_first_is_struck_off(
    alice: User, bob: User, charlie: User, base: Model, now: datetime
):
    competition = opened(alice, base, now, MILESTONES, challenge_window=HOUR)
    cheat = enter(bob, competition, now, right=25, seed=1)
    honest = enter(charlie, competition, now + HOUR, right=24, seed=2)
    judge(competition, {cheat: 25, honest: 24})

    _, _, after = settling.earned(competition, struck={str(cheat.pk)})

    assert after.amounts == {str(honest.pk): 100 * UNIT}


def test_a_capped_share_returns_what_cannot_be_placed(
    alice: User, bob: User, base: Model, now: datetime
):
    prize = {
        "prize_rule": "proportional_to_improvement",
        "prize_options": {"cap_percent": 40},
    }
    competition = opened(alice, base, now, prize)
    made = enter(bob, competition, now, right=25, seed=1)

    judge(competition, {made: 25})

    assert paid(bob, alice) == [40, 960]


def test_what_has_accrued_is_known_while_it_is_open(
    alice: User, bob: User, charlie: User, base: Model, now: datetime
):
    competition = opened(alice, base, now, KING)
    first = enter(bob, competition, now + 2 * HOUR, right=15, seed=1)
    second = enter(charlie, competition, now + 5 * HOUR, right=20, seed=2)
    purse = 100 * UNIT

    throne = contests.throne(competition, purse=purse, at=now + 6 * HOUR)
    without = contests.throne(
        competition, purse=purse, at=now + 6 * HOUR, struck={str(first.pk)}
    )

    assert throne is not None
    assert throne.kings == (str(second.pk),)
    assert throne.since == now + 5 * HOUR
    assert dict(throne.accrued) == {
        str(first.pk): 30 * UNIT,
        str(second.pk): 10 * UNIT,
    }
    assert throne.unclaimed == 20 * UNIT
    assert without is not None
    assert without.unclaimed == 50 * UNIT


def test_a_competition_of_another_rule_has_no_throne(
    alice: User, base: Model, now: datetime
):
    competition = opened(alice, base, now, {})

    assert contests.throne(competition, purse=1, at=now) is None


def test_the_final_board_shows_every_entry_that_a_rule_by_entry_has_judged(
    alice: User, bob: User, base: Model, now: datetime
):
    competition = opened(alice, base, now, KING)
    first = enter(bob, competition, now, right=15, seed=1)
    second = enter(bob, competition, now + 5 * HOUR, right=20, seed=2)

    live = selectors.leaderboard(competition=competition, viewer=None, now=now)
    judge(competition, {first: 15, second: 20})
    final = selectors.leaderboard(competition=competition, viewer=None, now=now)

    assert [row.submission for row in live.rows] == [second]
    assert [(row.submission, row.amount) for row in final.rows] == [
        (second, 50 * UNIT),
        (first, 50 * UNIT),
    ]


def test_only_what_is_in_escrow_streams_not_the_evaluation_budget(
    alice: User, bob: User, base: Model, now: datetime
):
    competition = opened(alice, base, now, KING, budget_points=2000)
    enter(bob, competition, now, right=15, seed=1)

    hill = contests.hill(competition, now=now + 5 * HOUR)

    assert hill is not None
    assert [seat.accrued for seat in hill.seats] == [40 * UNIT]
