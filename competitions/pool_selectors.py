"""Questions about dues and the pools that pay them."""

import uuid
from collections.abc import Iterable

from django.db.models import Count, Q

from accounts.models import User
from assay.protocol.errors import NotFound
from common.amounts import AmountSum
from common.paging import Page, keyset
from competitions.models import Competition, Dues, Pool
from competitions.permissions import can_see_pool

Status = Competition.Status
PAID = "submission__competition", "submission__miner", "submission__model__owner"


def visible_pools(
    *,
    competition: Competition | None = None,
    cursor: str | None = None,
    limit: int = 20,
) -> Page[Pool]:
    """Pools, the newest first: for any competition and for public ones.

    Args:
        competition: one that the viewer may see; then those that pay for it.
    """
    hidden = Q(competition__status=Status.DRAFT) | Q(
        competition__status=Status.CANCELLED, competition__opened_at=None
    )
    found = Pool.objects.select_related("owner", "competition")
    if competition is None:
        found = found.exclude(hidden)
    else:
        found = found.filter(Q(competition=competition) | Q(competition=None))
    return keyset(found, cursor=cursor, limit=limit, order=["-created_at", "-id"])


def pool_by_id(*, pool_id: str, viewer: User | None) -> Pool:
    """The pool.

    Raises:
        NotFound: there is none that the viewer may see.
    """
    found = (
        Pool.objects.select_related("owner", "competition__sponsor", "asset")
        .filter(pk=uuid.UUID(pool_id))
        .first()
    )
    if found is None or not can_see_pool(viewer, found):
        raise NotFound("pool_not_found", "There is no such pool that you may see.")
    return found


def payments_of(
    pool: Pool, *, cursor: str | None = None, limit: int = 20
) -> Page[Dues]:
    """What the pool has paid for whom, the newest first."""
    found = pool.payments.select_related(*PAID, "pool")
    return keyset(found, cursor=cursor, limit=limit, order=["-created_at", "-id"])


def dues_of(user: User, *, cursor: str | None = None, limit: int = 20) -> Page[Dues]:
    """What the user's own entries paid, the newest first."""
    found = Dues.objects.filter(submission__miner=user).select_related(*PAID, "pool")
    return keyset(found, cursor=cursor, limit=limit, order=["-created_at", "-id"])


def totals_of(pools: Iterable[Pool]) -> dict[uuid.UUID, tuple[int, int]]:
    """Base units ever put in and people admitted, by pool; two queries for all."""
    keys = [pool.pk for pool in pools]
    rows = Pool.objects.filter(pk__in=keys)
    funded = dict(rows.annotate(n=AmountSum("fundings__amount")).values_list("pk", "n"))
    people = dict(rows.annotate(n=Count("admissions")).values_list("pk", "n"))
    return {key: (funded[key], people[key]) for key in keys}
