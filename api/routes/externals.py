"""Statements about models that are elsewhere, which entries may name as parents."""

from ninja import Query, Router, Status

from api.authentication import PERSON, PUBLIC, ApiRequest
from api.lineages import external_answer
from api.schemas.common import PageAnswer, Paging, SearchWords
from api.schemas.models import ExternalModelAnswer, ExternalModelBody
from catalogue import selectors
from catalogue.services import register_external_model
from common.clock import now

router = Router(auth=PERSON, tags=["models"])


@router.get("/external-models", auth=PUBLIC, response=PageAnswer[ExternalModelAnswer])
def list_external_models(
    request: ApiRequest,  # noqa: ARG001
    paging: Query[Paging],
    query: SearchWords = "",
) -> PageAnswer[ExternalModelAnswer]:
    """Statements, the newest first; nobody verified them."""
    page = selectors.external_models(
        query=query, cursor=paging.cursor, limit=paging.limit
    )
    items = [external_answer(stated) for stated in page.items]
    return PageAnswer(items=items, next=page.next_cursor)


@router.post("/external-models", response={201: ExternalModelAnswer})
def register_external(
    request: ApiRequest, body: ExternalModelBody
) -> Status[ExternalModelAnswer]:
    """State that a model exists elsewhere; the same again gives the same answer."""
    made = register_external_model(
        person=request.auth.person, now=now(), **body.model_dump()
    )
    return Status(201, external_answer(made))
