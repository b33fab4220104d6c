"""Git LFS: large files arrive before the commit that names them.

Uploads are those of ``storage``: its parts are the parts of LFS's multipart transfer.
"""

from collections.abc import Mapping
from typing import Any, BinaryIO, cast

from django.http import HttpResponse, JsonResponse

from accounts.models import User
from assay.protocol.errors import Invalid, NotFound, Refusal
from common.bodies import sized_body
from common.clock import now
from common.statuses import status_of
from doors.access import Access
from doors.bodies import json_body, number_of, objects_of, text_of
from doors.hub.links import UploadLink, read_link
from doors.hub.routing import HubRequest, hub_route
from doors.hub.views.committing import writable
from storage import services
from storage.models import Upload

MAX_OBJECTS = 1000
MULTIPART, BASIC = "multipart", "basic"


@hub_route(Access.PERSON, "POST")
def batch(request: HubRequest, owner: str, name: str) -> HttpResponse:
    """Where each file is to be sent; those that are here need not be."""
    body = json_body(request)
    if text_of(body, "operation") != "upload":
        raise Invalid(
            "operation_unknown",
            "Only uploads are offered by Git LFS.",
            fix="Download through `hf download`.",
            where="operation",
        )
    writable(request, owner, name)
    asked = body.get("transfers")
    in_parts = isinstance(asked, list) and MULTIPART in asked
    objects = [
        _offer(request, f"{owner}/{name}", one, in_parts=in_parts)
        for one in objects_of(body, "objects", most=MAX_OBJECTS)
    ]
    transfer = MULTIPART if in_parts else BASIC
    return JsonResponse({"transfer": transfer, "objects": objects})


@hub_route(Access.SIGNED, "PUT", "POST")
def send(request: HubRequest, secret: str) -> HttpResponse:
    """PUT a part or a whole file; POST completes what was sent in parts."""
    link, person = read_link(secret, now=now())
    try:
        upload = services.upload_of(owner=person, upload_id=link.upload)
    except NotFound:
        # An answer got lost, and the client asks again for what is done.
        services.held_blob(owner=person, sha256=link.sha256)
        return _arrived(link.sha256)
    if request.method == "POST":
        json_body(request)
        _complete(person, upload)
    elif link.part:
        return _arrived(_put_part(request, person, upload, link.part))
    else:
        _put_all(request, person, upload)
    return _arrived(link.sha256)


@hub_route(Access.PERSON, "POST")
def verify(request: HubRequest, owner: str, name: str) -> HttpResponse:
    """Whether a file arrived whole."""
    body = json_body(request)
    writable(request, owner, name)
    sha256 = text_of(body, "oid")
    blob = services.held_blob(owner=request.caller.person, sha256=sha256)
    if blob.size != number_of(body, "size"):
        raise Invalid("size_invalid", f"The file has {blob.size} bytes.", where="size")
    return JsonResponse({"oid": sha256, "size": blob.size})


def _offer(
    request: HubRequest, reference: str, one: Mapping[str, Any], *, in_parts: bool
) -> dict[str, Any]:
    sha256, size = text_of(one, "oid"), number_of(one, "size")
    told: dict[str, Any] = {"oid": sha256, "size": size, "authenticated": True}
    try:
        upload = services.begin_upload(
            owner=request.caller.person, sha256=sha256, size=size, now=now()
        )
    except Refusal as refusal:
        error = {"code": status_of(refusal), "message": str(refusal)}
        return {**told, "error": error}
    if upload is None:
        return told
    verify_at = f"/hub/{reference}.git/info/lfs/verify"
    actions: dict[str, Any] = {
        "upload": {"href": _link(request, upload, 0)},
        "verify": {"href": request.build_absolute_uri(verify_at)},
    }
    if in_parts and upload.part_count > 1:
        parts = range(1, upload.part_count + 1)
        header = {f"{n:05}": _link(request, upload, n) for n in parts}
        actions["upload"]["header"] = {"chunk_size": str(upload.part_size), **header}
    return {**told, "actions": actions}


def _link(request: HubRequest, upload: Upload, part: int) -> str:
    assert request.caller.token is not None
    link = UploadLink(str(upload.pk), upload.sha256, part)
    secret = link.sign(request.caller.token)
    return request.build_absolute_uri(f"/hub/lfs/{secret}")


class _Window:
    """The next ``size`` bytes of a body, as a file of its own."""

    def __init__(self, body: BinaryIO, size: int) -> None:
        self._body, self._left = body, size

    def read(self, length: int = -1) -> bytes:
        """At most ``length`` bytes; empty at the window's end."""
        wanted = self._left if length < 0 else min(length, self._left)
        piece = self._body.read(wanted) if wanted else b""
        self._left -= len(piece)
        return piece


def _put_part(request: HubRequest, person: User, upload: Upload, number: int) -> str:
    size = upload.length_of(number) if number <= upload.part_count else 0
    body = sized_body(request, limit=size)
    part = services.put_part(
        owner=person, upload_id=str(upload.pk), number=number, body=body
    )
    return part.sha256


def _put_all(request: HubRequest, person: User, upload: Upload) -> None:
    body = sized_body(request, limit=upload.size)
    for number in range(1, upload.part_count + 1):
        window = cast("BinaryIO", _Window(body, upload.length_of(number)))
        services.put_part(
            owner=person, upload_id=str(upload.pk), number=number, body=window
        )
    _complete(person, upload)


def _complete(person: User, upload: Upload) -> None:
    services.complete_upload(owner=person, upload_id=str(upload.pk), now=now())


def _arrived(sha256: str) -> HttpResponse:
    response = JsonResponse({"success": True})
    response["ETag"] = f'"{sha256}"'
    return response
