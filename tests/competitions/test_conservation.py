"""Whatever happens to a competition, no token is made, lost or left behind."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.models import User
from catalogue.models import Model
from competitions.models import Competition, Split
from competitions.services import escrow, lifecycle
from ledger import verification, wallets
from tests.builders import world
from tests.builders.world import UNIT

pytestmark = [pytest.mark.database, pytest.mark.django_db]

ENDINGS = ["settled", "cancelled", "expired"]
PRIZES = [
    ("winner_takes_all", {}),
    ("shares_by_rank", {"shares": [5, 3, 2]}),
    ("shares_by_rank", {"shares": [1, 1, 1, 1, 1, 1, 1]}),
    ("proportional_to_improvement", {}),
    ("proportional_to_improvement", {"cap_percent": 33}),
    ("king_of_the_hill", {"lead": "0"}),
    ("milestone", {"milestones": [{"score": "0.4", "parts": 2}]}),
]
# Odd amounts of base units, so that hardly anything divides.
stakes = st.lists(
    st.tuples(st.sampled_from(["alice", "bob", "charlie"]), st.integers(1, 9 * UNIT)),
    max_size=5,
)
# For each miner how many of 30 are right, on the public and the private split;
# the base model has 10. None: its private evaluation fails.
results = st.lists(
    st.tuples(st.integers(0, 30), st.none() | st.integers(0, 30)), max_size=3
)


def enter(competition: Competition, miners: list[User], scores, now: datetime) -> None:
    """Each miner submits once, shared with the one before, and is scored."""
    for seed, (miner, (right, _)) in enumerate(zip(miners, scores, strict=False)):
        shares = {miner.username: 2, miners[seed - 1].username: 5}
        made = world.submit(miner, competition, now, seed=seed, shares=shares)
        world.score(made.evaluations.get(), right=right, now=now)


def finish(competition: Competition, miners, scores, now: datetime) -> None:
    """Pass the deadline, score the finalists, let the challenge window pass."""
    lifecycle.advance(competition=competition, now=now)
    private = {
        miner.pk: right for miner, (_, right) in zip(miners, scores, strict=False)
    }
    for evaluation in competition.evaluations.filter(
        split=Split.Name.PRIVATE, repeat=0, submission__isnull=False
    ):
        right = private[evaluation.submission.miner_id]
        if right is None:
            world.fail(evaluation, now=now)
        else:
            world.score(evaluation, right=right, now=now)
    lifecycle.advance(competition=competition, now=now)
    world.repeat(competition, now=now)
    lifecycle.advance(competition=competition, now=now)


@given(
    put_in=stakes,
    scores=results,
    prize=st.sampled_from(PRIZES),
    margin=st.sampled_from([0.0, 0.1]),
    ending=st.sampled_from(ENDINGS),
)
@example([("bob", 1), ("charlie", 1)], [(20, 11), (20, 11)], PRIZES[2], 0.0, "settled")
@example([("bob", 1)], [], PRIZES[0], 0.0, "cancelled")
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_the_escrow_ends_empty_and_all_tokens_are_still_there(
    alice: User,
    bob: User,
    charlie: User,
    steward: User,
    base: Model,
    now: datetime,
    put_in,
    scores,
    prize,
    margin,
    ending,
):
    people = {user.username: user for user in (alice, bob, charlie)}
    with transaction.atomic():
        for person in people.values():
            world.fund(person, 1000, now)
        competition = world.funded_competition(
            steward,
            base,
            now,
            prize_rule=prize[0],
            prize_options=prize[1],
            margin=margin,
        )
        for number, (name, amount) in enumerate(put_in):
            escrow.stake(
                competition=competition,
                staker=people[name],
                amount=amount,
                key=f"more-{number}",
                now=now,
            )

        if ending == "settled":
            lifecycle.open_competition(competition=competition, actor=steward, now=now)
            competition.refresh_from_db()
            enter(competition, list(people.values()), scores, now)
            finish(competition, list(people.values()), scores, competition.deadline)
        elif ending == "cancelled":
            lifecycle.cancel(competition=competition, actor=steward, now=now)
        else:
            lifecycle.advance(competition=competition, now=now + timedelta(days=8))

        competition.refresh_from_db()
        assert competition.is_final
        assert escrow.escrow_balance(competition) == 0
        everyone = [*people.values(), steward]
        assert sum(wallets.balance_of(one) for one in everyone) == 4000 * UNIT
        paid = sum(award.amount for award in competition.awards.all())
        back = sum(stake.returned for stake in competition.stakes.all())
        put = sum(stake.amount for stake in competition.stakes.all())
        assert paid + back == put == 100 * UNIT + sum(amount for _, amount in put_in)
        assert [check.name for check in verification.verify() if not check.ok] == []
        transaction.set_rollback(True)
