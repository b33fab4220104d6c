"""The evaluation budget: filled by stakes and fees, spent on evaluations.

Whoever looks at a budget in order to spend it holds the competition's row lock.
The rules with worked numbers: docs/algorithms/economics.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Count, Q, QuerySet

from accounts.models import User
from assay.protocol.errors import Conflict
from assay.protocol.money import format_amount
from assay.protocol.pricing import cost_of, metered, shares_of
from assay.protocol.prizes import RULES
from assay.protocol.prizes.rule import best_of_each
from common import jobs
from common.amounts import AmountSum
from competitions import contests
from competitions.models import (
    Charge,
    Competition,
    Evaluation,
    Split,
    Stake,
    Submission,
)
from competitions.selectors import standing
from competitions.services import history
from ledger import selectors, services
from ledger.services import Account, AccountKind
from ledger.wallets import platform_asset, wallet

log = structlog.get_logger(__name__)

ALERTS = (50, 80, 100)
PAY = "competitions.pay_evaluations"
WANTING = {
    Competition.Status.DRAFT,
    Competition.Status.FUNDED,
    Competition.Status.OPEN,
    Competition.Status.CLOSED,
    Competition.Status.JUDGING,
}
OUT = (Submission.Status.FAILED, Submission.Status.CANCELLED)
"""Entries that will not be judged."""


@dataclass(frozen=True)
class Budget:
    """How a budget stands; amounts in base units.

    Attributes:
        left: what is on the account.
        spent: what evaluations were paid.
        owed: what evaluations have cost and were not paid.
        reserved: of ``left``, what judging the finalists will cost.
        pending: what the evaluations that are under way will cost.
        public_cost, private_cost: one evaluation, as the baseline's was measured.
    """

    left: int
    spent: int
    owed: int
    reserved: int
    pending: int
    public_cost: int
    private_cost: int

    @property
    def funded(self) -> int:
        """All that ever came in, less what went back."""
        return self.left + self.spent

    @property
    def cost(self) -> int:
        """What all evaluations so far have cost."""
        return self.spent + self.owed

    @property
    def percent(self) -> int:
        """How much of it is used, rounded down; 100 when there never was any."""
        return self.cost * 100 // self.funded if self.funded else 100

    @property
    def is_used_up(self) -> bool:
        """Whether it cannot pay for one more submission."""
        return self.left - self.reserved - self.owed < self.public_cost


def account_of(competition: Competition) -> Account:
    """The competition's budget; it is empty once the competition is final."""
    return services.account(
        kind=AccountKind.BUDGET,
        owner=competition.owner_key,
        asset=competition.asset_id,
    )


def balance(competition: Competition) -> int:
    """Base units in the budget."""
    return selectors.balance(
        kind=AccountKind.BUDGET, owner=competition.owner_key, asset=competition.asset_id
    )


def budget_of(competition: Competition) -> Budget:
    """How the competition's budget stands now."""
    sums = competition.charges.aggregate(
        spent=AmountSum("paid"), cost=AmountSum("cost")
    )
    baseline = dict(
        competition.charges.filter(evaluation__submission=None).values_list(
            "evaluation__split", "cost"
        )
    )
    public = baseline.get(Split.Name.PUBLIC, 0)
    private = baseline.get(Split.Name.PRIVATE, 0)
    counts = _counts(competition)
    return Budget(
        left=balance(competition),
        spent=sums["spent"],
        owed=sums["cost"] - sums["spent"],
        reserved=private * max(0, counts["finalists"] - counts["judged"]),
        pending=public * counts["pending"],
        public_cost=public,
        private_cost=private,
    )


def is_paused(competition: Competition, found: Budget) -> bool:
    """Whether an open competition takes no submission until it is topped up.

    A fee that a submission brings along counts.
    """
    if not competition.is_metered or competition.status != Competition.Status.OPEN:
        return False
    free = found.left - found.reserved - found.pending - found.owed
    return free + competition.submission_fee < found.public_cost


def shown_charges(competition: Competition) -> QuerySet[Charge]:
    """What evaluations cost; those of judging only once the final board is out."""
    found = competition.charges.select_related("evaluation", "payee")
    if competition.status in {
        Competition.Status.PROVISIONAL,
        Competition.Status.SETTLED,
    }:
        return found
    return found.exclude(
        evaluation__split=Split.Name.PRIVATE, evaluation__submission__isnull=False
    )


def _counts(competition: Competition) -> dict[str, int]:
    """Entries that may come to be judged, those that were, and those under way."""
    entrants = Submission.objects.filter(competition=competition).exclude(
        status__in=OUT
    )
    counts = entrants.aggregate(
        finalists=Count("miner", distinct=True),
        pending=Count("pk", filter=Q(status=Submission.Status.QUEUED)),
    )
    if _judges_several(competition) and competition.opened_at is not None:
        counts["finalists"] = len(contests.finalists(competition)) + counts["pending"]
    return {
        **counts,
        "judged": competition.charges.filter(
            evaluation__submission__isnull=False,
            evaluation__split=Split.Name.PRIVATE,
            evaluation__repeat=0,
        ).count(),
    }


def _judges_several(competition: Competition) -> bool:
    """Whether the prize rule may have several entries of one miner judged."""
    return RULES[competition.prize_rule].finalists is not best_of_each


def require_room(*, competition: Competition, miner: User, income: int) -> None:
    """Refuse a submission whose evaluation the budget could not pay.

    Entries under way and the judging of every finalist that there may be, this one
    included, are set aside first, so that judging is never short.

    Args:
        income: base units that the submission itself brings into the budget.

    Raises:
        Conflict: the budget is used up.
    """
    if not competition.is_metered:
        return
    found = budget_of(competition)
    has_entered = (
        Submission.objects.filter(competition=competition, miner=miner)
        .exclude(status__in=OUT)
        .exists()
    )
    is_new = _judges_several(competition) or not has_entered
    needed = found.public_cost + (found.private_cost if is_new else 0)
    free = found.left + income - found.reserved - found.pending - found.owed
    if free >= needed:
        return
    asset = platform_asset()
    free_text, need_text = (format_amount(max(0, u), asset) for u in (free, needed))
    raise Conflict(
        "budget_used_up",
        f"The evaluation budget of {competition.slug} is used up: {free_text} "
        f"{asset.symbol} are free, and this submission needs {need_text}.",
        fix=f"Anyone can top it up with `assay stake add {competition.slug} AMOUNT "
        "--for budget`; submissions go on then.",
    )


def meter(
    *, evaluation: Evaluation, usage: Mapping[str, Any], now: datetime
) -> Charge | None:
    """Charge a finished evaluation to the budget, and pay it as far as that reaches.

    Call it once, in the transaction that ends the evaluation, and never for a fault
    of the platform's. None where evaluation has no price.
    """
    competition = lock(evaluation.competition_id)
    if not competition.is_metered or evaluation.evaluator is None:
        return None
    milliseconds = metered(
        usage.get("wall_seconds", usage.get("cpu_seconds")), elapsed(evaluation, now)
    )
    charge = Charge.objects.create(
        competition=competition,
        evaluation=evaluation,
        payee=evaluation.evaluator,
        milliseconds=milliseconds,
        cost=cost_of(milliseconds, competition.second_price),
        created_at=now,
    )
    pay_due(competition=competition, now=now)
    announce(competition=competition, now=now)
    charge.refresh_from_db()
    return charge


def elapsed(evaluation: Evaluation, now: datetime) -> int:
    """Milliseconds between the lease and now."""
    if evaluation.started_at is None:
        return 0
    passed = now - evaluation.started_at
    return (passed.days * 86_400 + passed.seconds) * 1000 + passed.microseconds // 1000


def lock(competition_id: UUID | str) -> Competition:
    """The competition's row, locked: who looks at its budget takes turns."""
    return Competition.objects.select_for_update(no_key=True).get(pk=competition_id)


@transaction.atomic
def pay_waiting(*, competition_id: str, now: datetime) -> None:
    """Pay what waited for tokens to come in."""
    competition = lock(competition_id)
    if not competition.is_final:
        pay_due(competition=competition, now=now)


def pay_later(competition: Competition) -> None:
    """Have what waits for tokens paid once this commits, in its own transaction."""
    if competition.is_metered:
        jobs.enqueue(PAY, competition_id=str(competition.pk))


def pay_due(*, competition: Competition, now: datetime, is_final: bool = False) -> None:
    """Pay evaluations, the oldest first and each in whole, by one transfer each.

    What judging will cost stays untouched by all other evaluations. In the end
    nothing is kept back, and the last one may be paid in part: the rest of it is a
    shortfall that stays on record.
    """
    waiting = competition.charges.filter(transfer=None, cost__gt=0).select_related(
        "payee", "evaluation"
    )
    found = budget_of(competition)
    left, payments = found.left, []
    for charge in waiting.order_by("created_at", "id"):
        is_judging = (
            charge.evaluation.split == Split.Name.PRIVATE
            and charge.evaluation.submission_id is not None
        )
        most = left if is_final or is_judging else left - found.reserved
        amount = min(charge.cost, most) if is_final else charge.cost
        if 0 < amount <= most:
            payments.append((charge, amount))
            left -= amount
    # One order of payees for all competitions, so that no two wait for each other.
    for charge, amount in sorted(payments, key=lambda one: one[0].payee.pk):
        _pay(competition, charge, amount, now=now)


def _pay(
    competition: Competition, charge: Charge, amount: int, *, now: datetime
) -> None:
    transfer = services.post(
        caller=competition.owner_key,
        key=f"evaluation:{charge.evaluation_id}",
        kind="evaluation",
        entries=[
            services.Entry(account_of(competition), -amount),
            services.Entry(wallet(charge.payee), amount),
        ],
        reference=competition.owner_key,
        memo=f"Evaluation for {competition.slug}",
        now=now,
    )
    charge.paid, charge.transfer = amount, transfer
    charge.save(update_fields=["paid", "transfer"])


def announce(*, competition: Competition, now: datetime) -> None:
    """Write into the history that a share of the budget is used, each share once."""
    if competition.status not in WANTING or not competition.opened_at:
        return
    found = budget_of(competition)
    is_open = competition.status == Competition.Status.OPEN
    reached = 100 if is_open and found.is_used_up else found.percent
    for percent in ALERTS:
        if percent > reached or percent <= competition.budget_alerted:
            continue
        moved = Competition.objects.filter(
            pk=competition.pk, budget_alerted__lt=percent
        ).update(budget_alerted=percent)
        if moved:
            competition.budget_alerted = percent
            _record_use(competition, found, percent, now=now)


def _record_use(
    competition: Competition, found: Budget, percent: int, *, now: datetime
) -> None:
    asset = platform_asset()
    history.record(
        competition=competition,
        kind="budget_used",
        actor="platform",
        now=now,
        percent=percent,
        left=format_amount(found.left, asset),
        asset=asset.symbol,
    )
    log.warning("budget.used", competition=competition.slug, percent=percent)


def refunds(competition: Competition) -> list[tuple[Stake, int]]:
    """What each stake gets back of the budget, in proportion to what it put in.

    Where only fees filled it, the stakes' parts for the prize are the measure.
    """
    stakes = list(standing(competition).order_by("created_at", "id"))
    weights = [made.budget for made in stakes]
    if not any(weights):
        weights = [made.prize for made in stakes]
    parts = shares_of(balance(competition), weights)
    return list(zip(stakes, parts, strict=True))
