"""Bugs of competitions, each one function replaced; the machine must find them."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from unittest.mock import patch

from competitions.models import Stake
from competitions.services import (
    answering,
    budget,
    deposits,
    disqualifying,
    escrow,
    fees,
    lifecycle,
    paymaster,
    settling,
)
from ledger import holds

Patch = AbstractContextManager[object]
Mutant = Callable[[], Patch]


def naive_split(amount, weights):
    """Every part by floats, rounded to the nearest; the last one evens it out."""
    total = sum(weights)
    parts = [round(amount * weight / total) for weight in weights[:-1]]
    return (*parts, amount - sum(parts))


def naive_rounding() -> Patch:
    """Awards are split by floats."""
    return patch.object(settling, "split", naive_split)


def last_takes_the_rest() -> Patch:
    """Stakers' parts are rounded down, and the last one gets what is left over."""

    def shares_of(amount, weights):
        if not amount:
            return (0,) * len(weights)
        parts = [amount * weight // sum(weights) for weight in weights[:-1]]
        return (*parts, amount - sum(parts))

    return patch.object(escrow, "shares_of", shares_of)


def double_refund() -> Patch:
    """A staker's part of the escrow comes back twice where there is enough."""
    real = escrow.refunds

    def refunds(competition, amount):
        found = real(competition, amount)
        if len(found) < 2:
            return found
        (first, part), (second, other), *rest = found
        return [(first, part + other), (second, 0), *rest]

    return patch.object(escrow, "refunds", refunds)


def fee_kept_on_refund() -> Patch:
    """What the platform failed is not paid back."""
    return patch.object(deposits, "_return_fee", lambda dues, now: 0)


def fee_on_top() -> Patch:
    """The platform's fee is rounded up."""
    return patch.object(
        fees,
        "part_of",
        lambda amount, points: -(-amount * points // 10_000),
    )


def deposit_kept_whole() -> Patch:
    """A weak entry loses its whole deposit, whatever its evaluation cost."""
    return patch.object(deposits, "_cost", lambda charge, dues: dues.deposit)


def deposit_not_released() -> Patch:
    """A deposit that is given back stays held."""
    return patch.object(deposits.holds, "release", lambda hold, now: hold)


def struck_without_forfeit() -> Patch:
    """Who is disqualified keeps the deposit held."""
    return patch.object(disqualifying.deposits, "forfeit", lambda submission, now: 0)


def struck_is_paid() -> Patch:
    """An entry that was struck off keeps its award."""
    return patch.object(disqualifying.settling, "award_again", lambda **_: None)


def budget_pays_more() -> Patch:
    """An evaluation costs one base unit more than its time."""
    return patch.object(
        budget, "cost_of", lambda ms, price: ms * price // 1000 + bool(ms)
    )


def window_ignored() -> Patch:
    """Settled before the challenge window is over, and with open challenges."""
    real = lifecycle.steps.can

    def can(step, competition, now, **counted):
        return step == "settle" or real(step, competition, now, **counted)

    return patch.object(lifecycle.steps, "can", can)


def dismissal_free() -> Patch:
    """A dismissed challenge costs nothing."""
    return patch.object(
        answering,
        "_forfeit",
        lambda hold, challenge, now: holds.release(hold=hold, now=now),
    )


def pool_pays_out_early() -> Patch:
    """A pool is emptied while entries that it paid for are undecided."""

    def finish(*, pool, now):
        pool = paymaster.lock(pool)
        if pool.status == "closing":
            paymaster._return_rest(pool, now=now)
            pool.status, pool.closed_at = "closed", now
            pool.save(update_fields=["status", "closed_at"])
        return pool

    return patch.object(paymaster, "finish", finish)


def stakes_budget_forgotten() -> Patch:
    """What of a stake went into the budget is not written down."""
    real = escrow._record

    def record(competition, made, *, now):
        real(competition, made, now=now)
        Stake.objects.filter(pk=made.pk).update(budget=0)

    return patch.object(escrow, "_record", record)


MUTANTS: Mapping[str, Mutant] = {
    "naive rounding": naive_rounding,
    "last takes the rest": last_takes_the_rest,
    "double refund": double_refund,
    "fee kept on refund": fee_kept_on_refund,
    "fee on top": fee_on_top,
    "deposit kept whole": deposit_kept_whole,
    "deposit not released": deposit_not_released,
    "struck without forfeit": struck_without_forfeit,
    "struck is paid": struck_is_paid,
    "budget pays more": budget_pays_more,
    "window ignored": window_ignored,
    "dismissal free": dismissal_free,
    "pool pays out early": pool_pays_out_early,
    "stake's budget forgotten": stakes_budget_forgotten,
}
