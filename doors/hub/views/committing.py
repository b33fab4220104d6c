"""Commits: what is sent how, and the lines that change a repository."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from django.http import HttpResponse, JsonResponse

from assay.protocol.errors import Invalid, NotFound, Refusal, TooLarge
from catalogue import selectors
from catalogue.models import Commit, Repository
from catalogue.selectors.repositories import MAIN
from catalogue.services import AddFile, Change, DeleteFile, DeleteFolder, commit
from common.bodies import sized_body
from common.clock import now
from doors.access import Access
from doors.bodies import json_body, number_of, objects_of, read_object, text_of
from doors.hub.errors import warn
from doors.hub.routing import HubRequest, hub_route
from doors.hub.snapshots import git_oid
from doors.hub.views.people import web_url
from storage.services import store_bytes

REGULAR_BYTES = 8 * 2**20
MAX_COMMIT = 256 * 2**20
MAX_LINE = REGULAR_BYTES * 4 // 3 + 64 * 2**10
MAX_FILES = 1000
XET_FIX = "If this fails, set HF_HUB_DISABLE_XET=1 and run it again."


@hub_route(Access.PERSON, "POST")
def preupload(
    request: HubRequest, owner: str, name: str, revision: str
) -> HttpResponse:
    """How each file is to be sent: in the commit itself, or beforehand.

    Hidden files are left out, as ``assay submit`` does.
    """
    repository = writable(request, owner, name, revision)
    head = selectors.commit_by_revision(repository)
    known = {f.path: f.git_oid or f.blob_id for f in head.files.all()}
    answers = []
    for file in objects_of(json_body(request), "files", most=MAX_FILES):
        path, size = text_of(file, "path"), number_of(file, "size")
        answers.append(
            {
                "path": path,
                "uploadMode": "regular" if size <= REGULAR_BYTES else "lfs",
                "shouldIgnore": any(s.startswith(".") for s in path.split("/")),
                "oid": known.get(path),
            }
        )
    response = JsonResponse({"files": answers, "commitOid": head.digest})
    if any(answer["uploadMode"] == "lfs" for answer in answers):
        # Clients do not say whether they would use Xet, nor why it failed.
        warn(response, "xet", f"Large files go by Git LFS here, not by Xet. {XET_FIX}")
    return response


@hub_route(Access.PERSON, "POST")
def add(request: HubRequest, owner: str, name: str, revision: str) -> HttpResponse:
    """Add a commit: one line of JSON for its words, and one for each change."""
    repository = writable(request, owner, name, revision)
    if request.GET.get("create_pr", "") in {"1", "true"}:
        raise Refusal(
            "pull_requests_missing",
            "There are no pull requests here.",
            fix="Commit to main: a repository is its owner's alone.",
        )
    body = sized_body(request, limit=MAX_COMMIT)
    words: Mapping[str, Any] = {}
    changes: list[Change] = []
    for key, value in _lines(body):
        if key == "header":
            words = value
        else:
            changes.append(_change(request, key, value))
    made = commit(
        repository=repository,
        author=request.caller.person,
        changes=changes,
        title=text_of(words, "summary", ""),
        description=text_of(words, "description", ""),
        parent=text_of(words, "parentCommit", ""),
        now=now(),
    )
    return JsonResponse(_answer(request, repository, made))


@hub_route(Access.PERSON, "GET")
def xet_token(request: HubRequest, owner: str, name: str, **_: str) -> HttpResponse:
    """Say how to send files without Xet, which is not spoken here."""
    selectors.repository_by_reference(
        reference=f"{owner}/{name}", viewer=request.caller.person
    )
    raise NotFound(
        "xet_missing",
        "Large files are sent here by Git LFS; Xet is not spoken.",
        fix=XET_FIX,
    )


def writable(
    request: HubRequest, owner: str, name: str, revision: str = MAIN
) -> Repository:
    """A repository of the caller's, on its only branch.

    Raises:
        NotFound: they have none such, or the revision is not its newest.
    """
    repository = selectors.repository_by_reference(
        reference=f"{owner}/{name}", viewer=request.caller.person
    )
    if revision != MAIN:
        raise NotFound(
            "revision_not_found",
            f"{repository.reference} has no branch {revision}.",
            fix="Commit to main, the only branch there is.",
            where="revision",
        )
    return repository


def _answer(
    request: HubRequest, repository: Repository, made: Commit
) -> dict[str, Any]:
    url = web_url(request, repository.reference)
    return {
        "success": True,
        "commitOid": made.digest,
        "commitUrl": f"{url}/commit/{made.digest}",
        "hookOutput": "",
    }


def _lines(body: BinaryIO) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each line's key and value; one line at a time is held in memory."""
    left = b""
    while True:
        piece = body.read(1 << 16)
        *whole, left = (left + piece).split(b"\n") if piece else (left, b"")
        for line in whole:
            if line.strip():
                yield _line(line)
        if not piece:
            return
        if len(left) > MAX_LINE:
            raise TooLarge(
                "line_too_large",
                f"A line of a commit may have {MAX_LINE} bytes.",
                fix="Send larger files by Git LFS.",
            )


def _line(line: bytes) -> tuple[str, Mapping[str, Any]]:
    found = read_object(line)
    value = found.get("value")
    if not isinstance(value, dict):
        raise Invalid("body_invalid", "A line of a commit has a key and a value.")
    return text_of(found, "key"), value


def _change(request: HubRequest, key: str, value: Mapping[str, Any]) -> Change:
    path = text_of(value, "path")
    if key == "file":
        return _add_bytes(request, path, value)
    if key == "lfsFile":
        if text_of(value, "algo", "sha256") != "sha256":
            raise Invalid("body_invalid", "Large files are named by SHA-256.")
        return AddFile(path, text_of(value, "oid"))
    if key == "deletedFile":
        return DeleteFile(path)
    if key == "deletedFolder":
        return DeleteFolder(path)
    raise Invalid(
        "change_unknown", f"{key!r:.40} is no change to a repository.", where="key"
    )


def _add_bytes(request: HubRequest, path: str, value: Mapping[str, Any]) -> AddFile:
    text = text_of(value, "content")
    if text_of(value, "encoding", "utf-8") == "base64":
        try:
            content = base64.b64decode(text, validate=True)
        except (ValueError, binascii.Error) as error:
            raise Invalid(
                "content_unreadable", f"{path:.200} is not in base64.", where=path
            ) from error
    else:
        content = text.encode("utf-8", errors="surrogatepass")
    blob = store_bytes(owner=request.caller.person, content=content)
    return AddFile(path, blob.sha256, git_oid(content))
