"""A competition's whole life against a plain model of it: who has what, and why.

The model is two dictionaries, what everyone has and what of it is held, and a list of
the entries with their dues. Every step says what it must change there; after each the
book must say the same. Each walk runs in a transaction that is rolled back, and at its
end the competition is carried to its own end, where nothing may be left over.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from unittest.mock import patch

from django.db import transaction
from django.test import override_settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from accounts.models import User
from assay.protocol import journal
from assay.protocol.errors import Refusal
from assay.protocol.splitting import split
from common import jobs
from common.models import Job
from competitions.models import Challenge, Competition, Evaluation, Submission
from competitions.services import (
    challenging,
    disqualifying,
    drafting,
    escrow,
    evaluating,
    lifecycle,
    paymaster,
)
from competitions.services.pooling import PoolSpec, open_pool
from ledger import chain
from ledger.models import Account, Hold, Transfer
from ledger.verification import verify
from tests.builders import world
from tests.builders.world import UNIT
from tests.services.stepping import Walker

PEOPLE = ("alice", "bob", "charlie", "dora")  # alice sponsors; all others enter
MINERS = PEOPLE[1:]
TOKENS = 1000 * UNIT
CHALLENGE_DEPOSIT = 10 * UNIT
PRIZES: Sequence[tuple[str, Mapping[str, object]]] = [
    ("winner_takes_all", {}),
    ("shares_by_rank", {"shares": [5, 3, 2]}),
    ("proportional_to_improvement", {"cap_percent": 33}),
    ("king_of_the_hill", {"lead": "0"}),
    ("milestone", {"milestones": [{"score": "0.4", "parts": 2}]}),
]
WAYS = {
    "draft": {"funded", "cancelled"},
    "funded": {"open", "cancelled"},
    "open": {"closed", "cancelled"},
    "closed": {"judging"},
    "judging": {"provisional"},
    "provisional": {"settled"},
    "settled": set(),
    "cancelled": set(),
}
FINAL = {"settled", "cancelled"}
# A walk is repeated to make it shorter: what it picks from may not lie by random ids.
SAME_EACH_TIME = ("queued_at", "split", "model__name", "repeat")
WHY = "Its weights are those of another model, tensor by tensor."
people = st.sampled_from(PEOPLE)
miners = st.sampled_from(MINERS)
picks = st.integers(0, 10**6)
seconds = st.sampled_from([0, 1, 7, 50])
# Odd amounts, so that hardly anything divides.
amounts = st.integers(1, 9 * UNIT) | st.integers(100 * UNIT, 120 * UNIT)


@dataclass
class Entered:
    """A submission, who pays its dues, and how they stand."""

    row: Submission
    payer: str
    fee: int
    deposit: int
    shares: Mapping[str, int]
    dues_open: bool
    struck: bool = False


@dataclass
class Economics:
    """What a competition costs whom; odd on purpose."""

    fee_points: int
    budget_points: int
    price: int
    fee: int
    deposit: int


@dataclass
class Purse:
    """What everyone has, and what of it is held, in base units."""

    has: Counter = field(default_factory=Counter)
    holds: Counter = field(default_factory=Counter)

    def move(self, source: str, target: str, units: int) -> None:
        self.has[source] -= units
        self.has[target] += units

    def free(self, name: str) -> int:
        return self.has[name] - self.holds[name]


def text(units: int) -> str:
    return f"{units // UNIT}.{units % UNIT:018d}"


def part_of(amount: int, points: int) -> int:
    return amount * points // 10_000


class CompetitionMachine(Walker):
    """All verbs of one competition and its pool, in any order; time goes forward."""

    reached: Counter = Counter()

    def __init__(self, users: Mapping[str, User], base, now: datetime):
        super().__init__()
        self.users, self.base, self.now = users, base, now
        self.stack = ExitStack()
        self.stack.enter_context(transaction.atomic())
        self.stack.enter_context(
            patch("competitions.tasks.now", side_effect=lambda: self.now)
        )
        self.purse = Purse(Counter(dict.fromkeys(PEOPLE, TOKENS)))
        self.status = "draft"
        self.stakes: list = []
        self.entries: list[Entered] = []
        self.costs: dict[object, int] = {}
        self.paid: dict[object, int] = {}
        self.challenges: dict[object, str] = {}
        self.pool, self.pool_status, self.fundings = None, "", []
        self.count = 0

    # -- the beginning and the end

    @initialize(
        prize=st.sampled_from(PRIZES),
        margin=st.sampled_from([0.0, 0.1]),
        window=st.sampled_from([0, 48]),
        economics=st.builds(
            Economics,
            fee_points=st.sampled_from([0, 1, 333, 10_000]),
            budget_points=st.sampled_from([0, 777, 5000]),
            price=st.sampled_from([0, 1, UNIT // 7, UNIT]),
            fee=st.sampled_from([0, 1, UNIT // 3, 3 * UNIT]),
            deposit=st.sampled_from([0, 1, UNIT // 3, 5 * UNIT]),
        ),
        start=st.sampled_from(["draft", "open", "entered", "entered", "judged"]),
        right=st.lists(st.integers(5, 30), min_size=4, max_size=4),
    )
    def begin(self, prize, margin, window, economics, start, right):
        """Somewhere on its way, so that walks do not all end where they began."""
        self.economics = economics
        self.draft(prize, margin, window)
        if start == "draft":
            return
        self.stake("alice", 100 * UNIT, "prize")
        self.evaluate_all(right)
        while self.waiting_jobs():
            self.deliver(0, again=True)
        self.open()
        if start == "open":
            return
        for who, other in (("bob", "charlie"), ("charlie", "charlie"), ("dora", "bob")):
            self.submit(who, other, pays=True)
        if start == "entered":
            return
        self.evaluate_all(right)
        self.the_next_date_comes()
        self.tick()
        self.evaluate_all(right[::-1])
        self.tick()

    def draft(self, prize, margin, window):
        economics = self.economics
        self.stack.enter_context(
            override_settings(
                FEE_POINTS=economics.fee_points,
                EVALUATION_PRICE=text(economics.price),
                CHALLENGE_DEPOSIT=text(CHALLENGE_DEPOSIT),
            )
        )
        self.competition = drafting.create_competition(
            sponsor=self.users["alice"],
            spec=world.spec(
                *(self.users["alice"], self.base, self.now),
                prize_rule=prize[0],
                prize_options=prize[1],
                margin=margin,
                challenge_window=timedelta(hours=window),
                budget_points=economics.budget_points,
                submission_fee=text(economics.fee),
                deposit=text(economics.deposit),
            ),
            now=self.now,
        )
        metered = economics.price > 0 and (economics.budget_points or economics.fee)
        self.price = economics.price if metered else 0

    def teardown(self):
        try:
            if hasattr(self, "competition"):
                self.finish()
                self.nothing_is_left()
        finally:
            transaction.set_rollback(True)
            self.stack.close()

    def finish(self):
        """Everything that waits for somebody is done; the clock does the rest."""
        for _ in range(25):
            for evaluation in self.pending():
                self.score(evaluation, right=20, took=1, faithful=True)
            for evaluation in self.given_up():
                self.send_round_again(evaluation)
            for challenge in self.undecided():
                self.decide_on(challenge, upheld=False)
            self.tick()
            while self.waiting_jobs():
                self.deliver(0, again=False)
            if self.status in FINAL and not self.pending():
                break
            self.now = max(
                self.now + timedelta(seconds=1),
                self.competition.deadline,
                self.competition.provisional_until or self.now,
            )
        assert self.status in FINAL
        if self.pool is not None:
            self.close_pool()
            assert self.pool_status == "closed"

    def nothing_is_left(self):
        has = self.purse.has
        assert [has[name] for name in ("escrow", "budget", "pool")] == [0, 0, 0]
        assert not Hold.objects.filter(status="open").exists()
        assert not any(entry.dues_open for entry in self.entries)
        everybody = [*PEOPLE, "fees", "evaluator"]
        assert sum(has[name] for name in everybody) == TOKENS * len(PEOPLE)
        endings = Transfer.objects.filter(
            reference=self.competition.owner_key, kind__in=["settlement", "refund"]
        )
        assert endings.count() <= 1
        history = list(self.competition.history.all())
        told = [
            {
                "number": one.number,
                "kind": one.kind,
                "facts": one.facts,
                "actor": one.actor,
                "at": one.at.isoformat(),
            }
            for one in history
        ]
        assert journal.check(told, [one.head for one in history]) == history[-1].head
        steps = [one.kind for one in history if one.kind in WAYS]
        for before, after in pairwise(steps):
            assert after in WAYS[before]
        chain.seal()
        assert [check for check in verify() if not check.ok] == []

    # -- stakes and pools

    @rule(who=people, amount=amounts, purpose=st.sampled_from(["prize", "budget"]))
    def stake(self, who, amount, purpose):
        self.count += 1
        key = f"stake-{self.count}"
        stages = {"draft", "funded", "open"}
        code = None
        if purpose == "budget":
            stages |= {"closed", "judging"}
            code = None if self.price else "budget_not_needed"
        if self.status not in stages:
            code = code or "stake_too_late"
        if code is None and amount > self.purse.free(who):
            code = "insufficient_funds"
        made = self.attempt(code, lambda: self.put_in(who, amount, purpose, key))
        if made is None:
            return
        again = self.put_in(who, amount, purpose, key)
        assert again == made
        points = self.economics.budget_points
        to_budget = part_of(amount, points) if purpose == "prize" else amount
        self.purse.move(who, "budget", to_budget)
        self.purse.move(who, "escrow", amount - to_budget)
        self.stakes.append((made, who, amount, to_budget, purpose))

    def put_in(self, who, amount, purpose, key):
        return escrow.stake(
            competition=self.competition,
            staker=self.users[who],
            amount=amount,
            key=key,
            purpose=purpose,
            now=self.now,
        )

    @precondition(lambda self: self.pool is None and self.status not in FINAL)
    @rule(amount=amounts)
    def open_pool(self, amount):
        self.pool = open_pool(
            owner=self.users["dora"],
            spec=PoolSpec(title="Pool", admits="all", competition=self.competition),
            now=self.now,
        )
        self.pool_status = "open"
        self.fund_pool("alice", amount)

    @precondition(lambda self: self.pool is not None)
    @rule(who=people, amount=amounts)
    def fund_pool(self, who, amount):
        self.count += 1
        key = f"pool-{self.count}"
        code = None if self.pool_status == "open" else "pool_closed"
        if code is None and amount > self.purse.free(who):
            code = "insufficient_funds"
        made = self.attempt(code, lambda: self.put_into_pool(who, amount, key))
        if made is None:
            return
        assert self.put_into_pool(who, amount, key) == made
        self.purse.move(who, "pool", amount)
        self.fundings.append((made, who, amount))

    def put_into_pool(self, who, amount, key):
        return paymaster.fund(
            pool=self.pool,
            funder=self.users[who],
            amount=amount,
            key=key,
            now=self.now,
        )

    @precondition(lambda self: self.pool is not None)
    @rule()
    def close_pool(self):
        paymaster.close(pool=self.pool, actor=self.users["dora"], now=self.now)
        if self.pool_status == "open":
            self.pool_status = "closing"
        self.take_note()

    # -- the sponsor, the clock and the outbox

    @rule()
    def open(self):
        if self.status != "funded":
            code = "competition_status"
        elif self.competition.deadline <= self.now:
            code = "deadline_past"
        else:
            ready = Evaluation.objects.filter(
                competition=self.competition, submission=None, status="scored"
            )
            code = None if ready.count() == 2 else "baseline_pending"
        self.attempt(
            code,
            lambda: lifecycle.open_competition(
                competition=self.competition, actor=self.users["alice"], now=self.now
            ),
        )
        self.take_note()

    @rule()
    def cancel(self):
        if self.status not in {"draft", "funded", "open"}:
            code = "competition_status"
        else:
            code = "has_submissions" if self.entries else None
        if code is None and self.count % 3:
            return  # two in three change their mind, or nothing else would be seen
        self.attempt(
            code,
            lambda: lifecycle.cancel(
                competition=self.competition, actor=self.users["alice"], now=self.now
            ),
        )
        self.take_note()

    @precondition(lambda self: self.status in {"draft", "funded", "open"})
    @rule(hours=st.integers(1, 30))
    def extend(self, hours):
        deadline = max(self.competition.deadline, self.now) + timedelta(hours=hours)
        lifecycle.move_deadline(
            competition=self.competition,
            actor=self.users["alice"],
            deadline=deadline,
            now=self.now,
        )

    @rule(hours=st.integers(1, 30))
    def time_passes(self, hours):
        self.now += timedelta(hours=hours)

    @rule()
    def the_next_date_comes(self):
        date = self.competition.provisional_until or self.competition.deadline
        self.now = max(self.now, date)

    @rule()
    def tick(self):
        lifecycle.advance(competition=self.fresh(), now=self.now)
        self.take_note()
        self.nothing_else_is_due()

    def nothing_else_is_due(self):
        before = self.told()
        lifecycle.advance(competition=self.fresh(), now=self.now)
        assert self.told() == before

    @precondition(lambda self: self.waiting_jobs())
    @rule(pick=picks, again=st.booleans())
    def deliver(self, pick, again):
        waiting = self.waiting_jobs()
        job = waiting[pick % len(waiting)]
        jobs.perform(str(job.pk), self.now)
        if again:  # as if its end had been lost
            Job.objects.filter(pk=job.pk).update(status="sent")
            jobs.perform(str(job.pk), self.now)
        job.refresh_from_db()
        assert (job.status, job.last_error) == ("done", "")
        self.take_note()

    def waiting_jobs(self):
        calls = Job.objects.filter(kind="call", name__startswith="competitions.")
        return list(calls.filter(status__in=["waiting", "sent"]).order_by("created_at"))

    # -- entries and their evaluations

    @rule(who=miners, other=miners, pays=st.booleans())
    def submit(self, who, other, pays):
        self.count += 1
        fee, deposit = self.economics.fee, self.economics.deposit
        shares = {who: 2, **({other: 5} if other != who else {})}
        payer = self.payer_of(who, fee + deposit)
        code = self.refusal_of_entry(payer, fee + deposit, pays=pays)
        codes = {code}
        if self.status == "open":
            codes |= {"submission_quota", *(["budget_used_up"] if self.price else [])}
        row = self.attempt_or(
            codes,
            lambda: self.enter(who, shares, pays=pays),
        )
        if row is None:
            return
        assert code is None, code
        self.purse.move(payer, "budget", fee)
        self.purse.holds[payer] += deposit
        self.entries.append(
            Entered(row, payer, fee, deposit, shares, dues_open=fee + deposit > 0)
        )

    def enter(self, who, shares, *, pays):
        with transaction.atomic():
            return world.submit(
                self.users[who],
                self.fresh(),
                self.now,
                seed=self.count,
                shares=shares,
                pay=pays,
            )

    def payer_of(self, who, price):
        has_staked = any(staker == who for _, staker, *_ in self.stakes)
        pool_pays = self.pool_status == "open" and self.purse.free("pool") >= price
        return "pool" if price and pool_pays and not has_staked else who

    def refusal_of_entry(self, payer, price, *, pays):
        if self.status != "open" or self.competition.deadline <= self.now:
            return "competition_not_open"
        if price and payer != "pool":
            if not pays:
                return "payment_required"
            if self.purse.free(payer) < price:
                return "insufficient_funds"
        return None

    @precondition(lambda self: self.pending())
    @rule(
        pick=picks,
        right=st.integers(0, 30),
        took=seconds,
        faithful=st.integers(0, 5).map(bool),
    )
    def evaluate(self, pick, right, took, faithful):
        pending = self.pending()
        evaluation = pending[pick % len(pending)]
        self.score(evaluation, right=right, took=took, faithful=faithful)

    @precondition(lambda self: self.pending())
    @rule(right=st.lists(st.integers(5, 30), min_size=4, max_size=4))
    def evaluate_all(self, right):
        for number, evaluation in enumerate(self.pending()):
            self.score(evaluation, right=right[number % 4], took=1, faithful=True)

    def score(self, evaluation, *, right, took, faithful):
        if evaluation.submission is None:
            right = 10
        if evaluation.repeat and faithful:
            first = evaluation.submission.evaluations.get(split="private", repeat=0)
            right = round(first.score * first.total)
        world.score(evaluation, right=right, now=self.now, seconds=took)
        self.now += timedelta(seconds=took)
        reached = right >= 10
        self.charge(evaluation, took, closes=True, keeps=not reached)
        self.take_note()

    @precondition(lambda self: any(one.submission for one in self.pending()))
    @rule(pick=picks, took=seconds)
    def break_down(self, pick, took):
        """The model's fault."""
        pending = [one for one in self.pending() if one.submission]
        evaluation = pending[pick % len(pending)]
        world.fail(evaluation, now=self.now, seconds=took)
        self.now += timedelta(seconds=took)
        self.charge(evaluation, took, closes=True, keeps=True)
        self.take_note()

    @precondition(lambda self: self.pending())
    @rule(pick=picks, times=st.sampled_from([1, 4]), lapses=st.booleans())
    def lose(self, pick, times, lapses):
        """The platform's fault: the evaluator says so, or is not heard of again."""
        pending = self.pending()
        evaluation = pending[pick % len(pending)]
        for _ in range(times):
            if evaluation.status == "failed":
                break
            if lapses:
                world.lease(evaluation, self.now)
                self.now += timedelta(seconds=61)
                evaluating.reap(self.now)
            else:
                world.fail(evaluation, now=self.now, fault="platform", seconds=3)
                self.now += timedelta(seconds=3)
            evaluation.refresh_from_db()
        entry = self.entry_of(evaluation)
        given_up = evaluation.status == "failed"
        if given_up and entry and evaluation.split == "public" and entry.dues_open:
            self.give_back(entry, with_fee=True)
        self.take_note()

    @precondition(lambda self: self.given_up())
    @rule(pick=picks)
    def requeue(self, pick):
        given_up = self.given_up()
        self.send_round_again(given_up[pick % len(given_up)])

    def send_round_again(self, evaluation):
        assert evaluating.requeue(evaluation_id=str(evaluation.pk), now=self.now)
        assert not evaluating.requeue(evaluation_id=str(evaluation.pk), now=self.now)

    def charge(self, evaluation, took, *, closes, keeps):
        """What an evaluation costs; what its entry's dues become after that."""
        cost = took * 1000 * self.price // 1000
        if self.price:
            self.costs[evaluation.pk] = cost
        self.take_note_of_payments()
        entry = self.entry_of(evaluation)
        if entry is None or evaluation.split != "public" or not entry.dues_open:
            return
        self.purse.holds[entry.payer] -= entry.deposit
        if keeps:
            self.purse.move(entry.payer, "budget", min(entry.deposit, cost))
        entry.dues_open = False

    def give_back(self, entry, *, with_fee):
        self.purse.holds[entry.payer] -= entry.deposit
        if with_fee:
            fee = min(entry.fee, self.purse.has["budget"])
            self.purse.move("budget", entry.payer, fee)
        entry.dues_open = False

    # -- challenges

    @precondition(lambda self: self.status == "provisional")
    @rule(who=people, pick=picks, kind=st.sampled_from(["other", "irreproducible"]))
    def challenge(self, who, pick, kind):
        rows = self.competition.awards.select_related("submission")
        awards = list(rows.order_by("rank", "submission__model__name"))
        if not awards:
            return
        self.count += 1
        entry = self.entry_by(awards[pick % len(awards)].submission_id)
        may = {"no_standing", "challenge_window_over", "challenge_open_already"}
        may |= {"challenge_limit"}
        if self.purse.free(who) < CHALLENGE_DEPOSIT:
            may |= {"insufficient_funds"}
        objection = challenging.Objection(kind, WHY, f"challenge-{self.count}")
        made = self.attempt_or(
            may,
            lambda: challenging.raise_challenge(
                submission=entry.row,
                challenger=self.users[who],
                objection=objection,
                now=self.now,
            ),
        )
        if made is None:
            return
        assert who not in entry.shares
        assert self.now < self.competition.provisional_until
        assert self.purse.free(who) >= CHALLENGE_DEPOSIT
        self.purse.holds[who] += CHALLENGE_DEPOSIT
        self.challenges[made.pk] = "open"

    @precondition(lambda self: self.undecided())
    @rule(pick=picks, upheld=st.booleans())
    def decide(self, pick, upheld):
        undecided = self.undecided()
        self.decide_on(undecided[pick % len(undecided)], upheld=upheld)

    def decide_on(self, challenge, *, upheld):
        challenging.decide(
            challenge=challenge,
            actor=self.users["judge"],
            upheld=upheld,
            reason=WHY,
            now=self.now,
        )
        if upheld:
            self.strike_off(self.entry_by(challenge.submission_id))
        self.take_note()

    @precondition(lambda self: self.entries)
    @rule(pick=picks)
    def disqualify(self, pick):
        entry = self.entries[pick % len(self.entries)]
        code = "disqualified_before" if entry.struck else None
        if self.status in FINAL:
            code = "competition_status"
        made = self.attempt(
            code,
            lambda: disqualifying.disqualify(
                submission=entry.row,
                actor=self.users["judge"],
                reason=WHY,
                now=self.now,
            ),
        )
        if made is not None:
            self.strike_off(entry)
        self.take_note()

    def strike_off(self, entry):
        entry.struck = True
        if entry.dues_open:
            self.purse.holds[entry.payer] -= entry.deposit
            self.purse.move(entry.payer, "budget", entry.deposit)
            entry.dues_open = False

    # -- what the platform did by itself, taken over only where it may

    def take_note(self):
        self.take_note_of_challenges()
        self.take_note_of_status()
        self.take_note_of_payments()
        self.take_note_of_pool()

    def take_note_of_challenges(self):
        rows = Challenge.objects.filter(competition=self.competition)
        for row in rows.select_related("challenger", "hold"):
            before = self.challenges.setdefault(row.pk, "open")
            assert before in {"open", row.status}
            if before == row.status:
                continue
            self.challenges[row.pk] = row.status
            if row.challenger is None:
                continue
            who = row.challenger.username
            self.purse.holds[who] -= CHALLENGE_DEPOSIT
            if row.status == "dismissed":
                shares = self.entry_by(row.submission_id).shares
                parts = split(CHALLENGE_DEPOSIT, list(shares.values()))
                for name, part in zip(shares, parts, strict=True):
                    self.purse.move(who, name, part)

    def take_note_of_status(self):
        self.competition.refresh_from_db()
        while self.status != self.competition.status:
            steps = self.competition.history.values_list("kind", flat=True)
            path = [kind for kind in steps if kind in WAYS]
            after = path[path.index(self.status) + 1]
            assert after in WAYS[self.status]
            self.may_become(after)
            self.status = after
            type(self).reached[after] += 1
            if after == "cancelled":
                self.pay_out([])
            if after == "settled":
                self.pay_out(list(self.competition.awards.all()))

    def may_become(self, status):
        """Whether the facts that the model knows allow it."""
        if status == "funded":
            staked = sum(amount for *_, amount, _, p in self.stakes if p == "prize")
            assert staked >= 100 * UNIT
        if status == "closed":
            assert self.now >= self.competition.deadline
        if status in {"judging", "provisional"}:
            split_name = "public" if status == "judging" else "private"
            assert not self.waited_for(split_name)
        if status == "settled":
            assert self.now >= self.competition.provisional_until
            assert "open" not in self.challenges.values()
            assert all(one.transfer_id for one in self.competition.awards.all())
        if status == "cancelled":
            assert not self.entries

    def waited_for(self, split_name):
        struck = [one.row.pk for one in self.entries if one.struck]
        rows = Evaluation.objects.filter(
            competition=self.competition, split=split_name, repeat=0
        ).exclude(submission__in=struck)
        return rows.filter(status__in=["queued", "leased"]).exists()

    def take_note_of_payments(self):
        charges = self.competition.charges.all()
        found = {one.evaluation_id: one for one in charges}
        assert {key: one.cost for key, one in found.items()} == self.costs
        for key, one in found.items():
            before = self.paid.get(key, 0)
            assert one.paid in {before, one.cost} or self.status in FINAL
            assert before <= one.paid <= one.cost
            assert not before or one.paid == before
            self.purse.move("budget", "evaluator", one.paid - before)
            self.paid[key] = one.paid

    def pay_out(self, awards):
        """Open dues back, evaluations paid, awards, and the rest to the stakers."""
        for entry in sorted(self.entries, key=lambda one: one.row.pk.hex):
            if entry.dues_open:
                self.give_back(entry, with_fee=True)
        self.take_note_of_payments()
        has = self.purse.has
        self.nothing_is_owed_while_there_is_money()
        rest = has["escrow"] - sum(award.amount for award in awards)
        assert rest >= 0
        stakes = sorted(self.stakes, key=lambda one: (one[0].created_at, one[0].pk.hex))
        to_escrow = [amount - budget for _, _, amount, budget, _ in stakes]
        to_budget = [budget for *_, budget, _ in stakes]
        weights = to_budget if any(to_budget) else to_escrow
        self.share("escrow", rest, to_escrow, stakes)
        self.share("budget", has["budget"], weights, stakes)
        for award in awards:
            self.pay_award(award)

    def nothing_is_owed_while_there_is_money(self):
        if sum(self.costs.values()) > sum(self.paid.values()):
            assert self.purse.has["budget"] == 0

    def share(self, source, units, weights, stakes):
        if not units:
            return
        for (_, who, *_), part in zip(stakes, split(units, weights), strict=True):
            self.purse.move(source, who, part)

    def pay_award(self, award):
        entry = self.entry_by(award.submission_id)
        assert not entry.struck
        assert award.amount > 0
        private = entry.row.evaluations.get(split="private", repeat=0)
        assert private.score > 10 / 30
        fee = part_of(award.amount, self.economics.fee_points)
        self.purse.move("escrow", "fees", fee)
        shares = sorted(entry.shares.items(), key=lambda one: -one[1])
        parts = split(award.amount - fee, [parts for _, parts in shares])
        for (name, _), part in zip(shares, parts, strict=True):
            self.purse.move("escrow", name, part)

    def take_note_of_pool(self):
        if self.pool is None:
            return
        self.pool.refresh_from_db()
        if self.pool_status == "open" and self.status in {"settled", "cancelled"}:
            self.pool_status = "closing"  # nobody submits any more
        if self.pool.status == "closed" and self.pool_status == "closing":
            waits = [one for one in self.entries if one.payer == "pool"]
            assert not any(one.dues_open for one in waits)
            fundings = sorted(
                self.fundings, key=lambda one: (one[0].created_at, one[0].pk.hex)
            )
            self.share(
                "pool",
                self.purse.has["pool"],
                [amount for *_, amount in fundings],
                fundings,
            )
            self.pool_status = "closed"
        assert self.pool.status == self.pool_status

    # -- what must be so after every step

    @invariant()
    def the_book_says_the_same(self):
        if not hasattr(self, "competition"):
            return
        names = {self.competition.owner_key: "", "platform": "fees"}
        names |= {user.owner_key: name for name, user in self.users.items()}
        if self.pool is not None:
            names[self.pool.owner_key] = "pool"
        has, held = Counter(), Counter()
        for account in Account.objects.filter(owner__in=[*names]).exclude(
            kind="issuance"
        ):
            name = names[account.owner] or account.kind
            has[name] += account.balance
            held[name] += account.held
        purse = self.purse
        everybody = set(has) | set(purse.has)
        assert {n: has[n] for n in everybody} == {n: purse.has[n] for n in everybody}
        everybody = set(held) | set(purse.holds)
        assert {n: held[n] for n in everybody} == {n: purse.holds[n] for n in everybody}

    @invariant()
    def the_status_is_known(self):
        if hasattr(self, "competition"):
            self.take_note_of_status()
            self.take_note_of_challenges()

    # -- what there is

    def fresh(self) -> Competition:
        return Competition.objects.get(pk=self.competition.pk)

    def told(self):
        return list(self.competition.history.values_list("kind", flat=True))

    def pending(self):
        if not hasattr(self, "competition"):
            return []
        rows = self.competition.evaluations.filter(status="queued")
        return list(rows.select_related("submission").order_by(*SAME_EACH_TIME))

    def given_up(self):
        if not hasattr(self, "competition"):
            return []
        rows = self.competition.evaluations.filter(failure_code=evaluating.GAVE_UP)
        failed = rows.filter(status="failed").select_related("submission")
        return list(failed.order_by(*SAME_EACH_TIME))

    def undecided(self):
        if not hasattr(self, "competition"):
            return []
        rows = self.competition.challenges.filter(status="open")
        return list(rows.order_by("created_at", "submission__model__name", "kind"))

    def entry_by(self, pk):
        return next(entry for entry in self.entries if entry.row.pk == pk)

    def entry_of(self, evaluation):
        if evaluation.submission is None:
            return None
        return self.entry_by(evaluation.submission_id)

    def attempt(self, code, call):
        """What the call gives; None when it is refused, as it must be by ``code``."""
        made = self.attempt_or({code}, call)
        assert (made is None) == (code is not None), code
        return made

    def attempt_or(self, codes, call):
        """What the call gives; None when it is refused by one of the codes."""
        try:
            return call()
        except Refusal as refusal:
            if refusal.code not in codes:
                raise
            return None
