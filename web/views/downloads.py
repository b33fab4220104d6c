"""Files of competitions and models, for browsers; clients use the API."""

from django.http import FileResponse, HttpRequest
from django.views.decorators.http import require_safe

from catalogue import selectors as catalogue
from common.clock import now
from competitions import selectors as competitions
from royalties.selectors import model_file as opened_file
from storage.blobs import open_blob
from storage.models import Blob
from web.access import public, viewer


@public
@require_safe
def competition_file(request: HttpRequest, slug: str, path: str) -> FileResponse:
    """A file that whoever sees the competition may fetch."""
    competition = competitions.competition_by_slug(slug=slug, viewer=viewer(request))
    found = competitions.attachment(competition=competition, path=path)
    return _attachment(found.blob, path)


@public
@require_safe
def model_file(request: HttpRequest, owner: str, name: str, path: str) -> FileResponse:
    """A file of a model that the viewer may see and fetch."""
    model = catalogue.model_by_reference(
        reference=f"{owner}/{name}", viewer=viewer(request)
    )
    found = opened_file(model=model, path=path, viewer=viewer(request), now=now())
    return _attachment(found.blob, path)


def _attachment(blob: Blob, path: str) -> FileResponse:
    """Bytes as a download of no type that a browser would open."""
    return FileResponse(
        open_blob(blob.sha256),
        as_attachment=True,
        filename=path.rpartition("/")[2],
        content_type="application/octet-stream",
    )
