"""Routes of the Hub door: who may call, and refusals in the Hub's shape."""

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from accounts.services import authenticate_header
from assay.protocol.errors import Refusal, TooLarge
from common.clock import now
from doors.access import Access, Caller, admit
from doors.hub.errors import not_found, refused

View = Callable[..., HttpResponseBase]


class HubRequest(HttpRequest):
    """A request whose route's access was checked."""

    caller: Caller


def hub_route(access: Access, *methods: str) -> Callable[[View], View]:
    """Declare a view's access and methods; HEAD is answered where GET is."""
    allowed = {*methods, "HEAD"} if "GET" in methods else set(methods)

    def declare(view: View) -> View:
        @csrf_exempt  # only the Authorization header and signed links open anything
        @wraps(view)
        def guarded(request: HttpRequest, **places: str) -> HttpResponseBase:
            try:
                if request.method not in allowed or "\x00" in request.path:
                    raise not_found()
                request.caller = _identify(request, access)  # type: ignore[attr-defined]
                return view(request, **places)
            except Refusal as refusal:
                return refused(refusal)
            except RequestDataTooBig:
                return refused(TooLarge("body_too_large", "This body is too large."))

        guarded.access = access  # type: ignore[attr-defined]
        guarded.methods = methods  # type: ignore[attr-defined]
        return guarded

    return declare


def _identify(request: HttpRequest, access: Access) -> Caller:
    header = request.headers.get("Authorization")
    if header is None or access is Access.SIGNED:  # the link itself says who
        return admit(None, access)
    return admit(authenticate_header(header=header, now=now()), access)
