"""Hidden splits that were revealed, and what models said of them."""

from uuid import UUID

from django.http.response import HttpResponseBase
from ninja import Router

from api.authentication import PERSON, PUBLIC, ApiRequest
from api.downloads import FILE_RESPONSE, send_blob
from api.schemas.common import FileAnswer
from api.schemas.competitions import RevealBody
from common.clock import database_now as now
from competitions import receipt_selectors, selectors
from competitions.models import Competition
from competitions.services import revealing

router = Router(auth=PERSON, tags=["receipts"])


@router.post("/competitions/{slug}/reveal", response=list[FileAnswer])
def reveal_splits(request: ApiRequest, slug: str, body: RevealBody) -> list[FileAnswer]:
    """Show everybody inputs, answers and outputs of your hidden splits, for good."""
    sponsor = request.auth.person
    competition = selectors.competition_by_slug(slug=slug, viewer=sponsor)
    revealing.reveal(
        competition=competition, actor=sponsor, splits=body.splits, now=now()
    )
    return _files(competition)


@router.get("/competitions/{slug}/revealed", auth=PUBLIC, response=list[FileAnswer])
def list_revealed(request: ApiRequest, slug: str) -> list[FileAnswer]:
    """Inputs and answers of the splits that were revealed; none before."""
    viewer = request.auth.user
    return _files(selectors.competition_by_slug(slug=slug, viewer=viewer))


@router.get(
    "/competitions/{slug}/revealed/{split}/{part}",
    auth=PUBLIC,
    response=None,
    openapi_extra=FILE_RESPONSE,
)
def fetch_revealed(
    request: ApiRequest, slug: str, split: str, part: str
) -> HttpResponseBase:
    """The `inputs` or the `answers` of a split that was revealed."""
    viewer = request.auth.user
    competition = selectors.competition_by_slug(slug=slug, viewer=viewer)
    blob = receipt_selectors.revealed_file(
        competition=competition, split=split, part=part
    )
    return send_blob(request, blob, name=f"{split}.{part}.jsonl")


@router.get(
    "/evaluations/{evaluation_id}/outputs",
    auth=PUBLIC,
    response=None,
    openapi_extra=FILE_RESPONSE,
)
def fetch_outputs(request: ApiRequest, evaluation_id: UUID) -> HttpResponseBase:
    """What a model said of each example, once its split was revealed."""
    blob = receipt_selectors.revealed_outputs(
        evaluation_id=evaluation_id, viewer=request.auth.user
    )
    return send_blob(request, blob, name="outputs.jsonl")


def _files(competition: Competition) -> list[FileAnswer]:
    return [
        FileAnswer(path=path, size=blob.size, sha256=blob.sha256)
        for path, blob in receipt_selectors.revealed(competition).items()
    ]
