"""Competitions: finding, creating, and carrying them through their life."""

from typing import Annotated

from django.http.response import HttpResponseBase
from ninja import Query, Router, Status
from pydantic import BeforeValidator

from api.amounts import read_amount, shown
from api.authentication import PERSON, PUBLIC, ApiRequest
from api.downloads import FILE_RESPONSE, send_blob
from api.schemas.common import FileAnswer, PageAnswer, Paging, SearchWords
from api.schemas.competitions import (
    CompetitionAnswer,
    CompetitionBody,
    CompetitionSummary,
    DeadlineBody,
    StakeAnswer,
    StakeBody,
)
from api.schemas.headers import IdempotencyKey
from api.shapes import competition_answer, competition_summary
from common.clock import database_now as now
from common.paging import keyset
from competitions import selectors
from competitions.models import Competition, Stake
from competitions.services import drafting, escrow, lifecycle, revising, withdrawing

router = Router(auth=PERSON, tags=["competitions"])
StatusFilter = Annotated[
    Competition.Status | None, BeforeValidator(lambda status: status or None)
]


@router.get("/competitions", auth=PUBLIC, response=PageAnswer[CompetitionSummary])
def list_competitions(
    request: ApiRequest,
    paging: Query[Paging],
    query: SearchWords = "",
    status: StatusFilter = None,
) -> PageAnswer[CompetitionSummary]:
    """Competitions, the newest first; before they are funded you see only yours."""
    page = selectors.visible_competitions(
        viewer=request.auth.user,
        query=query,
        status=status or "",
        cursor=paging.cursor,
        limit=paging.limit,
    )
    staked = selectors.staked_in(page.items)
    items = [competition_summary(row, staked=staked[row.pk]) for row in page.items]
    return PageAnswer(items=items, next=page.next_cursor)


@router.post("/competitions", response={201: CompetitionAnswer})
def create_competition(
    request: ApiRequest, body: CompetitionBody
) -> Status[CompetitionAnswer]:
    """Create a draft from splits that you have uploaded; its baseline is queued."""
    sponsor = request.auth.person
    moment = now()
    competition = drafting.create_competition(
        sponsor=sponsor, spec=body.spec(), now=moment
    )
    return Status(201, competition_answer(competition, viewer=sponsor, now=moment))


@router.get("/competitions/{slug}", auth=PUBLIC, response=CompetitionAnswer)
def show_competition(request: ApiRequest, slug: str) -> CompetitionAnswer:
    """A competition with all of its rules."""
    viewer = request.auth.user
    competition = selectors.competition_by_slug(slug=slug, viewer=viewer)
    return competition_answer(competition, viewer=viewer, now=now())


@router.put("/competitions/{slug}", response=CompetitionAnswer)
def revise_competition(
    request: ApiRequest, slug: str, body: CompetitionBody
) -> CompetitionAnswer:
    """Replace all that your draft says, until it opens; what is staked stays."""
    sponsor, moment = request.auth.person, now()
    competition = revising.revise_competition(
        competition=selectors.competition_by_slug(slug=slug, viewer=sponsor),
        actor=sponsor,
        spec=body.spec(),
        now=moment,
    )
    return competition_answer(competition, viewer=sponsor, now=moment)


@router.get("/competitions/{slug}/splits", response=list[FileAnswer])
def list_splits(request: ApiRequest, slug: str) -> list[FileAnswer]:
    """The labelled files of your competition, to fetch; of another's there are none."""
    viewer = request.auth.person
    competition = selectors.competition_by_slug(slug=slug, viewer=viewer)
    sources = selectors.split_sources(competition=competition, viewer=viewer)
    return [
        FileAnswer(path=f"{name}.jsonl", size=blob.size, sha256=blob.sha256)
        for name, blob in sorted(sources.items())
    ]


@router.get(
    "/competitions/{slug}/splits/{split}", response=None, openapi_extra=FILE_RESPONSE
)
def fetch_split(request: ApiRequest, slug: str, split: str) -> HttpResponseBase:
    """The labelled file of one of your competition's splits, as you uploaded it."""
    viewer = request.auth.person
    competition = selectors.competition_by_slug(slug=slug, viewer=viewer)
    source = selectors.split_source(competition=competition, name=split, viewer=viewer)
    return send_blob(request, source, name=f"{split}.jsonl")


@router.get(
    "/competitions/{slug}/stakes", auth=PUBLIC, response=PageAnswer[StakeAnswer]
)
def list_stakes(
    request: ApiRequest, slug: str, paging: Query[Paging]
) -> PageAnswer[StakeAnswer]:
    """Who staked what, the oldest first, and what went back to them."""
    competition = selectors.competition_by_slug(slug=slug, viewer=request.auth.user)
    page = keyset(
        competition.stakes.select_related("staker", "competition"),
        cursor=paging.cursor,
        limit=paging.limit,
        order=["created_at", "id"],
    )
    items = [_stake_answer(made) for made in page.items]
    return PageAnswer(items=items, next=page.next_cursor)


@router.post("/competitions/{slug}/stakes", response={201: StakeAnswer})
def stake(
    request: ApiRequest, slug: str, body: StakeBody, key: IdempotencyKey
) -> Status[StakeAnswer]:
    """Put tokens from your wallet into the competition's escrow and budget."""
    staker = request.auth.person
    made = escrow.stake(
        competition=selectors.competition_by_slug(slug=slug, viewer=staker),
        staker=staker,
        amount=read_amount(body.amount),
        purpose=body.purpose,
        key=key,
        now=now(),
    )
    return Status(201, _stake_answer(made))


@router.post("/competitions/{slug}/stakes/{stake_id}/withdraw", response=StakeAnswer)
def withdraw_stake(request: ApiRequest, slug: str, stake_id: str) -> StakeAnswer:
    """Take your stake back, before the competition opens; twice is once."""
    staker = request.auth.person
    competition = selectors.competition_by_slug(slug=slug, viewer=staker)
    made = withdrawing.withdraw_stake(
        stake=selectors.stake_of(competition=competition, stake_id=stake_id),
        actor=staker,
        now=now(),
    )
    return _stake_answer(made)


@router.post("/competitions/{slug}/open", response=CompetitionAnswer)
def open_competition(request: ApiRequest, slug: str) -> CompetitionAnswer:
    """Freeze the rules and let miners in."""
    sponsor, moment = request.auth.person, now()
    competition = lifecycle.open_competition(
        competition=selectors.competition_by_slug(slug=slug, viewer=sponsor),
        actor=sponsor,
        now=moment,
    )
    return competition_answer(competition, viewer=sponsor, now=moment)


@router.post("/competitions/{slug}/deadline", response=CompetitionAnswer)
def move_deadline(
    request: ApiRequest, slug: str, body: DeadlineBody
) -> CompetitionAnswer:
    """Move the deadline; an open competition's can be extended."""
    sponsor, moment = request.auth.person, now()
    competition = lifecycle.move_deadline(
        competition=selectors.competition_by_slug(slug=slug, viewer=sponsor),
        actor=sponsor,
        deadline=body.deadline,
        now=moment,
    )
    return competition_answer(competition, viewer=sponsor, now=moment)


@router.post("/competitions/{slug}/cancel", response=CompetitionAnswer)
def cancel_competition(request: ApiRequest, slug: str) -> CompetitionAnswer:
    """End it before anyone has submitted; every stake goes back whole."""
    sponsor, moment = request.auth.person, now()
    competition = lifecycle.cancel(
        competition=selectors.competition_by_slug(slug=slug, viewer=sponsor),
        actor=sponsor,
        now=moment,
    )
    return competition_answer(competition, viewer=sponsor, now=moment)


def _stake_answer(made: Stake) -> StakeAnswer:
    return StakeAnswer(
        id=made.id,
        competition=made.competition.slug,
        staker=made.staker.username,
        purpose=made.purpose,
        amount=shown(made.amount),
        budget=shown(made.budget),
        returned=shown(made.returned),
        asset=made.competition.asset_id,
        created_at=made.created_at,
        withdrawn_at=made.withdrawn_at,
        transfer=made.transfer_id,
    )
