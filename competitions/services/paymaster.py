"""Fee sponsorship: pools that pay submission fees and deposits for others.

Whoever takes from a pool, or ends it, holds its row lock; caps and the number of
users are counted under it. The rules: docs/algorithms/economics.md.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet

from accounts.models import User
from assay.protocol.errors import Conflict, Forbidden, Invalid
from assay.protocol.pricing import shares_of
from common import jobs
from common.amounts import AmountSum
from common.columns import write_column
from competitions.models import Admission, Competition, Dues, Funding, Pool, Stake
from competitions.permissions import can_close_pool
from ledger import selectors, services
from ledger.services import Account, AccountKind
from ledger.wallets import wallet, wallets

FINISH = "competitions.finish_pool"
DAY = timedelta(days=1)


def account_of(pool: Pool) -> Account:
    """The pool's own account."""
    return services.account(
        kind=AccountKind.POOL, owner=pool.owner_key, asset=pool.asset_id
    )


def available(pool: Pool) -> int:
    """Base units that the pool can still pay with."""
    return selectors.available(
        kind=AccountKind.POOL, owner=pool.owner_key, asset=pool.asset_id
    )


def lock(pool: Pool) -> Pool:
    """The pool, locked until the transaction ends."""
    return (
        Pool.objects.select_for_update(no_key=True, of=("self",))
        .select_related("owner")
        .get(pk=pool.pk)
    )


@transaction.atomic
def fund(*, pool: Pool, funder: User, amount: int, key: str, now: datetime) -> Funding:
    """Put tokens into an open pool; anyone may.

    Raises:
        Invalid: the amount is not above 0.
        Conflict: the pool is closed, or the key was used for something else.
        InsufficientFunds: the wallet holds less.
    """
    if amount <= 0:
        raise Invalid("amount_not_positive", "Give more than 0.", where="amount")
    pool = lock(pool)
    known = Funding.objects.filter(
        transfer__caller=funder.owner_key, transfer__key=key, pool=pool
    ).first()
    if known is None and pool.status != Pool.Status.OPEN:
        raise Conflict("pool_closed", f"This pool is {pool.status}.")
    transfer = services.post(
        caller=funder.owner_key,
        key=key,
        kind="pool_funding",
        entries=[
            services.Entry(wallet(funder), -amount),
            services.Entry(account_of(pool), amount),
        ],
        reference=pool.owner_key,
        memo=f"Into the pool {pool.title}",
        now=now,
    )
    return known or Funding.objects.create(
        pool=pool, funder=funder, amount=amount, transfer=transfer, created_at=now
    )


@transaction.atomic
def close(*, pool: Pool, actor: User, now: datetime) -> Pool:
    """Pay for nobody any more, and give what is left back to the funders.

    While an entry that it paid for is undecided, the pool is *closing*: all goes
    back in one transfer when the last one is decided.

    Raises:
        Forbidden: the actor did not open it.
    """
    if not can_close_pool(actor, pool):
        raise Forbidden("not_the_pools_owner", "Only who opened a pool closes it.")
    pool = lock(pool)
    if pool.status == Pool.Status.OPEN:
        pool.status = Pool.Status.CLOSING
        pool.save(update_fields=["status"])
    return finish(pool=pool, now=now)


def lock_all(*, competition: Competition) -> None:
    """Lock the pools that the end of a competition touches, in one order."""
    concerned = Pool.objects.filter(
        Q(competition=competition, status=Pool.Status.OPEN)
        | Q(
            payments__submission__competition=competition,
            payments__status=Dues.Status.OPEN,
        )
    )
    for pool in Pool.objects.filter(pk__in=concerned.values("pk")).order_by("pk"):
        lock(pool)


def close_all(*, competition: Competition) -> None:
    """Close the pools of a competition that ends: nobody submits to it any more.

    In the transaction that ends it. What is left goes back right after it, whether or
    not a pool's owner is still there.
    """
    for found in competition.pools.filter(status=Pool.Status.OPEN).order_by("pk"):
        pool = lock(found)
        pool.status = Pool.Status.CLOSING
        pool.save(update_fields=["status"])
    for pool in competition.pools.filter(status=Pool.Status.CLOSING):
        finish_later(pool)


def finish_later(pool: Pool) -> None:
    """Have a closing pool looked at once this commits, in its own transaction."""
    if pool.status == Pool.Status.CLOSING:
        jobs.enqueue(FINISH, pool_id=str(pool.pk))


@transaction.atomic
def finish(*, pool: Pool, now: datetime) -> Pool:
    """End a closing pool when nothing that it paid for is open any more."""
    pool = lock(pool)
    is_waited_for = pool.payments.filter(status=Dues.Status.OPEN).exists()
    if pool.status != Pool.Status.CLOSING or is_waited_for:
        return pool
    _return_rest(pool, now=now)
    pool.status, pool.closed_at = Pool.Status.CLOSED, now
    pool.save(update_fields=["status", "closed_at"])
    return pool


def _return_rest(pool: Pool, *, now: datetime) -> None:
    rest = available(pool)
    fundings = list(pool.fundings.all())
    if not rest:
        return
    parts = shares_of(rest, [funding.amount for funding in fundings])
    accounts = wallets(funding.funder_id for funding in fundings)
    entries = []
    for funding, part in zip(fundings, parts, strict=True):
        entries.append(services.Entry(accounts[funding.funder_id], part))
    came_back = {one.pk: part for one, part in zip(fundings, parts, strict=True)}
    write_column(Funding, "returned", came_back)
    entries.append(services.Entry(account_of(pool), -rest))
    services.post(
        caller=pool.owner_key,
        key="close",
        kind="pool_refund",
        entries=services.merged(entries),
        reference=pool.owner_key,
        memo=f"Back from the pool {pool.title}",
        now=now,
    )


def find(
    *, competition: Competition, user: User, amount: int, now: datetime
) -> Pool | None:
    """The pool that would pay ``amount`` for the user now; a promise of nothing."""
    for pool in _candidates(competition, user, amount):
        if _pays(pool, user, amount, now):
            return pool
    return None


def choose(
    *, competition: Competition, user: User, amount: int, now: datetime
) -> Pool | None:
    """The pool that pays ``amount`` for the user, locked until the transaction ends.

    Those for this competition come first, then the older ones. Nobody is paid for
    on a competition that they sponsor or have a stake in.
    """
    for candidate in _candidates(competition, user, amount):
        pool = lock(candidate)
        if _pays(pool, user, amount, now):
            if pool.admits == Pool.Admits.FIRST:
                Admission.objects.get_or_create(pool=pool, user=user)
            return pool
    return None


def _candidates(competition: Competition, user: User, amount: int) -> Iterator[Pool]:
    if user.pk == competition.sponsor_id or (
        Stake.objects.filter(
            competition=competition, staker=user, withdrawn_at=None
        ).exists()
    ):
        return
    pools = list(_asked(competition, user))
    funds = selectors.funds_of(
        kind=AccountKind.POOL,
        owners=[pool.owner_key for pool in pools],
        asset=competition.asset_id,
    )
    for pool in pools:
        if funds[pool.owner_key][1] >= amount:
            yield pool


def _asked(competition: Competition, user: User) -> QuerySet[Pool]:
    listed = Admission.objects.filter(user=user).values("pool")
    return (
        Pool.objects.filter(
            Q(competition=competition) | Q(competition=None), status=Pool.Status.OPEN
        )
        .filter(~Q(admits=Pool.Admits.LISTED) | Q(pk__in=listed))
        .select_related("owner")
        .order_by(F("competition").asc(nulls_last=True), "created_at", "id")
    )


def _pays(pool: Pool, user: User, amount: int, now: datetime) -> bool:
    if pool.status != Pool.Status.OPEN or available(pool) < amount:
        return False
    if not _admits(pool, user):
        return False
    paid = Dues.objects.filter(pool=pool)
    of_user = paid.filter(submission__miner=user)
    of_day = paid.filter(created_at__gt=now - DAY)
    return all(
        not cap or _spent(some) + amount <= cap
        for cap, some in ((pool.user_cap, of_user), (pool.day_cap, of_day))
    )


def _admits(pool: Pool, user: User) -> bool:
    if pool.admits == Pool.Admits.ALL:
        return True
    if pool.admissions.filter(user=user).exists():
        return True
    return (
        pool.admits == Pool.Admits.FIRST
        and pool.first is not None
        and pool.admissions.count() < pool.first
    )


def _spent(paid: QuerySet[Dues]) -> int:
    total: int = paid.aggregate(total=AmountSum("spent"))["total"]
    return total
