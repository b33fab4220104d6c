"""The routes under /api/, each wrapped so that every answer has the API's shape."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, path, re_path

from api.application import api
from api.errors import refused
from assay.protocol.errors import NotFound, Refusal

View = Callable[..., HttpResponseBase]
METHOD_NOT_ALLOWED = 405


def shaped(view: View) -> View:
    """Answer HEAD as GET, and what no route answers with the envelope."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return refused(Refusal("address_unreadable", "This address holds a NUL."))
        asked = request.method
        if asked == "HEAD":
            request.method = "GET"
        try:
            response = view(request, *args, **kwargs)
        except Http404:
            return unknown(request)
        finally:
            request.method = asked
        if asked == "HEAD" and isinstance(response, HttpResponse):
            return without_body(response)
        if response.status_code != METHOD_NOT_ALLOWED:
            return response
        return _not_allowed(request, allowed=response["Allow"])

    return wrapped


def without_body(response: HttpResponse) -> HttpResponse:
    """The same headers, with the length that the body would have had."""
    if not response.has_header("Content-Length"):
        response["Content-Length"] = str(len(response.content))
    response.content = b""
    return response


def _not_allowed(request: HttpRequest, *, allowed: str) -> HttpResponseBase:
    refusal = Refusal(
        "method_not_allowed",
        f"{request.method} is not a method of this address.",
        fix=f"Use {allowed}.",
    )
    response = refused(refusal, METHOD_NOT_ALLOWED)
    response["Allow"] = allowed
    return response


def unknown(request: HttpRequest) -> HttpResponseBase:
    """Answer an address that no route has."""
    return refused(
        NotFound(
            "not_found",
            f"There is nothing at {request.path}.",
            fix="The addresses are listed at /api/docs.",
        )
    )


unknown.csrf_exempt = True  # type: ignore[attr-defined]  # Django's own marker


def _patterns() -> list[URLPattern | URLResolver]:
    patterns, app_name, namespace = api.urls
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            pattern.callback = shaped(pattern.callback)
    return [path("", (patterns, app_name, namespace)), re_path(r"^.*$", unknown)]


urlpatterns = _patterns()
