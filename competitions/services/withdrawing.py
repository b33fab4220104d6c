"""A stake taken back by its staker, before the competition opens."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from assay.protocol.errors import Forbidden
from assay.protocol.money import format_amount
from common.amounts import AmountSum
from competitions.models import Competition, Stake
from competitions.permissions import can_withdraw
from competitions.selectors import standing
from competitions.services import budget, escrow, history, steps
from ledger import services
from ledger.wallets import platform_asset, wallet


@transaction.atomic
def withdraw_stake(*, stake: Stake, actor: User, now: datetime) -> Stake:
    """Give a stake back to its staker; withdrawing it twice is once.

    The part for the prize comes back whole. Of the part for the budget comes back
    its share of what the base model's evaluations have left. A funded competition
    that falls below its minimum is a draft again.

    Raises:
        Forbidden: another made the stake.
        Conflict: the competition has opened, or is over (``stake_bound``).
    """
    # Whoever stakes, opens, cancels or withdraws waits here for the other.
    competition = Competition.objects.select_for_update().get(pk=stake.competition_id)
    stake = competition.stakes.select_related("staker").get(pk=stake.pk)
    if not can_withdraw(actor, stake):
        raise Forbidden(
            "not_your_stake", "A stake is withdrawn by who made it, and nobody else."
        )
    if stake.withdrawn_at is not None:
        return stake
    steps.require("withdraw", competition, now)
    budget.pay_due(competition=competition, now=now)
    spare = _of_budget(competition, stake)
    _move_back(competition, stake, spare, now=now)
    stake.returned, stake.withdrawn_at = stake.prize + spare, now
    stake.save(update_fields=["returned", "withdrawn_at"])
    _record(competition, stake, now=now)
    return stake


def comes_back(stake: Stake) -> int:
    """Base units that withdrawing the stake would return now; a promise of nothing."""
    if stake.withdrawn_at is not None:
        return 0
    return stake.prize + _of_budget(stake.competition, stake)


def _of_budget(competition: Competition, stake: Stake) -> int:
    """The stake's share of what the budget has and does not owe, rounded down."""
    if not stake.budget:
        return 0
    found = budget.budget_of(competition)
    filled: int = standing(competition).aggregate(total=AmountSum("budget"))["total"]
    return max(0, found.left - found.owed) * stake.budget // filled


def _move_back(
    competition: Competition, stake: Stake, spare: int, *, now: datetime
) -> None:
    entries = [
        services.Entry(escrow.escrow_of(competition), -stake.prize),
        services.Entry(budget.account_of(competition), -spare),
        services.Entry(wallet(stake.staker), stake.prize + spare),
    ]
    moved = [entry for entry in entries if entry.amount]
    if moved:
        services.post(
            caller=competition.owner_key,
            key=f"withdrawal:{stake.pk}",
            kind="stake_withdrawal",
            entries=moved,
            reference=competition.owner_key,
            memo=f"Stake on {competition.slug}, withdrawn",
            now=now,
        )


def _record(competition: Competition, stake: Stake, *, now: datetime) -> None:
    actor, asset = stake.staker.username, platform_asset()
    history.record(
        competition=competition,
        kind="stake_withdrawn",
        actor=actor,
        now=now,
        amount=format_amount(stake.amount, asset),
        returned=format_amount(stake.returned, asset),
        asset=asset.symbol,
    )
    escrow.follow_funding(competition=competition, actor=actor, now=now)
