"""What an entry costs, and pools that pay it for others."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from ninja import Query, Router, Status

from accounts.models import User
from api.amounts import read_amount, shown, symbol
from api.authentication import PERSON, PUBLIC, ApiRequest
from api.schemas.common import PageAnswer, Paging
from api.schemas.headers import IdempotencyKey
from api.schemas.paymaster import (
    DuesAnswer,
    FundBody,
    FundingAnswer,
    PoolAnswer,
    PoolBody,
    PriceAnswer,
)
from api.shapes import dues_answer
from common.clock import now
from common.paging import keyset
from competitions import pool_selectors, selectors
from competitions.models import Funding, Pool
from competitions.permissions import can_close_pool
from competitions.services import deposits, paymaster, pooling
from ledger.selectors import funds_of
from ledger.services import AccountKind

router = Router(auth=PUBLIC, tags=["pools"])


@router.get("/competitions/{slug}/price", auth=PERSON, response=PriceAnswer)
def show_price(request: ApiRequest, slug: str) -> PriceAnswer:
    """What an entry of yours would cost now, and who would pay for it."""
    person = request.auth.person
    competition = selectors.competition_by_slug(slug=slug, viewer=person)
    offer = deposits.offer_to(competition=competition, miner=person, now=now())
    return PriceAnswer(
        competition=slug,
        fee=shown(offer.price.fee),
        deposit=shown(offer.price.deposit),
        total=shown(offer.price.total),
        asset=symbol(),
        payer=offer.payer,
        pool=offer.pool.pk if offer.pool else None,
        pool_title=offer.pool.title if offer.pool else "",
        available=shown(offer.available),
    )


@router.get("/me/deposits", auth=PERSON, response=PageAnswer[DuesAnswer])
def list_my_deposits(
    request: ApiRequest, paging: Query[Paging]
) -> PageAnswer[DuesAnswer]:
    """Fees and deposits of your entries, the newest first, whoever paid them."""
    page = pool_selectors.dues_of(
        request.auth.person, cursor=paging.cursor, limit=paging.limit
    )
    items = [dues_answer(dues) for dues in page.items]
    return PageAnswer(items=items, next=page.next_cursor)


@router.get("/pools", response=PageAnswer[PoolAnswer])
def list_pools(
    request: ApiRequest, paging: Query[Paging], competition: str = ""
) -> PageAnswer[PoolAnswer]:
    """Pools, the newest first; with a competition those that pay for it."""
    viewer = request.auth.user
    wanted = None
    if competition:
        wanted = selectors.competition_by_slug(slug=competition, viewer=viewer)
    page = pool_selectors.visible_pools(
        competition=wanted, cursor=paging.cursor, limit=paging.limit
    )
    items = _pool_answers(page.items, viewer)
    return PageAnswer(items=items, next=page.next_cursor)


@router.post("/pools", auth=PERSON, response={201: PoolAnswer})
def open_pool(request: ApiRequest, body: PoolBody) -> Status[PoolAnswer]:
    """Open an empty pool; anyone may fund it, and you may close it."""
    person = request.auth.person
    competition = None
    if body.competition:
        competition = selectors.competition_by_slug(
            slug=body.competition, viewer=person
        )
    pool = pooling.open_pool(
        owner=person,
        spec=pooling.PoolSpec(
            title=body.title,
            competition=competition,
            admits=body.admits,
            handles=body.handles,
            first=body.first,
            user_cap=read_amount(body.user_cap, where="user_cap"),
            day_cap=read_amount(body.day_cap, where="day_cap"),
        ),
        now=now(),
    )
    return Status(201, _pool_answer(pool, person))


@router.get("/pools/{pool_id}", response=PoolAnswer)
def show_pool(request: ApiRequest, pool_id: UUID) -> PoolAnswer:
    """One pool: whom it admits, its caps, and what it has."""
    return _pool_answer(_pool(request, pool_id), request.auth.user)


@router.get("/pools/{pool_id}/payments", response=PageAnswer[DuesAnswer])
def list_payments(
    request: ApiRequest, pool_id: UUID, paging: Query[Paging]
) -> PageAnswer[DuesAnswer]:
    """What the pool has paid for whom, the newest first."""
    page = pool_selectors.payments_of(
        _pool(request, pool_id), cursor=paging.cursor, limit=paging.limit
    )
    items = [dues_answer(dues) for dues in page.items]
    return PageAnswer(items=items, next=page.next_cursor)


@router.get("/pools/{pool_id}/fundings", response=PageAnswer[FundingAnswer])
def list_fundings(
    request: ApiRequest, pool_id: UUID, paging: Query[Paging]
) -> PageAnswer[FundingAnswer]:
    """Who put what into the pool, the oldest first, and what went back."""
    page = keyset(
        _pool(request, pool_id).fundings.select_related("funder"),
        cursor=paging.cursor,
        limit=paging.limit,
        order=["created_at", "id"],
    )
    items = [_funding_answer(funding) for funding in page.items]
    return PageAnswer(items=items, next=page.next_cursor)


@router.post("/pools/{pool_id}/fund", auth=PERSON, response={201: FundingAnswer})
def fund_pool(
    request: ApiRequest, pool_id: UUID, body: FundBody, key: IdempotencyKey
) -> Status[FundingAnswer]:
    """Put tokens from your wallet into the pool."""
    made = paymaster.fund(
        pool=_pool(request, pool_id),
        funder=request.auth.person,
        amount=read_amount(body.amount),
        key=key,
        now=now(),
    )
    return Status(201, _funding_answer(made))


@router.post("/pools/{pool_id}/close", auth=PERSON, response=PoolAnswer)
def close_pool(request: ApiRequest, pool_id: UUID) -> PoolAnswer:
    """Pay for nobody any more; what is left goes back to its funders.

    It is `closing` while an entry that it paid for is undecided.
    """
    person = request.auth.person
    pool = paymaster.close(pool=_pool(request, pool_id), actor=person, now=now())
    return _pool_answer(pool, person)


def _pool(request: ApiRequest, pool_id: UUID) -> Pool:
    return pool_selectors.pool_by_id(pool_id=str(pool_id), viewer=request.auth.user)


def _pool_answer(pool: Pool, viewer: User | None) -> PoolAnswer:
    return _pool_answers([pool], viewer)[0]


def _pool_answers(pools: Sequence[Pool], viewer: User | None) -> list[PoolAnswer]:
    funds = funds_of(
        kind=AccountKind.POOL,
        owners=[pool.owner_key for pool in pools],
        asset=symbol(),
    )
    totals = pool_selectors.totals_of(pools)
    return [
        PoolAnswer(
            **_rules(pool),
            **_sums(*funds[pool.owner_key]),
            funded=shown(totals[pool.pk][0]),
            admitted=totals[pool.pk][1],
            is_mine=can_close_pool(viewer, pool),
        )
        for pool in pools
    ]


def _rules(pool: Pool) -> dict[str, Any]:
    plain = ("id", "title", "admits", "first", "status", "created_at", "closed_at")
    return {
        **{name: getattr(pool, name) for name in plain},
        "owner": pool.owner.username,
        "competition": pool.competition.slug if pool.competition else "",
        "user_cap": shown(pool.user_cap),
        "day_cap": shown(pool.day_cap),
        "asset": pool.asset_id,
    }


def _sums(balance: int, free: int) -> dict[str, Any]:
    return {
        "balance": shown(balance),
        "available": shown(free),
        "held": shown(balance - free),
    }


def _funding_answer(made: Funding) -> FundingAnswer:
    return FundingAnswer(
        id=made.id,
        pool=made.pool_id,
        funder=made.funder.username,
        amount=shown(made.amount),
        returned=shown(made.returned),
        asset=symbol(),
        created_at=made.created_at,
        transfer=made.transfer_id,
    )
