"""Submitting one file, and following what became of it.

The file is kept as a commit of the caller's repository of the competition's name, and
what is unpacked of it as the next one, which is entered.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.http import HttpResponse, JsonResponse

from accounts.models import User
from assay.protocol.errors import Conflict, Forbidden, NotFound, TooLarge
from catalogue import selectors as catalogue
from catalogue.models import Commit, Repository
from catalogue.services import (
    AddFile,
    Change,
    DeleteFolder,
    commit,
    create_repository,
)
from common.bodies import sized_body
from common.clock import database_now as now
from competitions import selectors
from competitions.data import require_data
from competitions.models import Competition, Submission
from competitions.services import submitting
from competitions.specification import EntrySpec
from doors import links
from doors.access import Access
from doors.bodies import json_body, number_of, text_of
from doors.kaggle import shapes
from doors.kaggle.archives import HOW, named_commit, unpack
from doors.kaggle.routing import KaggleRequest, kaggle_route
from doors.kaggle.views.reading import competition_of
from storage.blobs import open_blob
from storage.services import store_file

UPLOAD_LINK, VALID = "kaggle.upload", timedelta(days=1)
ARCHIVE = 2**20  # what an archive may have beyond the files in it
UNNAMED = re.compile(r"[^A-Za-z0-9_-]+")


@kaggle_route(Access.PERSON, "POST")
def start(request: KaggleRequest) -> HttpResponse:
    """Where a file is to be put, and the token by which it is submitted then."""
    body = json_body(request)
    found = competition_of(request, body)
    require_data(found, request.caller.user)  # before bytes are sent, not after
    size, most = number_of(body, "contentLength"), found.max_bytes + ARCHIVE
    if size > most:
        raise TooLarge(
            "file_too_large", f"A file may have {most} bytes; this one has {size}."
        )
    values = {
        "slug": found.slug,
        "size": size,
        "name": text_of(body, "fileName", "")[:200],
        "id": uuid4().hex,
    }
    secret = links.sign(UPLOAD_LINK, request.caller.token, values)
    place = request.build_absolute_uri(f"/api/v1/uploads/{secret}")
    return JsonResponse({"token": secret, "createUrl": place})


@kaggle_route(Access.SIGNED, "PUT")
def put(request: KaggleRequest, secret: str) -> HttpResponse:
    """Keep the file in the caller's repository, to be looked at when it is entered."""
    link, caller = links.read(UPLOAD_LINK, secret, valid=VALID, now=now())
    blob = store_file(owner=caller.person, file=sized_body(request, limit=link["size"]))
    path = UNNAMED.sub("-", link["name"]).strip("-") or "entry"
    _commit(
        _repository(caller.person, link["slug"]),
        {path: blob.sha256},
        title=f"Send {link['name'] or 'a file'}",
        description=link["id"],
    )
    return JsonResponse({"token": secret}, status=201)


@kaggle_route(Access.PERSON, "POST")
def create(request: KaggleRequest) -> HttpResponse:
    """Enter the file that was put."""
    body, miner = json_body(request), request.caller.person
    secret = text_of(body, "blobFileTokens")
    link, caller = links.read(UPLOAD_LINK, secret, valid=VALID, now=now())
    found = competition_of(request, body)
    if caller.user != miner or link["slug"] != found.slug:
        raise Forbidden(
            "upload_not_yours", "This file was sent by another person, or elsewhere."
        )
    reference = _entered(miner, found, _sent(miner, link))
    entry = EntrySpec(
        name="",
        kind="",
        files={},
        terms={},
        message=text_of(body, "submissionDescription", "")[:200],
        repository=reference,
    )
    made = submitting.submit(miner=miner, competition=found, entry=entry, now=now())
    return JsonResponse(
        {
            "message": f"Accepted as {made.model.reference}.",
            "ref": shapes.number_of_submission(made.pk),
        }
    )


@kaggle_route(Access.PUBLIC, "POST")
def show(request: KaggleRequest) -> HttpResponse:
    """One submission."""
    number = number_of(json_body(request), "ref")
    found = selectors.submission_by_id(
        submission_id=shapes.submission_of_number(number), viewer=request.caller.user
    )
    return JsonResponse(shapes.submission(found))


@kaggle_route(Access.PERSON, "POST")
def list_mine(request: KaggleRequest) -> HttpResponse:
    """The caller's own submissions to a competition, the newest first."""
    body = json_body(request)
    size = body.get("pageSize")
    page = selectors.submissions_of(
        miner=request.caller.person,
        competition=competition_of(request, body),
        cursor=text_of(body, "pageToken", "") or None,
        limit=size if isinstance(size, int) else 20,
    )
    rows = [shapes.submission(found) for found in page.items]
    return JsonResponse({"submissions": rows, "nextPageToken": page.next_cursor or ""})


@kaggle_route(Access.PERSON, "POST")
def limits(request: KaggleRequest) -> HttpResponse:
    """What the caller may still submit today."""
    found, miner = competition_of(request, json_body(request)), request.caller.person
    used = submitting.quota(competition=found, miner=miner, now=now())
    left = 0 if used.next_at is not None else used.limit - used.used
    total = Submission.objects.filter(competition=found, miner=miner).count()
    return JsonResponse(
        {
            "numToday": used.used,
            "numTotal": total,
            "numAllowedNow": left,
            "limitedByTotal": False,
        }
    )


def _repository(owner: User, name: str) -> Repository:
    reference = f"{owner.username}/{name}"
    try:
        return catalogue.repository_by_reference(reference=reference, viewer=owner)
    except NotFound:
        pass
    try:
        return create_repository(owner=owner, name=name, now=now())
    except Conflict:  # another request made it meanwhile
        return catalogue.repository_by_reference(reference=reference, viewer=owner)


@transaction.atomic
def _commit(
    repository: Repository, files: Mapping[str, str], *, title: str, description: str
) -> Commit:
    """A commit of these files and no others, even when it has them already."""
    changes: list[Change] = [AddFile(path, sha256) for path, sha256 in files.items()]
    head = catalogue.commit_by_revision(repository)
    if head.files.exists():
        changes.insert(0, DeleteFolder(""))
    return commit(
        repository=repository,
        author=repository.owner,
        changes=changes,
        title=title,
        description=description,
        now=now(),
        always=True,
    )


def _sent(miner: User, link: Mapping[str, Any]) -> Commit:
    repository = _repository(miner, link["slug"])
    found = repository.commits.filter(description=link["id"]).first()
    if found is None:
        raise NotFound(
            "upload_not_found",
            "The file has not arrived.",
            fix="Run the command again.",
        )
    return found


def _entered(miner: User, found: Competition, sent: Commit) -> str:
    """The commit to be entered: the one that a text names, or what is unpacked."""
    repository = _repository(miner, found.slug)
    blob = sent.files.select_related("blob").get().blob
    with open_blob(blob.sha256) as file:
        named = named_commit(file, blob.size)
        if named:
            return named
        files = unpack(
            file,
            limit=found.max_bytes + ARCHIVE,
            keep=lambda content: store_file(owner=miner, file=content).sha256,
        )
    made = _commit(repository, files, title=f"Unpack it: {sent.title}", description=HOW)
    return f"{repository.reference}@{made.digest}"
