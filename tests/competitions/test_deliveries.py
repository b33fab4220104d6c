"""Messages that come twice, late or in any order leave the same end behind."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from unittest.mock import patch

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from assay.protocol.errors import Conflict
from catalogue.models import Model
from common import jobs
from common.models import Job
from competitions import tasks
from competitions.models import Competition, Evaluation
from competitions.services import escrow, evaluating, lifecycle
from competitions.services.paymaster import close, fund
from competitions.services.pooling import PoolSpec, open_pool
from ledger import chain, holds
from ledger.models import Account
from ledger.verification import verify
from royalties import services as sales
from royalties import tasks as sales_tasks
from royalties.models import Licence
from tests.builders import world
from tests.builders.world import UNIT
from tests.competitions.machine import PRIZES
from tests.services.stepping import is_nightly

pytestmark = [pytest.mark.database, pytest.mark.django_db]

WINDOW = timedelta(days=1)
ENTRANTS = {"bob": (20, 25), "charlie": (22, 21), "dora": (5, 5)}
Message = Callable[[], None]


SHORT = settings(
    max_examples=30 if is_nightly() else 2,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@dataclass
class Post:
    """Delivers what the outbox and the clock have to say, in the order it is told.

    ``order`` gives a number for each delivery; without it everything comes once, in
    the order of its writing.
    """

    order: Callable[[int], int] | None = None
    old: list[Message] = field(default_factory=list)
    count: int = 0

    def deliver(self, now: datetime) -> None:
        """Until nothing is waiting."""
        while fresh := self.waiting(now):
            sent = [*fresh, *self.beats(now)]
            if self.order is not None:
                sent = self.shuffled([*sent, *sent, *self.old[-6:]])
            with (
                patch("competitions.tasks.now", return_value=now),
                patch("royalties.tasks.now", return_value=now),
            ):
                for message in sent:
                    message()
                    self.count += 1
            self.old += fresh

    def shuffled(self, sent: Sequence[Message]) -> list[Message]:
        left, chosen = list(sent), []
        while left:
            chosen.append(left.pop(self.order(len(left) - 1)))
        return chosen

    def waiting(self, now: datetime) -> list[Message]:
        rows = Job.objects.filter(status__in=["waiting", "sent"])
        return [
            message
            for row in rows.order_by("created_at")
            if (message := self.of_job(row, now))
        ]

    def of_job(self, row: Job, now: datetime) -> Message | None:
        if row.name == evaluating.TASK:
            Job.objects.filter(pk=row.pk).update(status="done")
            return lambda: evaluate(row.arguments["evaluation_id"], now)
        if row.name.startswith("competitions."):
            return lambda: again(row, now)
        return None

    def beats(self, now: datetime) -> list[Message]:
        return [
            tasks.tick,
            tasks.reap,
            sales_tasks.tick,
            lambda: holds.expire_due(now=now) and None,
            lambda: chain.seal() and None,
        ]


def again(row: Job, now: datetime) -> None:
    """Once by its row, and once more as if the row's end had been lost."""
    jobs.perform(str(row.pk), now)
    row.refresh_from_db()
    assert (row.status, row.last_error) == ("done", "")
    jobs.HANDLERS[row.name](**row.arguments)


def evaluate(evaluation_id: str, now: datetime) -> None:
    """What an evaluator does with its message; somebody else may have been first."""
    evaluation = Evaluation.objects.select_related("submission__miner").get(
        pk=evaluation_id
    )
    entry, right = evaluation.submission, 10
    if entry is not None:
        right = ENTRANTS[entry.miner.username][evaluation.split == "private"]
    try:
        world.score(evaluation, right=right, now=now)
    except Conflict as refusal:
        if refusal.code != "evaluation_not_available":
            raise


def story(
    users: dict[str, User], base: Model, now: datetime, prize, post: Post
) -> dict[str, object]:
    """A competition with a pool, from the draft to a licence that is renewed."""
    alice, dora = users["alice"], users["dora"]
    made = world.drafting.create_competition(
        sponsor=alice,
        spec=world.spec(
            *(alice, base, now),
            prize_rule=prize[0],
            prize_options=prize[1],
            challenge_window=WINDOW,
            budget_points=777,
            submission_fee="0.333",
            deposit="1.1",
        ),
        now=now,
    )
    for number, who in enumerate((alice, dora)):
        escrow.stake(
            competition=made,
            staker=who,
            amount=100 * UNIT + 7,
            key="s",
            now=now + timedelta(seconds=number),
        )
    post.deliver(now)
    made = lifecycle.open_competition(competition=made, actor=alice, now=now)
    pool = open_pool(
        owner=dora, spec=PoolSpec("Pool", "all", competition=made), now=now
    )
    fund(pool=pool, funder=dora, amount=2 * UNIT, key="p", now=now)
    for seed, who in enumerate(ENTRANTS):
        at = now + timedelta(hours=seed + 1)
        shares = {who: 2, "charlie": 5} if who != "charlie" else {who: 1}
        world.submit(users[who], made, at, seed=seed, shares=shares, pay=True)
        post.deliver(at)
    close(pool=pool, actor=dora, now=now)
    for at in (made.deadline, made.deadline + WINDOW):
        Job.objects.create(
            kind="call",
            name="competitions.advance",
            arguments={"competition_id": str(made.pk)},
        )
        post.deliver(at)
    sell(alice, made, made.deadline + WINDOW)
    post.deliver(made.deadline + WINDOW)
    return end_of(made)


def sell(licensee: User, competition: Competition, now: datetime) -> None:
    for award in competition.awards.order_by("rank", "submission__model__name"):
        offer = sales.quote(
            licensee=licensee, model=award.submission.model, use="commercial", now=now
        )
        sales.accept(
            quote_id=str(offer.id), licensee=licensee, key=f"l{award.rank}", now=now
        )


def end_of(competition: Competition) -> dict[str, object]:
    """All that must not depend on the post; ids are made anew and left out."""
    competition.refresh_from_db()
    balances: Counter[str] = Counter()
    for account in Account.objects.all():
        kind = account.owner.partition(":")[0]
        name = account.owner if kind == "user" else account.kind
        balances[name] += account.balance
        assert account.held == 0
    return {
        "status": competition.status,
        "balances": balances,
        "history": Counter(competition.history.values_list("kind", flat=True)),
        "steps": [
            kind
            for kind in competition.history.values_list("kind", flat=True)
            if kind in Competition.Status.values
        ],
        "awards": sorted(
            competition.awards.values_list(
                "submission__miner__username", "rank", "amount"
            )
        ),
        "entries": sorted(
            competition.submissions.values_list("miner__username", "status")
        ),
        "pools": list(competition.pools.values_list("status", flat=True)),
        "licences": sorted(Licence.objects.values_list("model__name", "use", "status")),
        "broken": [check.name for check in verify() if not check.ok],
    }


def told(users, base, now, prize, post: Post) -> dict[str, object]:
    with transaction.atomic():
        end = story(users, base, now, prize, post)
        transaction.set_rollback(True)
    return end


@pytest.mark.parametrize("prize", PRIZES, ids=[rule for rule, _ in PRIZES])
def test_the_end_does_not_depend_on_how_often_and_in_which_order_messages_come(
    users: dict[str, User],
    base: Model,
    now: datetime,
    settings: object,
    tmp_path,
    prize,
):
    settings.KEYS_PATH = tmp_path / "keys"
    settings.EVALUATION_PRICE = "0"
    once = told(users, base, now, prize, Post())
    assert once["status"] == "settled"
    assert once["licences"]
    assert once["broken"] == []

    @given(data=st.data())
    @SHORT
    def in_any_order(data: st.DataObject) -> None:
        post = Post(order=lambda last: data.draw(st.integers(0, last)))
        assert told(users, base, now, prize, post) == once

    in_any_order()
