"""The catalogue: published models, their terms, lineage and files."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from ninja import Query, Router
from pydantic import BaseModel, Field, FiniteFloat

from api.amounts import read_amount
from api.authentication import PUBLIC, ApiRequest
from api.downloads import FILE_RESPONSE, attached, document, send_blob
from api.lineages import external_parent_answers, lineage_answers, parent_answers
from api.schemas.common import PageAnswer, Paging, SearchWords
from api.schemas.models import (
    CarriedDutyAnswer,
    ContributorAnswer,
    ModelAnswer,
    ModelSummary,
)
from api.shapes import file_answer
from assay.documents.boms import write_bom
from assay.documents.cards import write_card
from catalogue import selectors
from catalogue.models import Model
from common.clock import now
from royalties.selectors import model_file

router = Router(auth=PUBLIC, tags=["models"])
CARD, BOM = "README.md", "bom.cdx.json"


class ModelWords(BaseModel):
    """What is looked for among published models; anything when nothing is said.

    `uses` are uses that the terms must allow, with commas between; `max_price` is what
    commercial use may cost up front, `0` for free; `sort` is newest, score, price or
    size.
    """

    query: SearchWords = ""
    task: str = Field(default="", max_length=60)
    base: str = Field(default="", max_length=140)
    uses: str = Field(default="", max_length=80)
    max_price: str = Field(default="", max_length=60)
    min_score: FiniteFloat | None = None
    max_size: int | None = Field(default=None, ge=0, le=2**63 - 1)
    sort: str = Field(default="newest", max_length=12)

    def as_wanted(self) -> selectors.Wanted:
        """The same for selectors."""
        price = self.max_price
        return selectors.Wanted(
            query=self.query,
            task=self.task,
            base=self.base,
            uses=tuple(use.strip() for use in self.uses.split(",") if use.strip()),
            max_price=read_amount(price, where="max_price") if price else None,
            min_score=self.min_score,
            max_size=self.max_size,
            sort=self.sort,
        )


@router.get("/models", response=PageAnswer[ModelSummary])
def list_models(
    request: ApiRequest,  # noqa: ARG001
    paging: Query[Paging],
    words: Query[ModelWords],
) -> PageAnswer[ModelSummary]:
    """Published models that fit, the newest first unless sorted otherwise."""
    page = selectors.published(
        wanted=words.as_wanted(), cursor=paging.cursor, limit=paging.limit
    )
    items = [_summary(model) for model in page.items]
    return PageAnswer(items=items, next=page.next_cursor)


@router.get("/models/{owner}/{name}", response=ModelAnswer)
def show_model(request: ApiRequest, owner: str, name: str) -> ModelAnswer:
    """A model with its terms, contributors, parents and files."""
    model = _model(request, owner, name)
    submission = getattr(model, "submission", None)
    return ModelAnswer(
        **dict(_summary(model)),
        terms=model.terms,
        explained=selectors.terms_in_words(model.terms),
        contributors=[
            ContributorAnswer(handle=share.user.username, parts=share.parts)
            for share in model.contributors.select_related("user")
        ],
        parents=parent_answers(model, request.auth.user),
        external_parents=external_parent_answers(model),
        lineage=lineage_answers(model, request.auth.user),
        duties=[
            CarriedDutyAnswer(duty=duty, to=reference)
            for duty, reference in selectors.carried_duties(model)
        ],
        files=[file_answer(file) for file in model.files.select_related("blob")],
        manifest_digest=model.manifest_digest,
        granted_at=model.created_at,
        card=model.card,
        competition=submission.competition.slug if submission else None,
    )


@router.get("/models/{owner}/{name}/children", response=PageAnswer[ModelSummary])
def list_children(
    request: ApiRequest, owner: str, name: str, paging: Query[Paging]
) -> PageAnswer[ModelSummary]:
    """What was derived from a model, as far as you may see it, newest first."""
    page = selectors.children(
        _model(request, owner, name),
        request.auth.user,
        cursor=paging.cursor,
        limit=paging.limit,
    )
    return PageAnswer(
        items=[_summary(child) for child in page.items], next=page.next_cursor
    )


@router.get(
    "/models/{owner}/{name}/card",
    response=None,
    openapi_extra=document("text/markdown"),
)
def fetch_model_card(request: ApiRequest, owner: str, name: str) -> HttpResponse:
    """Its model card with the terms, as the Hugging Face Hub reads them."""
    model = _model(request, owner, name)
    content = write_card(selectors.model_record(model))
    return attached(content, CARD, "text/markdown; charset=utf-8")


@router.get(
    "/models/{owner}/{name}/bom",
    response=None,
    openapi_extra=document("application/vnd.cyclonedx+json"),
)
def fetch_model_bom(request: ApiRequest, owner: str, name: str) -> HttpResponse:
    """Its bill of materials with the terms, as CycloneDX 1.6."""
    model = _model(request, owner, name)
    content = write_bom(selectors.model_record(model))
    return attached(content, BOM, "application/vnd.cyclonedx+json; version=1.6")


@router.get(
    "/models/{owner}/{name}/files/{path:path}",
    response=None,
    openapi_extra=FILE_RESPONSE,
)
def fetch_model_file(
    request: ApiRequest, owner: str, name: str, path: str
) -> HttpResponseBase:
    """The bytes of one of its files; Range is understood."""
    model = _model(request, owner, name)
    file = model_file(model=model, path=path, viewer=request.auth.user, now=now())
    return send_blob(request, file.blob, name=path)


def _model(request: ApiRequest, owner: str, name: str) -> Model:
    return selectors.model_by_reference(
        reference=f"{owner}/{name}", viewer=request.auth.user
    )


def _summary(model: Model) -> ModelSummary:
    return ModelSummary(
        reference=model.reference,
        owner=model.owner.username,
        name=model.name,
        kind=model.kind,
        architecture=model.architecture,
        is_base=model.is_base,
        published_at=model.published_at,
    )
