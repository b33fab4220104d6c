"""What a competition shows while it runs: board, history and public files."""

from dataclasses import asdict
from typing import Annotated

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from ninja import Query, Router
from pydantic import Field

from api.amounts import shown
from api.authentication import PUBLIC, ApiRequest
from api.downloads import FILE_RESPONSE, attached, document, send_blob
from api.objections import struck_answer
from api.schemas.common import FileAnswer, PageAnswer, Paging
from api.schemas.competitions import (
    BoardAnswer,
    BoardRowAnswer,
    HistoryAnswer,
    NeededAnswer,
    PowerAnswer,
)
from api.shapes import baseline_answer, file_answer
from assay.documents.croissants import write_croissant
from assay.documents.data_cards import write_data_card
from common.clock import now
from common.paging import keyset
from competitions import selectors
from competitions.data import data_file, data_record
from competitions.models import HistoryEntry
from competitions.services import foretelling

router = Router(auth=PUBLIC, tags=["competitions"])


@router.get("/competitions/{slug}/leaderboard", response=BoardAnswer)
def show_leaderboard(request: ApiRequest, slug: str) -> BoardAnswer:
    """Each miner's best entry on the split that counts now; ties share a rank."""
    viewer = request.auth.user
    competition = selectors.competition_by_slug(slug=slug, viewer=viewer)
    board = selectors.leaderboard(competition=competition, viewer=viewer, now=now())
    return BoardAnswer(
        competition=slug,
        split=board.split,
        count_hidden=board.count_hidden,
        as_of=board.as_of,
        asset=competition.asset_id,
        baseline=baseline_answer(board.baseline),
        rows=[_row_answer(row) for row in board.rows],
        struck=[struck_answer(made) for made in board.struck],
    )


@router.get("/competitions/{slug}/power", response=PowerAnswer)
def show_power(
    request: ApiRequest,
    slug: str,
    entrants: Annotated[int, Field(ge=1, le=1000)] = foretelling.ENTRANTS,
) -> PowerAnswer:
    """What the benchmark can tell apart, and how often luck would win."""
    competition = selectors.competition_by_slug(slug=slug, viewer=request.auth.user)
    found = foretelling.foretell(competition=competition, entrants=entrants)
    needed = [
        NeededAnswer(gain=gain, examples=examples)
        for gain, examples in found.examples_needed
    ]
    facts = asdict(found) | {"examples_needed": needed}
    return PowerAnswer(competition=slug, **facts)


@router.get("/competitions/{slug}/history", response=PageAnswer[HistoryAnswer])
def list_history(
    request: ApiRequest, slug: str, paging: Query[Paging]
) -> PageAnswer[HistoryAnswer]:
    """Everything that happened, the oldest first; each entry hashes all before it."""
    competition = selectors.competition_by_slug(slug=slug, viewer=request.auth.user)
    page = keyset(
        competition.history.all(),
        cursor=paging.cursor,
        limit=paging.limit,
        order=["number"],
    )
    items = [_history_answer(entry) for entry in page.items]
    return PageAnswer(items=items, next=page.next_cursor)


@router.get("/competitions/{slug}/files", response=list[FileAnswer])
def list_competition_files(request: ApiRequest, slug: str) -> list[FileAnswer]:
    """The sample with its answers, and whatever the sponsor attached."""
    competition = selectors.competition_by_slug(slug=slug, viewer=request.auth.user)
    return [
        file_answer(file) for file in competition.attachments.select_related("blob")
    ]


@router.get(
    "/competitions/{slug}/files/{path:path}", response=None, openapi_extra=FILE_RESPONSE
)
def fetch_competition_file(
    request: ApiRequest, slug: str, path: str
) -> HttpResponseBase:
    """The bytes of one of these files; Range is understood.

    Until the competition is over they are for those who have accepted its rules.
    """
    competition = selectors.competition_by_slug(slug=slug, viewer=request.auth.user)
    file = data_file(competition=competition, path=path, viewer=request.auth.user)
    return send_blob(request, file.blob, name=path)


@router.get(
    "/competitions/{slug}/croissant",
    response=None,
    openapi_extra=document("application/ld+json"),
)
def fetch_croissant(request: ApiRequest, slug: str) -> HttpResponse:
    """What its public data is, as Croissant 1.0 metadata in JSON-LD."""
    competition = selectors.competition_by_slug(slug=slug, viewer=request.auth.user)
    content = write_croissant(data_record(competition))
    return attached(content, f"{slug}.croissant.json", "application/ld+json")


@router.get(
    "/competitions/{slug}/card",
    response=None,
    openapi_extra=document("text/markdown"),
)
def fetch_data_card(request: ApiRequest, slug: str) -> HttpResponse:
    """The data card of its public data, as the Hugging Face Hub reads it."""
    competition = selectors.competition_by_slug(slug=slug, viewer=request.auth.user)
    content = write_data_card(data_record(competition))
    return attached(content, "README.md", "text/markdown; charset=utf-8")


def _row_answer(row: selectors.BoardRow) -> BoardRowAnswer:
    return BoardRowAnswer(
        rank=row.rank,
        tied=row.tied,
        submission=row.submission.id,
        miner=row.miner_handle,
        model=row.model_reference,
        score=row.score,
        low=row.low,
        high=row.high,
        seconds=row.seconds,
        submitted_at=row.submitted_at,
        amount=None if row.amount is None else shown(row.amount),
        is_mine=row.is_mine,
    )


def _history_answer(entry: HistoryEntry) -> HistoryAnswer:
    return HistoryAnswer(
        number=entry.number,
        kind=entry.kind,
        facts=entry.facts,
        actor=entry.actor,
        at=entry.at,
        head=entry.head,
    )
