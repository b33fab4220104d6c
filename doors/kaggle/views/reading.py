"""Competitions, their files and boards, as Kaggle's command lists and fetches them."""

import csv
import io
import tempfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import quote

from django.db.models import Count
from django.http import FileResponse, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase

from accounts.services import authenticate_token
from assay.protocol.errors import Invalid, TooLarge, Unauthenticated
from common.clock import now
from competitions import selectors
from competitions.data import data_file, require_data
from competitions.models import Competition, Submission
from doors import links
from doors.access import Access
from doors.bodies import json_body, text_of
from doors.kaggle import shapes
from doors.kaggle.routing import KaggleRequest, kaggle_route
from storage.blobs import chunks, open_blob
from storage.sending import send_blob

FILE_LINK, VALID = "kaggle.file", timedelta(hours=1)
PAGE, MAX_ARCHIVE = 20, 2**30
Row = TypeVar("Row")


@kaggle_route(Access.PUBLIC, "POST")
def introspect(request: KaggleRequest) -> HttpResponse:
    """Whose token this is, which the command asks before anything else."""
    try:
        token = authenticate_token(
            secret=text_of(json_body(request), "token"), now=now()
        )
    except Unauthenticated:
        return JsonResponse({"active": False})
    is_person = token.scope == token.Scope.PERSON
    return JsonResponse({"active": is_person, "username": token.user.username})


@kaggle_route(Access.PUBLIC, "POST")
def list_competitions(request: KaggleRequest) -> HttpResponse:
    """Competitions that the caller may see, the newest first."""
    body, viewer = json_body(request), request.caller.user
    page = selectors.visible_competitions(
        viewer=viewer,
        query=text_of(body, "search", ""),
        cursor=text_of(body, "pageToken", "") or None,
        limit=_size(body),
    )
    staked = selectors.staked_in(page.items)
    entries = Submission.objects.filter(competition__in=page.items)
    counted = entries.values_list("competition").annotate(Count("miner", distinct=True))
    entrants = dict(counted)
    mine: set[Any] = set()
    if viewer is not None:
        mine = set(entries.filter(miner=viewer).values_list("competition", flat=True))
    rows = [
        shapes.competition(
            one,
            staked=staked[one.pk],
            entrants=entrants.get(one.pk, 0),
            has_entered=one.pk in mine,
        )
        for one in page.items
    ]
    return JsonResponse({"competitions": rows, "nextPageToken": page.next_cursor or ""})


@kaggle_route(Access.PUBLIC, "POST")
def list_files(request: KaggleRequest) -> HttpResponse:
    """A competition's public files."""
    body = json_body(request)
    found = competition_of(request, body)
    files = list(found.attachments.select_related("blob"))
    some, after = _page(files, body)
    rows = [shapes.data_file(file, found) for file in some]
    return JsonResponse({"files": rows, "nextPageToken": after})


@kaggle_route(Access.PUBLIC, "POST")
def download_file(request: KaggleRequest) -> HttpResponse:
    """Send the client where one file is, for an hour."""
    body = json_body(request)
    found, path = competition_of(request, body), text_of(body, "fileName")
    data_file(competition=found, path=path, viewer=request.caller.user)
    return _elsewhere(request, found, path, path.rpartition("/")[2])


@kaggle_route(Access.PUBLIC, "POST")
def download_files(request: KaggleRequest) -> HttpResponse:
    """Send the client where all of them are, as one archive."""
    found = competition_of(request, json_body(request))
    require_data(found, request.caller.user)
    size = sum(file.blob.size for file in found.attachments.select_related("blob"))
    if size > MAX_ARCHIVE:
        raise TooLarge(
            "archive_too_large",
            f"All files of {found.slug} have {size} bytes; an archive may have "
            f"{MAX_ARCHIVE}.",
            fix=f"Fetch them one by one: kaggle competitions download {found.slug} "
            "-f NAME.",
        )
    return _elsewhere(request, found, "", f"{found.slug}.zip")


@kaggle_route(Access.SIGNED, "GET")
def fetch(request: KaggleRequest, secret: str, name: str) -> HttpResponseBase:  # noqa: ARG001
    """The bytes behind such a link, if its person may still have them."""
    link, caller = links.read(FILE_LINK, secret, valid=VALID, now=now())
    found = selectors.competition_by_slug(slug=link["slug"], viewer=caller.user)
    if link["path"]:
        file = data_file(competition=found, path=link["path"], viewer=caller.user)
        return send_blob(request, file.blob, name=file.path)
    require_data(found, caller.user)
    return _all_files(found)


@kaggle_route(Access.PUBLIC, "POST")
def leaderboard(request: KaggleRequest) -> HttpResponse:
    """Each miner's best entry on the board that counts now."""
    body = json_body(request)
    some, after = _page(_board(competition_of(request, body), request), body)
    rows = [shapes.board_row(row) for row in some]
    return JsonResponse({"submissions": rows, "nextPageToken": after})


@kaggle_route(Access.PUBLIC, "POST")
def download_leaderboard(request: KaggleRequest) -> HttpResponse:
    """The same as a table in an archive."""
    found = competition_of(request, json_body(request))
    table = io.StringIO()
    writer = csv.DictWriter(table, ["teamId", "teamName", "submissionDate", "score"])
    writer.writeheader()
    writer.writerows(shapes.board_row(row) for row in _board(found, request))
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{found.slug}-leaderboard.csv", table.getvalue())
    return HttpResponse(content.getvalue(), content_type="application/zip")


def competition_of(request: KaggleRequest, body: Mapping[str, Any]) -> Competition:
    """The competition that a request names.

    Raises:
        NotFound: there is none that the caller may see.
    """
    slug = text_of(body, "competitionName")
    return selectors.competition_by_slug(slug=slug, viewer=request.caller.user)


def _board(found: Competition, request: KaggleRequest) -> Sequence[selectors.BoardRow]:
    board = selectors.leaderboard(
        competition=found, viewer=request.caller.user, now=now()
    )
    return board.rows


def _elsewhere(
    request: KaggleRequest, found: Competition, path: str, name: str
) -> HttpResponse:
    values = {"slug": found.slug, "path": path}
    secret = links.sign(FILE_LINK, request.caller.token, values)
    return HttpResponseRedirect(
        request.build_absolute_uri(f"/api/v1/files/{secret}/{quote(name)}")
    )


def _all_files(found: Competition) -> HttpResponseBase:
    """Every public file in one archive, made on disk."""
    content = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for file in found.attachments.select_related("blob"):
            _put(archive, file.path, file.blob_id, file.blob.size)
    content.seek(0)
    return FileResponse(content, as_attachment=True, filename=f"{found.slug}.zip")


def _put(archive: zipfile.ZipFile, path: str, sha256: str, size: int) -> None:
    with (
        archive.open(path, "w", force_zip64=True) as target,
        open_blob(sha256) as source,
    ):
        for piece in chunks(source, size):
            target.write(piece)


def _page(rows: Iterable[Row], body: Mapping[str, Any]) -> tuple[Sequence[Row], str]:
    """A page of rows that are all there, and the token of the next."""
    every, text = list(rows), text_of(body, "pageToken", "")
    if text and not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise Invalid("page_unknown", "This page token is none of ours.")
    start, size = int(text or 0), _size(body)
    more = start + size < len(every)
    return every[start : start + size], str(start + size) if more else ""


def _size(body: Mapping[str, Any]) -> int:
    size = body.get("pageSize")
    return min(size, 100) if isinstance(size, int) and size > 0 else PAGE
