"""Files of competitions and models, for browsers; clients use the API."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from assay.documents import ModelRecord
from assay.documents.boms import write_bom
from assay.documents.cards import write_card
from catalogue import selectors as catalogue
from common.clock import now
from competitions import selectors as competitions
from competitions.data import data_file
from royalties.selectors import model_file as opened_file
from storage.sending import send_blob
from web.access import public, viewer


@public
@require_safe
def competition_file(request: HttpRequest, slug: str, path: str) -> HttpResponseBase:
    """A file that whoever sees the competition may fetch."""
    competition = competitions.competition_by_slug(slug=slug, viewer=viewer(request))
    found = data_file(competition=competition, path=path, viewer=viewer(request))
    return send_blob(request, found.blob, name=path)


@public
@require_safe
def model_file(
    request: HttpRequest, owner: str, name: str, path: str
) -> HttpResponseBase:
    """A file of a model that the viewer may see and fetch."""
    model = catalogue.model_by_reference(
        reference=f"{owner}/{name}", viewer=viewer(request)
    )
    found = opened_file(model=model, path=path, viewer=viewer(request), now=now())
    return send_blob(request, found.blob, name=path)


@public
@require_safe
def model_card(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    """The model card with the terms, as the Hugging Face Hub reads them."""
    record = _record(request, owner, name)
    return _document(write_card(record), "README.md", "text/markdown; charset=utf-8")


@public
@require_safe
def model_bom(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    """The bill of materials with the terms, as CycloneDX."""
    record = _record(request, owner, name)
    kind = "application/vnd.cyclonedx+json; version=1.6"
    return _document(write_bom(record), "bom.cdx.json", kind)


def _record(request: HttpRequest, owner: str, name: str) -> ModelRecord:
    model = catalogue.model_by_reference(
        reference=f"{owner}/{name}", viewer=viewer(request)
    )
    return catalogue.model_record(model)


def _document(content: str, name: str, kind: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
