"""Stakes: into the escrow, and back out of it."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from assay.protocol.errors import Conflict, Invalid
from assay.protocol.money import format_amount
from assay.protocol.pricing import part_of, shares_of
from common.amounts import AmountSum
from competitions.models import Competition, Stake
from competitions.selectors import standing
from competitions.services import budget, history, steps
from ledger import selectors, services
from ledger.services import Account, AccountKind
from ledger.wallets import platform_asset, wallet


def escrow_of(competition: Competition) -> Account:
    """The competition's own account; it is empty once the competition is final."""
    return services.account(
        kind=AccountKind.ESCROW,
        owner=competition.owner_key,
        asset=competition.asset_id,
    )


def escrow_balance(competition: Competition) -> int:
    """Base units in escrow."""
    return selectors.balance(
        kind=AccountKind.ESCROW, owner=competition.owner_key, asset=competition.asset_id
    )


@transaction.atomic
def stake(
    *,
    competition: Competition,
    staker: User,
    amount: int,
    key: str,
    now: datetime,
    purpose: str = Stake.Purpose.PRIZE,
) -> Stake:
    """Put tokens into the escrow and, by the rules' part, into the budget.

    Anyone may, until submissions close; for the budget alone until judging ends. A
    draft whose minimum is reached becomes funded.

    Raises:
        Invalid: the amount is not above 0, or the purpose is none.
        Conflict: it is too late, evaluation costs nothing here, or the key was used
            for something else.
        InsufficientFunds: the wallet holds less.
    """
    _require_sense(amount, purpose)
    competition = Competition.objects.select_for_update().get(pk=competition.pk)
    known = Stake.objects.filter(
        transfer__caller=staker.owner_key, transfer__key=key, competition=competition
    ).first()
    if known is None:
        _require_in_time(competition, purpose, now)
    to_budget = amount
    if purpose == Stake.Purpose.PRIZE:
        to_budget = part_of(amount, competition.budget_points)
    transfer = _move_in(
        competition, staker, amount=amount, to_budget=to_budget, key=key, now=now
    )
    if known is not None:
        return known
    made = Stake.objects.create(
        competition=competition,
        staker=staker,
        purpose=purpose,
        amount=amount,
        budget=to_budget,
        transfer=transfer,
        created_at=now,
    )
    _record(competition, made, now=now)
    if to_budget:
        budget.pay_later(competition)
    return made


def _require_sense(amount: int, purpose: str) -> None:
    if amount <= 0:
        raise Invalid("amount_not_positive", "Stake more than 0.", where="amount")
    if purpose not in Stake.Purpose.values:
        raise Invalid(
            "purpose_unknown",
            f"One does not stake for {purpose!r}.",
            fix=f"Stake for one of: {', '.join(Stake.Purpose.values)}.",
            where="purpose",
        )


def _require_in_time(competition: Competition, purpose: str, now: datetime) -> None:
    if purpose == Stake.Purpose.PRIZE:
        steps.require("stake", competition, now)
        return
    if not competition.is_metered:
        raise Conflict(
            "budget_not_needed",
            f"Evaluation costs nothing on {competition.slug}; it has no budget.",
            fix="Stake for the prize instead.",
            where="purpose",
        )
    steps.require("top_up", competition, now)


def _move_in(
    competition: Competition,
    staker: User,
    *,
    amount: int,
    to_budget: int,
    key: str,
    now: datetime,
) -> services.Transfer:
    entries = [services.Entry(wallet(staker), -amount)]
    if amount > to_budget:
        entries.append(services.Entry(escrow_of(competition), amount - to_budget))
    if to_budget:
        entries.append(services.Entry(budget.account_of(competition), to_budget))
    return services.post(
        caller=staker.owner_key,
        key=key,
        kind="stake",
        entries=entries,
        reference=competition.owner_key,
        memo=f"Stake on {competition.slug}",
        now=now,
    )


def _record(competition: Competition, made: Stake, *, now: datetime) -> None:
    actor = made.staker.username
    asset = platform_asset()
    facts = {"amount": format_amount(made.amount, asset), "asset": asset.symbol}
    if made.budget:
        facts["budget"] = format_amount(made.budget, asset)
    history.record(
        competition=competition, kind="staked", actor=actor, now=now, **facts
    )
    follow_funding(competition=competition, actor=actor, now=now)


def follow_funding(*, competition: Competition, actor: str, now: datetime) -> None:
    """Fund a draft that has its minimum; unfund what has it no more.

    Must run inside the transaction that changed stakes or minimum.
    """
    asset = platform_asset()
    missing = max(0, competition.minimum_stake - staked_for_prize(competition))
    lacks = f"{format_amount(missing, asset)} {asset.symbol}" if missing else ""
    for step, status in (
        ("fund", Competition.Status.FUNDED),
        ("unfund", Competition.Status.DRAFT),
    ):
        if steps.can(step, competition, now, missing_stake=lacks):
            history.transition(competition=competition, to=status, actor=actor, now=now)
            return


def staked_for_prize(competition: Competition) -> int:
    """Base units that count for the minimum, the budget's part of them included."""
    counted = standing(competition).filter(purpose=Stake.Purpose.PRIZE)
    total: int = counted.aggregate(total=AmountSum("amount"))["total"]
    return total


def refunds(competition: Competition, amount: int) -> list[tuple[Stake, int]]:
    """What each stake gets back of the escrow's ``amount``, to the base unit.

    In proportion to what it put into the escrow.
    """
    stakes = list(standing(competition).order_by("created_at", "id"))
    parts = shares_of(amount, [made.prize for made in stakes])
    return list(zip(stakes, parts, strict=True))
