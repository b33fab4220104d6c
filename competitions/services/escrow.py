"""Stakes: into the escrow, and back out of it."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from assay.protocol.errors import Invalid
from assay.protocol.money import format_amount
from assay.protocol.splitting import split
from competitions.models import Competition, Stake
from competitions.services import history, steps
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
    *, competition: Competition, staker: User, amount: int, key: str, now: datetime
) -> Stake:
    """Put tokens into the escrow; anyone may, until submissions close.

    A draft whose minimum is reached becomes funded.

    Raises:
        Invalid: the amount is not above 0.
        Conflict: it is too late, or the key was used for something else.
        InsufficientFunds: the wallet holds less.
    """
    if amount <= 0:
        raise Invalid("amount_not_positive", "Stake more than 0.", where="amount")
    competition = Competition.objects.select_for_update().get(pk=competition.pk)
    known = Stake.objects.filter(
        transfer__caller=staker.owner_key, transfer__key=key, competition=competition
    ).first()
    if known is None:
        steps.require("stake", competition, now)
    transfer = services.post(
        caller=staker.owner_key,
        key=key,
        kind="stake",
        entries=[
            services.Entry(wallet(staker), -amount),
            services.Entry(escrow_of(competition), amount),
        ],
        reference=competition.owner_key,
        memo=f"Stake on {competition.slug}",
        now=now,
    )
    if known is not None:
        return known
    made = Stake.objects.create(
        competition=competition,
        staker=staker,
        amount=amount,
        transfer=transfer,
        created_at=now,
    )
    _record(competition, made, now=now)
    return made


def _record(competition: Competition, made: Stake, *, now: datetime) -> None:
    actor = made.staker.username
    asset = platform_asset()
    history.record(
        competition=competition,
        kind="staked",
        actor=actor,
        now=now,
        amount=format_amount(made.amount, asset),
        asset=asset.symbol,
    )
    enough = escrow_balance(competition) >= competition.minimum_stake
    if enough and steps.can("fund", competition, now, missing_stake=""):
        history.transition(
            competition=competition, to=Competition.Status.FUNDED, actor=actor, now=now
        )


def refunds(competition: Competition, amount: int) -> list[tuple[Stake, int]]:
    """What each stake gets back of ``amount``, in proportion, to the base unit."""
    stakes = list(
        competition.stakes.select_related("staker").order_by("created_at", "id")
    )
    if not stakes:
        return []
    parts = split(amount, [made.amount for made in stakes])
    return list(zip(stakes, parts, strict=True))
