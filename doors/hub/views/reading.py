"""Repositories, models and competition data as the Hub shows them."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase

from assay.documents.croissants import write_croissant
from assay.protocol.errors import Invalid, NotFound, Refusal
from catalogue import selectors
from catalogue.selectors.repositories import MAIN
from competitions.data import data_record
from doors.access import Access
from doors.bodies import json_body
from doors.hub import shapes
from doors.hub.errors import refused
from doors.hub.routing import HubRequest, hub_route
from doors.hub.snapshots import HubFile, Snapshot, find, find_data
from storage.sending import send_blob

PAGE = 500
MAX_PATHS = 1000
Find = Callable[..., Snapshot]
Info = Callable[..., dict[str, Any]]
KINDS: Mapping[str, tuple[Find, Info]] = {
    "models": (find, shapes.model_info),
    "datasets": (find_data, shapes.info),
}


def snapshot_of(
    request: HubRequest, kind: str, owner: str, name: str, revision: str
) -> Snapshot:
    """The repository of that kind that an address names.

    Raises:
        NotFound: there is none that the caller may see.
    """
    return KINDS[kind][0](f"{owner}/{name}", revision, request.caller.user)


@hub_route(Access.PUBLIC, "GET")
def show(
    request: HubRequest, kind: str, owner: str, name: str, revision: str = MAIN
) -> HttpResponse:
    """What a repository is at a revision."""
    found = snapshot_of(request, kind, owner, name, revision)
    with_sizes = request.GET.get("blobs", "").lower() in {"true", "1"}
    return JsonResponse(KINDS[kind][1](found, with_sizes=with_sizes))


@hub_route(Access.PUBLIC, "GET")
def tree(
    request: HubRequest,
    *,
    kind: str,
    owner: str,
    name: str,
    revision: str,
    folder: str = "",
) -> HttpResponse:
    """A folder's entries, in pages."""
    found = snapshot_of(request, kind, owner, name, revision)
    recursive = request.GET.get("recursive", "").lower() in {"true", "1"}
    entries = list(shapes.listing(found.files, folder, recursive=recursive))
    if not entries and folder.strip("/"):
        missing = NotFound("file_not_found", f"There is no folder {folder:.200}.")
        return refused(missing, commit=found.revision)
    start, limit = (
        number_asked(request, "cursor", 0),
        number_asked(request, "limit", PAGE),
    )
    stop = start + max(1, min(limit, PAGE))
    page = [_detailed(request, found, one) for one in entries[start:stop]]
    response = JsonResponse(page, safe=False)
    if stop < len(entries):
        asked = {**request.GET.dict(), "cursor": str(stop)}
        url = request.build_absolute_uri(f"{quote(request.path)}?{urlencode(asked)}")
        response["Link"] = f'<{url}>; rel="next"'
    return response


@hub_route(Access.PUBLIC, "POST")
def paths_info(
    request: HubRequest, kind: str, owner: str, name: str, revision: str
) -> HttpResponse:
    """Those of the paths asked for that exist."""
    found = snapshot_of(request, kind, owner, name, revision)
    entries = []
    for path in _paths(request):
        if path in found.files:
            entries.append(shapes.entry(found.files[path]))
        elif any(p.startswith(f"{path}/") for p in found.files):
            entries.append(shapes.folder_entry(path, found.files))
    return JsonResponse([_detailed(request, found, e) for e in entries], safe=False)


@hub_route(Access.PUBLIC, "GET")
def croissant(request: HubRequest, owner: str, name: str) -> HttpResponse:
    """A competition's data as Croissant metadata."""
    found = find_data(f"{owner}/{name}", MAIN, request.caller.user)
    assert found.competition is not None
    content = write_croissant(data_record(found.competition))
    return HttpResponse(content, content_type="application/ld+json")


@hub_route(Access.PUBLIC, "GET")
def refs(request: HubRequest, kind: str, owner: str, name: str) -> HttpResponse:
    """Its branches, of which there is one."""
    found = snapshot_of(request, kind, owner, name, MAIN)
    main = {"name": MAIN, "ref": "refs/heads/main", "targetCommit": found.revision}
    return JsonResponse({"branches": [main], "tags": [], "converts": []})


@hub_route(Access.PUBLIC, "GET")
def commits(
    request: HubRequest, kind: str, owner: str, name: str, revision: str
) -> HttpResponse:
    """What changed it, the newest first: at most a hundred."""
    found = snapshot_of(request, kind, owner, name, revision)
    rows = [_told(found)]
    if found.model is None and found.competition is None:
        repository = selectors.repository_by_reference(
            reference=found.reference, viewer=request.caller.user
        )
        rows = [
            {
                "id": made.digest,
                "title": made.title,
                "message": made.description,
                "date": shapes.moment(made.created_at),
                "authors": [{"user": made.author.username}],
            }
            for made in selectors.commits_of(repository, limit=100).items
        ]
    return JsonResponse(rows, safe=False)


@hub_route(Access.PUBLIC, "GET")
def resolve(
    request: HubRequest, *, kind: str, owner: str, name: str, revision: str, path: str
) -> HttpResponseBase:
    """The bytes of a file; ranges are understood where it is stored."""
    found = snapshot_of(request, kind, owner, name, revision)
    try:
        file = found.file(path, request.caller.user)
        response = _bytes_of(request, file)
    except Refusal as refusal:
        return refused(refusal, commit=found.revision)
    response["X-Repo-Commit"] = found.revision
    response["X-Linked-Size"] = str(file.size)
    response["X-Linked-Etag"] = response["ETag"] = f'"{file.sha256}"'
    return response


def _bytes_of(request: HubRequest, file: HubFile) -> HttpResponseBase:
    if file.blob is not None:
        return send_blob(request, file.blob, name=file.path)
    assert file.content is not None
    response = HttpResponse(file.content, content_type="text/plain; charset=utf-8")
    response["Content-Length"] = str(file.size)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-cache"
    return response


def _paths(request: HubRequest) -> list[str]:
    if request.content_type == "application/json":
        body = json_body(request)
        paths = body.get("paths")
        if isinstance(paths, str):
            paths = [paths]
    else:
        paths = request.POST.getlist("paths")
    if (
        not isinstance(paths, list)
        or not all(isinstance(path, str) for path in paths)
        or len(paths) > MAX_PATHS
    ):
        raise Invalid(
            "body_invalid", f"paths is to be a list of at most {MAX_PATHS} texts."
        )
    return [path.strip("/") for path in paths]


def _detailed(
    request: HubRequest, found: Snapshot, one: dict[str, Any]
) -> dict[str, Any]:
    asked = request.GET.get("expand", request.POST.get("expand", ""))
    if asked.lower() not in {"true", "1"}:
        return one
    return {**one, "lastCommit": shapes.last_commit(found)}


def _told(found: Snapshot) -> dict[str, Any]:
    return {
        **shapes.last_commit(found),
        "message": "",
        "authors": [{"user": found.author}],
    }


def number_asked(request: HubRequest, field: str, default: int) -> int:
    """A whole number of 0 or more in the query.

    Raises:
        Invalid: it is none.
    """
    text = request.GET.get(field, "")
    if not text:
        return default
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise Invalid("query_invalid", f"{field} is to be a number.", where=field)
    return int(text)
