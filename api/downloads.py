"""Sending files, and how the API documents and refuses it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from api.errors import refused
from storage import sending
from storage.models import Blob

NOT_SATISFIABLE = 416
BINARY = "application/octet-stream"
FILE_RESPONSE = {
    "responses": {
        status: {
            "description": description,
            "content": {BINARY: {"schema": {"type": "string", "format": "binary"}}},
        }
        for status, description in {200: "The file", 206: "The range asked for"}.items()
    }
    | {304: {"description": "Not changed"}, 416: {"description": "No such range"}}
}
"""What OpenAPI says of a route that sends a file."""


def send_blob(request: HttpRequest, blob: Blob, *, name: str) -> HttpResponseBase:
    """The blob, or the one range of it that was asked for, as an attachment."""
    try:
        return sending.send_blob(request, blob, name=name)
    except sending.NotSatisfiable as refusal:
        response = refused(refusal, NOT_SATISFIABLE)
        response["Content-Range"] = f"bytes */{refusal.size}"
        return response


def send_bytes(content: bytes, *, name: str, media_type: str) -> HttpResponse:
    """A small file that was made for this caller, as an attachment."""
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=name
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def document(kind: str) -> dict[str, Any]:
    """How OpenAPI describes a route that sends one document."""
    schema = {"schema": {"type": "string"}}
    return {
        "responses": {
            200: {"description": "The document", "content": {kind: schema}},
        }
    }


def attached(content: str, name: str, kind: str) -> HttpResponse:
    """A document that was written for this caller."""
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-cache"
    return response
