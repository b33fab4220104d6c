"""Every route of the Hub door, as everybody: generated from its addresses.

A route without a declared access, or without an example here, fails.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from accounts.models import ApiToken, User
from accounts.services import issue_token, revoke_token
from catalogue import selectors
from catalogue.services import AddFile, commit, create_repository
from common.clock import now as clock_now
from competitions.models import Competition
from competitions.services.drafting import create_competition
from doors.access import Access
from doors.hub.links import UploadLink
from doors.hub.urls import unknown, urlpatterns
from storage.services import begin_upload, store_bytes
from tests.builders import world

pytestmark = [pytest.mark.database, pytest.mark.django_db]

MODEL = "api/models/<word:owner>/<word:name>"
DATA = "api/datasets/<word:owner>/<word:name>"
LFS = "<word:owner>/<word:name>.git/info/lfs"
NEW = b"new bytes"
Example = tuple[str, bytes, str]


def as_json(body: Any) -> Example:
    return "POST", json.dumps(body).encode(), "application/json"


READ: Example = ("GET", b"", "")
LINE = json.dumps({"key": "deletedFile", "value": {"path": "a/b.txt"}}).encode()
EXAMPLES: dict[str, Example] = {
    "api/whoami-v2": READ,
    "api/repos/create": as_json({"organization": "alice", "name": "fresh"}),
    "api/repos/delete": (
        "DELETE",
        b'{"organization": "alice", "name": "router"}',
        "application/json",
    ),
    "api/validate-yaml": as_json({"content": "---\nlicense: mit\n---\n"}),
    "api/models": READ,
    "api/datasets": READ,
    f"{MODEL}/preupload/<word:revision>": as_json({"files": []}),
    f"{MODEL}/commit/<word:revision>": ("POST", LINE, "application/x-ndjson"),
    f"{MODEL}/xet-write-token/<word:revision>": READ,
    MODEL: READ,
    f"{MODEL}/revision/<word:revision>": READ,
    f"{MODEL}/tree/<word:revision>": READ,
    f"{MODEL}/tree/<word:revision>/<path:folder>": READ,
    f"{MODEL}/paths-info/<word:revision>": as_json({"paths": ["a"]}),
    f"{MODEL}/refs": READ,
    f"{MODEL}/commits/<word:revision>": READ,
    f"{LFS}/objects/batch": as_json({"operation": "upload", "objects": []}),
    f"{LFS}/verify": as_json({"oid": "b" * 64, "size": 1}),
    "lfs/<str:secret>": ("PUT", NEW, "application/octet-stream"),
    "<word:owner>/<word:name>/resolve/<word:revision>/<path:path>": READ,
    f"{DATA}/croissant": READ,
}
EXAMPLES |= {
    route.replace("<word:owner>", "datasets/<word:owner>", 1)
    if "/resolve/" in route
    else route.replace(MODEL, DATA): example
    for route, example in EXAMPLES.items()
    if any(
        w in route for w in ("/revision/", "/tree/", "/paths-info/", "/refs", "/res")
    )
    or route == MODEL
    or route.startswith(f"{MODEL}/commits/")
}
# Who may do these is not asked of a thing of Alice's.
DATA_PLACE = "competitions/bank-intents"
ABOUT_NOTHING = {
    *("api/whoami-v2", "api/validate-yaml"),
    *("api/models", "api/datasets"),
}
NAMED_IN_BODY = {"api/repos/create", "api/repos/delete"}


@pytest.fixture(autouse=True)
def _own_storage(settings: Any, tmp_path: Any) -> None:
    settings.STORAGE_PATH = tmp_path


def routes() -> dict[str, Any]:
    return {
        str(p.pattern): p.callback for p in urlpatterns if p.callback is not unknown
    }


def digest_of(content: bytes) -> str:
    return store_bytes(owner=None, content=content).sha256


@pytest.fixture
def places(alice: User, now: datetime) -> dict[str, str]:
    """Alice's repository, and a link with which she sends a file."""
    repository = create_repository(owner=alice, name="router", now=now)
    sent = store_bytes(owner=alice, content=b"mine")
    commit(
        repository=repository,
        author=alice,
        changes=[AddFile("a/b.txt", sent.sha256)],
        title="Mine",
        now=now,
    )
    token, _ = issue_token(user=alice, name="link")
    upload = begin_upload(
        owner=alice, sha256=digest_of(NEW), size=len(NEW), now=clock_now()
    )
    assert upload is not None
    return {
        "<word:owner>": "alice",
        "<word:name>": "router",
        "<word:revision>": "main",
        "<path:folder>": "a",
        "<path:path>": "a/b.txt",
        "<str:secret>": UploadLink(str(upload.pk), upload.sha256).sign(token),
    }


@pytest.fixture
def draft(alice: User, bob: User, now: datetime) -> Competition:
    """Alice's competition, which nobody else sees yet."""
    spec = world.spec(alice, world.base_model(bob, now), now)
    return create_competition(sponsor=alice, spec=spec, now=now)


def walk(places: dict[str, str], token: str) -> Iterator[tuple[str, Access, Any]]:
    """Every route, its access, and the response; each call is undone."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    for route, view in routes().items():
        method, body, kind = EXAMPLES[route]
        path = route
        if "datasets/" in route:
            path = path.replace("<word:owner>/<word:name>", DATA_PLACE)
            path = path.replace("<path:path>", "README.md")
        for name, value in places.items():
            path = path.replace(name, value)
        with transaction.atomic():
            response = Client(raise_request_exception=True).generic(
                method, f"/hub/{path}", data=body, content_type=kind, headers=headers
            )
            yield route, view.access, response
            transaction.set_rollback(True)


def token_for(user: User, scope: Any = ApiToken.Scope.PERSON) -> str:
    return issue_token(user=user, name="test", scope=scope)[1]


def test_every_route_declares_its_access_and_has_an_example():
    assert {
        route for route, view in routes().items() if hasattr(view, "access")
    } == set(EXAMPLES)


def test_an_owner_gets_to_everything(
    places: dict[str, str], draft: Competition, alice: User
):
    for route, _, response in walk(places, token_for(alice)):
        expected = {200, 204}
        if route.startswith(f"{MODEL}/xet"):
            expected = {404}  # says what to do instead
        if route.startswith(f"{DATA}/tree") and "folder" in route:
            expected = {404}  # data has no folders
        if route == f"{LFS}/verify":
            expected = {422}  # she never sent such bytes
        assert response.status_code in expected, (route, response.content)


@pytest.mark.parametrize("somebody", [True, False])
def test_strangers_and_nobody_find_nothing_of_hers(
    places: dict[str, str], draft: Competition, charlie: User, somebody: bool
):
    token = token_for(charlie) if somebody else ""
    for route, access, response in walk(places, token):
        told = (route, response.content)
        if access is Access.SIGNED:
            assert response.status_code == 200, told  # the link says who
        elif access is Access.PERSON and not somebody:
            assert response.status_code == 401, told
        elif route in ABOUT_NOTHING:
            assert response.status_code == 200, told
        elif route in NAMED_IN_BODY:
            assert response.status_code == 403, told
        else:
            assert response.status_code == 404, told
            assert response["X-Error-Code"] == "RepoNotFound", told


def test_evaluators_and_revoked_tokens_open_nothing(
    places: dict[str, str], alice: User
):
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    alice.refresh_from_db()
    evaluator = token_for(alice, ApiToken.Scope.EVALUATOR)
    old, secret = issue_token(user=alice, name="old")
    revoke_token(user=alice, token_id=str(old.id), now=clock_now())

    for token, status in ((evaluator, 403), (secret, 401)):
        for route, access, response in walk(places, token):
            if access is not Access.SIGNED:
                assert response.status_code == status, route


def test_a_link_shuts_when_its_token_is_revoked_or_it_is_changed(
    places: dict[str, str], alice: User
):
    secret = places["<str:secret>"]
    url = f"/hub/lfs/{secret}"
    put = {"data": NEW, "content_type": "application/octet-stream"}

    changed = Client().put(f"{url}x", **put)
    token = alice.tokens.get(name="link")
    revoke_token(user=alice, token_id=str(token.id), now=clock_now())
    revoked = Client().put(url, **put)

    assert changed.status_code == revoked.status_code == 401
    assert revoked.json()["code"] == "link_invalid"


def test_a_session_opens_nothing_here(places: dict[str, str], alice: User):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)

    assert client.get("/hub/api/models/alice/router").status_code == 404
    assert client.get("/hub/api/whoami-v2").status_code == 401


@pytest.mark.parametrize(
    ("route", "body", "code"),
    [
        (f"{MODEL}/commit/main", b"not json\n", "body_unreadable"),
        (f"{MODEL}/commit/main", b'{"key": "file"}\n', "body_invalid"),
        (
            f"{MODEL}/commit/main",
            b'{"key": "x", "value": {"path": "p"}}',
            "change_unknown",
        ),
        (f"{MODEL}/commit/main?create_pr=1", b"", "pull_requests_missing"),
        (
            f"{MODEL}/commit/main",
            b'{"key":"file","value":{"path":"p","content":"%","encoding":"base64"}}',
            "content_unreadable",
        ),
        (
            f"{MODEL}/commit/main",
            b'{"key":"lfsFile","value":{"path":"p","oid":"' + b"c" * 64 + b'"}}',
            "blob_not_held",
        ),
        (
            f"{MODEL}/commit/main",
            b'{"key":"header","value":{"parentCommit":"' + b"d" * 40 + b'"}}',
            "head_moved",
        ),
        (f"{MODEL}/commit/dev", b"", "revision_not_found"),
        (f"{MODEL}/preupload/main", b'{"files": 3}', "body_invalid"),
        (f"{MODEL}/preupload/main", b'{"files": [{"path": "p"}]}', "body_invalid"),
        (f"{LFS}/objects/batch", b'{"operation": "download"}', "operation_unknown"),
        ("api/repos/create", b'{"name": "UPPER"}', "repository_invalid"),
        (
            "api/repos/create",
            b'{"name": "x", "type": "space"}',
            "repository_type_unknown",
        ),
        (
            "api/repos/create",
            b'{"name": "x", "visibility": "public"}',
            "repository_private",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_a_code_and_changes_nothing(
    places: dict[str, str], alice: User, route: str, body: bytes, code: str
):
    path = route.replace("<word:owner>", "alice").replace("<word:name>", "router")
    response = Client().post(
        f"/hub/{path}",
        data=body,
        content_type="application/x-ndjson",
        headers={"Authorization": f"Bearer {token_for(alice)}"},
    )

    assert response.status_code in {400, 404, 409, 422}, response.content
    assert response.json()["code"] == code
    assert response["X-Error-Message"]
    repository = selectors.repository_by_reference(
        reference="alice/router", viewer=alice
    )
    assert repository.commits.count() == 2


def test_a_body_without_or_over_its_length_is_refused(
    places: dict[str, str], alice: User
):
    headers = {"Authorization": f"Bearer {token_for(alice)}"}
    url = "/hub/api/models/alice/router/commit/main"

    endless = Client().post(
        url, content_type="text/x", headers=headers, CONTENT_LENGTH=""
    )
    huge = Client().post(
        url, content_type="text/x", headers=headers, CONTENT_LENGTH=str(2**40)
    )

    assert endless.json()["code"] == "length_missing"
    assert (huge.status_code, huge.json()["code"]) == (413, "body_too_large")


def test_a_listing_comes_in_pages(places: dict[str, str], alice: User, now: datetime):
    repository = selectors.repository_by_reference(
        reference="alice/router", viewer=alice
    )
    blob = store_bytes(owner=alice, content=b"x").sha256
    changes = [AddFile(f"f{n}", blob) for n in range(5)]
    commit(repository=repository, author=alice, changes=changes, title="More", now=now)
    headers = {"Authorization": f"Bearer {token_for(alice)}"}
    url, found = "/hub/api/models/alice/router/tree/main?limit=2&recursive=true", []
    while url:
        page = Client().get(url, headers=headers)
        found += [one["path"] for one in page.json()]
        link = page.get("Link", "")
        url = link.partition("<")[2].partition(">")[0].replace("http://testserver", "")

    assert found == ["a", "a/b.txt", "f0", "f1", "f2", "f3", "f4"]
