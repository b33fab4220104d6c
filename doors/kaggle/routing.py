"""Routes of the Kaggle door: who calls, and refusals in Kaggle's shape."""

import base64
import binascii
from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from accounts.services import authenticate_header, authenticate_token
from assay.protocol.errors import NotFound, Refusal, Unauthenticated
from common.clock import now
from common.statuses import status_of
from doors.access import Access, Caller, admit
from storage.sending import NotSatisfiable

View = Callable[..., HttpResponseBase]


class KaggleRequest(HttpRequest):
    """A request whose route's access was checked."""

    caller: Caller


def kaggle_route(access: Access, *methods: str) -> Callable[[View], View]:
    """Declare a view's access and methods."""

    def declare(view: View) -> View:
        @csrf_exempt  # only the Authorization header and signed links open anything
        @wraps(view)
        def guarded(request: HttpRequest, **places: str) -> HttpResponseBase:
            try:
                if request.method not in methods or "\x00" in request.path:
                    raise not_found()
                request.caller = _identify(request, access)  # type: ignore[attr-defined]
                return view(request, **places)
            except Refusal as refusal:
                return refused(refusal)

        guarded.access = access  # type: ignore[attr-defined]
        return guarded

    return declare


def refused(refusal: Refusal) -> HttpResponse:
    """The response for an expected "no"; the command prints its message."""
    status = 416 if isinstance(refusal, NotSatisfiable) else status_of(refusal)
    body = {"code": status, "message": str(refusal), "reason": refusal.code}
    response = JsonResponse(body, status=status)
    if isinstance(refusal, Unauthenticated):
        response["WWW-Authenticate"] = "Bearer"
    return response


def not_found() -> NotFound:
    """The refusal of what this door does not have."""
    return NotFound(
        "not_found",
        "Kaggle's API is spoken here for competitions and submissions alone.",
        fix="docs/doors.md lists what works.",
    )


def _identify(request: HttpRequest, access: Access) -> Caller:
    header = request.headers.get("Authorization")
    if header is None or access is Access.SIGNED:  # the link itself says who
        return admit(None, access)
    if header.lower().startswith("basic "):
        secret = _password(header)
        return admit(authenticate_token(secret=secret, now=now()), access)
    return admit(authenticate_header(header=header, now=now()), access)


def _password(header: str) -> str:
    """What older set-ups keep as the key beside a username: a token of ours."""
    try:
        pair = base64.b64decode(header.partition(" ")[2], validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise Unauthenticated(
            "credentials_unreadable", "The Authorization header cannot be read."
        ) from error
    return pair.partition(":")[2]
