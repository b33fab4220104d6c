"""Dues: what a submission pays, collected at submit and closed by its outcome.

Dues are closed exactly once, in the transaction of the state that closes them. The
rules with worked numbers: docs/algorithms/economics.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db import transaction

from accounts.models import User
from assay.protocol.errors import PaymentRequired
from assay.protocol.money import format_amount
from competitions.models import (
    Charge,
    Competition,
    Dues,
    Evaluation,
    Pool,
    Split,
    Submission,
)
from competitions.services import budget, paymaster
from ledger import holds, selectors, services
from ledger.services import Account, AccountKind
from ledger.wallets import platform_asset, wallet

Reason = Dues.Reason


@dataclass(frozen=True)
class Price:
    """What one entry pays, and has to deposit; base units."""

    fee: int
    deposit: int

    @property
    def total(self) -> int:
        """What the payer must have."""
        return self.fee + self.deposit


def price_of(competition: Competition) -> Price:
    """What one entry costs by the competition's rules."""
    return Price(competition.submission_fee, competition.deposit)


@dataclass(frozen=True)
class Offer:
    """What an entry costs a miner now, and who would pay.

    Attributes:
        available: base units that the miner's wallet can spend.
    """

    price: Price
    payer: Literal["nobody", "pool", "you"]
    pool: Pool | None
    available: int


def offer_to(*, competition: Competition, miner: User, now: datetime) -> Offer:
    """What the miner is asked before submitting; it holds for this moment only."""
    price = price_of(competition)
    pool = None
    if price.total:
        pool = paymaster.find(
            competition=competition, user=miner, amount=price.total, now=now
        )
    free = selectors.available(
        kind=AccountKind.WALLET, owner=miner.owner_key, asset=competition.asset_id
    )
    if pool is not None:
        return Offer(price, "pool", pool, free)
    return Offer(price, "you" if price.total else "nobody", None, free)


def collect(*, submission: Submission, consents: bool, now: datetime) -> Dues | None:
    """Take the fee and hold the deposit: from a pool that pays, else from the miner.

    In the transaction that makes the submission, under the competition's row lock.

    Args:
        consents: whether the miner has agreed to pay.

    Returns:
        None where an entry costs nothing.

    Raises:
        PaymentRequired: no pool pays, and the miner was not asked yet.
        InsufficientFunds: the miner's wallet holds less.
    """
    competition, miner = submission.competition, submission.miner
    price = price_of(competition)
    if not price.total:
        return None
    pool = paymaster.choose(
        competition=competition, user=miner, amount=price.total, now=now
    )
    if pool is None and not consents:
        raise _payment_required(competition, price)
    account = _account(pool, miner)
    if price.fee:
        _take_fee(submission, account, price.fee, now=now)
    return Dues.objects.create(
        submission=submission,
        pool=pool,
        fee=price.fee,
        deposit=price.deposit,
        spent=price.total,
        hold=_hold(submission, account, price.deposit, now=now),
        created_at=now,
    )


def _account(pool: Pool | None, miner: User) -> Account:
    return paymaster.account_of(pool) if pool else wallet(miner)


def _payment_required(competition: Competition, price: Price) -> PaymentRequired:
    asset = platform_asset()
    fee, deposit, total = (
        format_amount(units, asset) for units in (price.fee, price.deposit, price.total)
    )
    return PaymentRequired(
        "payment_required",
        f"An entry to {competition.slug} costs a fee of {fee} and a deposit of "
        f"{deposit}, together {total} {asset.symbol}, and no pool pays it for you.",
        fix="Agree to pay it from your wallet: `assay submit --pay`, or `pay` in the "
        "API.",
        fee=fee,
        deposit=deposit,
        total=total,
        asset=asset.symbol,
    )


def _take_fee(
    submission: Submission, account: Account, fee: int, *, now: datetime
) -> None:
    competition = submission.competition
    services.post(
        caller=competition.owner_key,
        key=f"submission-fee:{submission.pk}",
        kind="submission_fee",
        entries=[
            services.Entry(account, -fee),
            services.Entry(budget.account_of(competition), fee),
        ],
        reference=competition.owner_key,
        memo=f"Submission fee of {competition.slug}",
        now=now,
    )


def _hold(
    submission: Submission, account: Account, deposit: int, *, now: datetime
) -> holds.Hold | None:
    if not deposit:
        return None
    competition = submission.competition
    return holds.hold(
        caller=competition.owner_key,
        key=f"deposit:{submission.pk}",
        account=account,
        amount=deposit,
        reference=competition.owner_key,
        memo=f"Deposit for an entry to {competition.slug}",
        expires_at=None,
        now=now,
    )


def conclude(
    *,
    evaluation: Evaluation,
    reason: str,
    usage: Mapping[str, Any],
    now: datetime,
) -> None:
    """Charge a finished evaluation, and close the dues of the entry it decides.

    Once, in the transaction that ends the evaluation. An entry that reaches the
    baseline on the public split gets its deposit back, and so does one that the
    platform failed, together with its fee; another pays what its evaluation cost out
    of the deposit.
    """
    charge = None
    if reason != Reason.PLATFORM_FAULT:
        charge = budget.meter(evaluation=evaluation, usage=usage, now=now)
    submission = evaluation.submission
    if submission is None or evaluation.split != Split.Name.PUBLIC:
        return
    if reason in {Reason.REACHED_BASELINE, Reason.PLATFORM_FAULT}:
        give_back(submission=submission, reason=reason, now=now)
        return
    dues = _open_dues(submission)
    if dues is not None:
        _close(dues, keep=_cost(charge, dues), reason=reason, now=now)


def outcome_of(evaluation: Evaluation) -> str:
    """Whether a scored evaluation reaches the base model's score on its split."""
    baseline = Evaluation.objects.filter(
        competition_id=evaluation.competition_id,
        submission=None,
        split=evaluation.split,
        status=Evaluation.Status.SCORED,
    ).first()
    least = baseline.score if baseline is not None else None
    if least is None or evaluation.score is None or evaluation.score >= least:
        return Reason.REACHED_BASELINE
    return Reason.BELOW_BASELINE


def _cost(charge: Charge | None, dues: Dues) -> int:
    return min(dues.deposit, charge.cost) if charge is not None else 0


@transaction.atomic
def give_back(*, submission: Submission, reason: str, now: datetime) -> bool:
    """Return the deposit whole; the fee too where no evaluation came of it.

    Args:
        reason: ``Dues.Reason``; after ``platform_fault`` and ``withdrawn`` the fee
            goes back as well, as far as the budget still has it.

    Returns:
        False when there is nothing open to be returned.
    """
    budget.lock(submission.competition_id)
    dues = _open_dues(submission)
    if dues is None:
        return False
    if reason in {Reason.PLATFORM_FAULT, Reason.WITHDRAWN}:
        dues.fee_returned = _return_fee(dues, now=now)
    _close(dues, keep=0, reason=reason, now=now)
    return True


def give_back_all(*, competition: Competition, now: datetime) -> int:
    """Return what is still open when a competition ends; returns how many entries'."""
    undecided = Submission.objects.filter(
        competition=competition, dues__status=Dues.Status.OPEN
    )
    return sum(
        give_back(submission=entry, reason=Reason.WITHDRAWN, now=now)
        for entry in undecided.order_by("pk")
    )


@transaction.atomic
def forfeit(*, submission: Submission, now: datetime) -> bool:
    """Keep the deposit of a disqualified entry, whole, for the evaluation budget.

    Returns:
        False when nothing is held any more; then nothing was written.
    """
    budget.lock(submission.competition_id)
    dues = _open_dues(submission)
    if dues is None:
        return False
    _close(dues, keep=dues.deposit, reason=Reason.DISQUALIFIED, now=now)
    return True


def _open_dues(submission: Submission) -> Dues | None:
    """The dues that are still open, locked, and after them the pool that pays.

    The competition's lock is held already.
    """
    dues = (
        Dues.objects.select_for_update(of=("self",))
        .select_related("submission__competition", "submission__miner", "pool", "hold")
        .filter(submission=submission, status=Dues.Status.OPEN)
        .first()
    )
    if dues is not None and dues.pool is not None:
        dues.pool = paymaster.lock(dues.pool)  # always before its account
    return dues


def _return_fee(dues: Dues, *, now: datetime) -> int:
    competition = dues.submission.competition
    amount = min(dues.fee, budget.balance(competition))
    if amount:
        services.post(
            caller=competition.owner_key,
            key=f"submission-fee-back:{dues.submission_id}",
            kind="submission_fee_back",
            entries=[
                services.Entry(budget.account_of(competition), -amount),
                services.Entry(_account(dues.pool, dues.submission.miner), amount),
            ],
            reference=competition.owner_key,
            memo=f"Submission fee of {competition.slug}, returned",
            now=now,
        )
    return amount


def _close(dues: Dues, *, keep: int, reason: str, now: datetime) -> None:
    if dues.hold is not None and keep:
        competition = dues.submission.competition
        holds.capture(
            hold=dues.hold,
            into=budget.account_of(competition),
            amount=keep,
            kind="deposit_kept",
            memo=f"Deposit kept by {competition.slug}",
            now=now,
        )
    elif dues.hold is not None:
        holds.release(hold=dues.hold, now=now)
    dues.status, dues.reason, dues.closed_at = Dues.Status.CLOSED, reason, now
    dues.kept = keep
    dues.spent = dues.fee - dues.fee_returned + keep
    dues.save(
        update_fields=["status", "reason", "closed_at", "kept", "spent", "fee_returned"]
    )
    if dues.pool is not None:
        paymaster.finish_later(dues.pool)
