"""Refusals as the Hub's clients read them: a code and a sentence in the headers."""

from collections.abc import Mapping

from django.http import HttpResponse, JsonResponse
from django.utils.http import http_date

from assay.protocol.errors import LimitReached, NotFound, Refusal, Unauthenticated
from common.statuses import status_of
from storage.sending import NotSatisfiable

REPOSITORY, REVISION, ENTRY = "RepoNotFound", "RevisionNotFound", "EntryNotFound"
GATED = "GatedRepo"
CODES: Mapping[str, str] = {
    "repository_not_found": REPOSITORY,
    "model_not_found": REPOSITORY,
    "competition_not_found": REPOSITORY,
    "revision_not_found": REVISION,
    "file_not_found": ENTRY,
    "access_not_licensed": GATED,
    "rules_not_accepted": GATED,
}
STATUSES = {GATED: 403, "range_not_satisfiable": 416}
# What clients compare with to tell a bad token from a repository that is not there.
BAD_TOKEN = "Invalid credentials in Authorization header"  # noqa: S105 - a sentence


def refused(refusal: Refusal, *, commit: str = "", url: str = "") -> HttpResponse:
    """The response for an expected "no".

    Args:
        commit: the revision, where it is known.
        url: where the thing is that stands in the way.
    """
    code = CODES.get(refusal.code, refusal.code)
    sentence = str(refusal)
    status = STATUSES.get(code, status_of(refusal))
    body = {"error": sentence, "code": refusal.code, "where": refusal.where}
    if url:
        body["url"] = url
    response = JsonResponse(body, status=status)
    response["X-Error-Code"] = code
    response["X-Error-Message"] = _plain(sentence)
    _add_headers(response, refusal)
    if code == GATED:
        warn(response, "access", refusal.fix)  # its sentence alone is not shown
    if commit:
        response["X-Repo-Commit"] = commit
    return response


def _add_headers(response: HttpResponse, refusal: Refusal) -> None:
    """What a status asks to be said with it."""
    if isinstance(refusal, Unauthenticated):
        response["WWW-Authenticate"] = "Bearer"
        if refusal.code != "login_required":
            response["X-Error-Message"] = BAD_TOKEN
    if isinstance(refusal, LimitReached) and refusal.retry_at:
        response["Retry-After"] = http_date(refusal.retry_at.timestamp())
    if isinstance(refusal, NotSatisfiable):
        response["Content-Range"] = f"bytes */{refusal.size}"


def warn(response: HttpResponse, topic: str, sentence: str) -> None:
    """Have the client print a sentence, once for each topic."""
    response["X-HF-Warning"] = f"{topic}; {_plain(sentence)}"


def not_found() -> NotFound:
    """The refusal of an address or thing that this door does not have."""
    return NotFound(
        "not_found",
        "This address is none of the Hub door's.",
        fix="docs/doors.md lists what clients can do here.",
    )


def _plain(text: str) -> str:
    """Text that a header can carry."""
    return " ".join(text.split()).encode("ascii", "replace").decode()[:2000]
