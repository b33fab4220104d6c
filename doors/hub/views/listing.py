"""What there is: models, and competitions' data, in pages."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, JsonResponse

from accounts.models import User
from catalogue import selectors as catalogue
from catalogue.models import Model, Repository
from common.clock import now
from competitions import selectors as competitions
from competitions.models import Competition
from competitions.permissions import can_fetch_data
from doors.access import Access
from doors.hub.routing import HubRequest, hub_route
from doors.hub.shapes import moment
from doors.hub.snapshots import COMPETITIONS
from doors.hub.views.reading import number_asked
from royalties.selectors import may_download

PAGE = 50


@hub_route(Access.PUBLIC, "GET")
def models(request: HubRequest) -> HttpResponse:
    """Published models, the newest first; of yourself your repositories before them."""
    asked, viewer = request.GET, request.caller.user
    author, cursor = asked.get("author", ""), asked.get("cursor", "")
    page = catalogue.published(
        wanted=catalogue.Wanted(query=asked.get("search", ""), owner=author),
        cursor=cursor or None,
        limit=number_asked(request, "limit", PAGE),
    )
    rows = [_model(model) for model in page.items]
    if viewer is not None and author == viewer.username and not cursor:
        rows = [*_repositories(viewer), *rows]
    return _page(request, rows, page.next_cursor)


@hub_route(Access.PUBLIC, "GET")
def data(request: HubRequest) -> HttpResponse:
    """The data of competitions that you may see, the newest first."""
    asked = request.GET
    if asked.get("author", COMPETITIONS) != COMPETITIONS:
        return JsonResponse([], safe=False)
    page = competitions.visible_competitions(
        viewer=request.caller.user,
        query=asked.get("search", ""),
        cursor=asked.get("cursor", "") or None,
        limit=number_asked(request, "limit", PAGE),
    )
    return _page(request, [_data(one) for one in page.items], page.next_cursor)


def _page(
    request: HubRequest, rows: list[dict[str, Any]], following: str | None
) -> HttpResponse:
    response = JsonResponse(rows, safe=False)
    if following:
        asked = urlencode({**request.GET.dict(), "cursor": following})
        url = request.build_absolute_uri(f"{request.path}?{asked}")
        response["Link"] = f'<{url}>; rel="next"'
    return response


def _repositories(owner: User) -> list[dict[str, Any]]:
    return [_repository(one) for one in catalogue.repositories_of(owner).items]


def _repository(found: Repository) -> dict[str, Any]:
    about = {"private": True, "createdAt": moment(found.created_at), "gated": False}
    return _row(found.reference, about)


def _model(found: Model) -> dict[str, Any]:
    assert found.published_at is not None
    is_free = may_download(found, None, now())
    about = {
        "private": False,
        "createdAt": moment(found.created_at),
        "lastModified": moment(found.published_at),
        "gated": False if is_free else "manual",
    }
    return _row(found.reference, about)


def _data(found: Competition) -> dict[str, Any]:
    about = {
        "private": not found.is_public,
        "createdAt": moment(found.created_at),
        "gated": False if can_fetch_data(None, found) else "manual",
        "description": found.summary,
        "tags": [found.task_type],
    }
    return _row(f"{COMPETITIONS}/{found.slug}", about)


def _row(reference: str, about: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "_id": reference,
        "id": reference,
        "modelId": reference,
        "author": reference.partition("/")[0],
        "downloads": 0,
        "likes": 0,
        "tags": [],
        **about,
    }
