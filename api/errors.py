"""The envelope of every error.

    {"error": {"code": …, "sentence": …, "fix": …, "where": …}}

Nothing else leaves this door when a request fails: neither Django's pages, nor
pydantic's lists, nor a traceback.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import structlog
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.http.request import RawPostDataException
from django.utils.http import http_date
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.responses import Response

from api.schemas.errors import (
    ErrorAnswer,
    ErrorDetail,
    FindingAnswer,
    PaymentAnswer,
)
from assay.protocol.errors import (
    Forbidden,
    Invalid,
    NotFound,
    PaymentRequired,
    Refusal,
    TooLarge,
    Unauthenticated,
)
from common.statuses import STATUS, status_of

log = structlog.get_logger(__name__)

CODES = {"body": "body_invalid", "query": "query_invalid", "header": "header_invalid"}
SHOWN_PROBLEMS = 5
SEE_DOCS = "The fields and their types are listed at /api/docs."

_E = TypeVar("_E", bound=Exception)


def refused(refusal: Refusal, status: int | None = None) -> HttpResponse:
    """The response for an expected "no"."""
    retry_at = getattr(refusal, "retry_at", None)
    status = status or status_of(refusal)
    response = envelope(
        status,
        ErrorDetail(
            code=refusal.code,
            sentence=refusal.sentence,
            fix=refusal.fix,
            where=refusal.where,
            findings=_findings(getattr(refusal, "findings", None)),
            retry_at=retry_at,
            payment=_payment(refusal),
        ),
    )
    if status == STATUS[Unauthenticated]:
        response["WWW-Authenticate"] = "Bearer"
    if isinstance(retry_at, datetime):
        response["Retry-After"] = http_date(retry_at.timestamp())
    return response


def envelope(status: int, detail: ErrorDetail) -> HttpResponse:
    """An error in the one shape that clients parse."""
    answer = ErrorAnswer(error=detail)
    return Response(answer.model_dump(exclude_none=True), status=status)


def _payment(refusal: Refusal) -> PaymentAnswer | None:
    if not isinstance(refusal, PaymentRequired):
        return None
    return PaymentAnswer(
        fee=refusal.fee,
        deposit=refusal.deposit,
        total=refusal.total,
        asset=refusal.asset,
    )


def _findings(findings: Sequence[Any] | None) -> list[FindingAnswer] | None:
    if findings is None:
        return None
    return [
        FindingAnswer(
            code=found.code, path=found.path, sentence=found.sentence, fix=found.fix
        )
        for found in findings
    ]


def invalid_request(error: ValidationError) -> Refusal:
    """What pydantic found, as one refusal that names the first field."""
    source = error.errors[0]["loc"][0]
    if source == "path":
        return NotFound("not_found", "There is nothing at this address.")
    places = [_place(problem["loc"]) for problem in error.errors]
    sentences = [
        _sentence(place, problem)
        for place, problem in zip(places, error.errors, strict=True)
    ]
    hidden = len(sentences) - SHOWN_PROBLEMS
    more = [f"And {hidden} more."] if hidden > 0 else []
    return Invalid(
        CODES.get(source, "body_invalid"),
        " ".join(sentences[:SHOWN_PROBLEMS] + more),
        fix=SEE_DOCS,
        where=places[0],
    )


def _place(location: Sequence[str | int]) -> str:
    # A body's location starts with the name of the route's parameter, which is ours.
    skipped = 2 if location[0] == "body" else 1
    return ".".join(str(step) for step in location[skipped:]) or "body"


def _sentence(place: str, problem: Mapping[str, Any]) -> str:
    if problem["type"] == "missing":
        return f"{place} is missing."
    if problem["type"] == "extra_forbidden":
        return f"{place} is not a field of this request."
    return f"{place}: {problem['msg']}."


def _on_refusal(_: HttpRequest, error: Refusal) -> HttpResponse:
    return refused(error)


def _on_validation_error(_: HttpRequest, error: ValidationError) -> HttpResponse:
    return refused(invalid_request(error))


def _on_missing(_: HttpRequest, __: Http404) -> HttpResponse:
    return refused(NotFound("not_found", "There is nothing at this address."))


def _on_denied(_: HttpRequest, __: PermissionDenied) -> HttpResponse:
    return refused(Forbidden("forbidden", "You may not do this."))


def _on_nobody(_: HttpRequest, __: AuthenticationError) -> HttpResponse:
    return refused(Unauthenticated("login_required", "Nobody is logged in."))


def _on_http_error(_: HttpRequest, error: HttpError) -> HttpResponse:
    if isinstance(error.__cause__, Refusal):  # ninja wraps what the parser raises
        return refused(error.__cause__)
    refusal = Refusal("request_unreadable", f"{error.message}.", fix=SEE_DOCS)
    return refused(refusal, error.status_code)


def _on_too_big(_: HttpRequest, __: RequestDataTooBig) -> HttpResponse:
    return refused(
        TooLarge(
            "body_too_large",
            "The body of this request is larger than a request may be.",
            fix="Send files through /api/uploads.",
        )
    )


def _on_unreadable(_: HttpRequest, __: Exception) -> HttpResponse:
    return refused(
        Refusal(
            "request_unreadable",
            "This request could not be read.",
            fix="Send JSON with Content-Type: application/json.",
        )
    )


def _on_fault(request: HttpRequest, error: Exception) -> HttpResponse:
    request_id = str(structlog.contextvars.get_contextvars().get("request_id", ""))
    log.error("api.failed", method=request.method, path=request.path, exc_info=error)
    detail = ErrorDetail(
        code="internal_error",
        sentence="Something broke on our side; it is logged.",
        fix="Try again; if it stays, report the request id.",
        request_id=request_id,
    )
    return envelope(500, detail)


HANDLERS: Mapping[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
    Exception: _on_fault,
    Refusal: _on_refusal,
    ValidationError: _on_validation_error,
    Http404: _on_missing,
    PermissionDenied: _on_denied,
    AuthenticationError: _on_nobody,
    HttpError: _on_http_error,
    RequestDataTooBig: _on_too_big,
    RawPostDataException: _on_unreadable,
    UnreadablePostError: _on_unreadable,
    MultiPartParserError: _on_unreadable,
    SuspiciousOperation: _on_unreadable,
}


def install(api: NinjaAPI) -> None:
    """Have the API answer every exception with the envelope."""
    for exception, handle in HANDLERS.items():
        api.add_exception_handler(exception, handle)
