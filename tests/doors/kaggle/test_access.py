"""Every route of the Kaggle door, as everybody, and what it does not let in."""

import base64
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as some

from accounts.models import ApiToken, User
from accounts.services import issue_token, revoke_token
from assay.protocol.errors import Invalid, Refusal
from common.clock import now as clock_now
from competitions.models import Competition
from competitions.services.drafting import create_competition
from doors import links
from doors.access import Access
from doors.kaggle.archives import named_commit, unpack
from doors.kaggle.urls import COMPETITIONS, unknown, urlpatterns
from doors.kaggle.views import reading
from doors.kaggle.views.reading import FILE_LINK
from doors.kaggle.views.submitting import UPLOAD_LINK
from tests.builders import world

pytestmark = [pytest.mark.database, pytest.mark.django_db]

SLUG = {"competitionName": "bank-intents"}
BODIES: dict[str, dict[str, Any]] = {
    "security.OAuthService/IntrospectToken": {"token": "assay_none"},
    f"{COMPETITIONS}/ListCompetitions": {"search": "", "page": 1},
    f"{COMPETITIONS}/ListDataFiles": SLUG,
    f"{COMPETITIONS}/DownloadDataFile": {**SLUG, "fileName": "sample.jsonl"},
    f"{COMPETITIONS}/DownloadDataFiles": SLUG,
    f"{COMPETITIONS}/GetLeaderboard": SLUG,
    f"{COMPETITIONS}/DownloadLeaderboard": SLUG,
    f"{COMPETITIONS}/StartSubmissionUpload": {**SLUG, "contentLength": 4},
    f"{COMPETITIONS}/CreateSubmission": {**SLUG, "blobFileTokens": "{upload}"},
    f"{COMPETITIONS}/GetSubmission": {"ref": 7},
    f"{COMPETITIONS}/ListSubmissions": SLUG,
    f"{COMPETITIONS}/GetSubmissionLimits": SLUG,
}
SIGNED = {"uploads/<str:secret>": "PUT", "files/<str:secret>/<path:name>": "GET"}
OPEN = {"security.OAuthService/IntrospectToken", f"{COMPETITIONS}/ListCompetitions"}


@pytest.fixture(autouse=True)
def _own_storage(settings: Any, tmp_path: Any) -> None:
    settings.STORAGE_PATH = tmp_path


@pytest.fixture
def draft(alice: User, bob: User, now: datetime) -> Competition:
    """Alice's competition, which nobody else sees yet."""
    spec = world.spec(alice, world.base_model(bob, now), now)
    return create_competition(sponsor=alice, spec=spec, now=now)


@pytest.fixture
def places(alice: User, draft: Competition) -> dict[str, str]:
    """Links of Alice's, by which route they are for."""
    token, _ = issue_token(user=alice, name="link")
    upload = {"slug": draft.slug, "size": 4, "name": "a.zip", "id": "1" * 32}
    file = {"slug": draft.slug, "path": "sample.jsonl"}
    return {
        "uploads/<str:secret>": links.sign(UPLOAD_LINK, token, upload),
        "files/<str:secret>/<path:name>": links.sign(FILE_LINK, token, file),
    }


def walk(places: dict[str, str], token: str) -> Iterator[tuple[str, Access, Any]]:
    """Every route, its access and the response; each call is undone."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    for pattern in urlpatterns:
        route, view = str(pattern.pattern), pattern.callback
        if view is unknown:
            continue
        path = route.replace("<str:secret>", places.get(route, ""))
        path = path.replace("<path:name>", "sample.jsonl")
        body = json.dumps(BODIES.get(route, {}))
        upload = places["uploads/<str:secret>"]
        method = SIGNED.get(route, "POST")
        content = "data" if method == "PUT" else body.replace("{upload}", upload)
        with transaction.atomic():
            yield (
                route,
                view.access,
                Client().generic(
                    method,
                    f"/api/v1/{path}",
                    data=content,
                    content_type="application/json",
                    headers=headers,
                ),
            )
            transaction.set_rollback(True)


def token_for(user: User, scope: Any = ApiToken.Scope.PERSON) -> str:
    return issue_token(user=user, name="test", scope=scope)[1]


def test_every_route_has_an_example():
    found = {str(p.pattern) for p in urlpatterns if p.callback is not unknown}

    assert found == {*BODIES, *SIGNED}


@pytest.mark.parametrize("somebody", [True, False])
def test_strangers_and_nobody_find_nothing_of_hers(
    places: dict[str, str], charlie: User, somebody: bool
):
    token = token_for(charlie) if somebody else ""
    for route, access, response in walk(places, token):
        if access is Access.SIGNED:
            assert response.status_code in {200, 201}, route  # the link says who
        elif access is Access.PERSON and not somebody:
            assert response.status_code == 401, route
        elif route in OPEN:
            assert response.status_code == 200, route
            assert b"bank-intents" not in response.content, route
        else:
            assert response.status_code == 404, (route, response.content)


def test_an_owner_gets_to_the_verbs(places: dict[str, str], alice: User):
    for route, _, response in walk(places, token_for(alice)):
        expected = {200, 201, 302}
        if route.endswith(("GetSubmission", "CreateSubmission")):
            expected = {404}  # there is none, and nothing was sent
        assert response.status_code in expected, (route, response.content)


def test_evaluators_and_revoked_tokens_open_nothing(
    places: dict[str, str], alice: User
):
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    alice.refresh_from_db()
    old, secret = issue_token(user=alice, name="old")
    revoke_token(user=alice, token_id=str(old.id), now=clock_now())
    evaluator = token_for(alice, ApiToken.Scope.EVALUATOR)

    for token, status in ((evaluator, 403), (secret, 401)):
        for route, access, response in walk(places, token):
            if access is not Access.SIGNED:
                assert response.status_code == status, route


def test_links_shut_with_their_token_and_open_nothing_else(
    places: dict[str, str], alice: User
):
    upload, file = places.values()
    crossed = Client().get(f"/api/v1/files/{upload}/x")
    token = alice.tokens.get(name="link")
    revoke_token(user=alice, token_id=str(token.id), now=clock_now())
    revoked = Client().get(f"/api/v1/files/{file}/x")

    assert crossed.status_code == revoked.status_code == 401
    assert revoked.json()["reason"] == "link_invalid"


def test_anothers_upload_is_not_entered(
    places: dict[str, str], alice: User, charlie: User
):
    Competition.objects.update(status="open")
    response = Client().post(
        f"/api/v1/{COMPETITIONS}/CreateSubmission",
        data={**SLUG, "blobFileTokens": places["uploads/<str:secret>"]},
        content_type="application/json",
        headers={"Authorization": f"Bearer {token_for(charlie)}"},
    )

    assert response.json()["reason"] == "upload_not_yours"


def test_the_older_way_to_log_in_takes_a_token_as_the_key(alice: User, db: None):
    pair = base64.b64encode(f"alice:{token_for(alice)}".encode()).decode()
    path = f"/api/v1/{COMPETITIONS}/ListSubmissions"
    words = {"data": SLUG, "content_type": "application/json"}

    known = Client().post(path, **words, headers={"Authorization": f"Basic {pair}"})
    wrong = Client().post(path, **words, headers={"Authorization": "Basic !"})

    assert known.status_code == 404  # no such competition, but she is known
    assert wrong.json()["reason"] == "credentials_unreadable"


def test_files_that_are_too_many_for_an_archive_are_fetched_one_by_one(
    draft: Competition, alice: User, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(reading, "MAX_ARCHIVE", 10)

    refused = Client().post(
        f"/api/v1/{COMPETITIONS}/DownloadDataFiles",
        data=SLUG,
        content_type="application/json",
        headers={"Authorization": f"Bearer {token_for(alice)}"},
    )

    assert (refused.status_code, refused.json()["code"]) == (413, 413)
    assert (
        "kaggle competitions download bank-intents -f NAME"
        in (refused.json()["message"])
    )


def test_more_bytes_than_were_announced_are_refused(places: dict[str, str]):
    secret = places["uploads/<str:secret>"]

    sent = Client().put(
        f"/api/v1/uploads/{secret}", data=b"12345", content_type="text/plain"
    )

    assert sent.json()["reason"] == "body_too_large"


def zipped(files: dict[str, bytes]) -> io.BytesIO:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return content


def read(content: io.BytesIO, limit: int = 1000) -> dict[str, bytes]:
    found: dict[str, bytes] = {}

    def keep(file: Any) -> str:
        text = file.read()
        found[str(len(found))] = text
        return str(len(found) - 1)

    kept = unpack(content, limit=limit, keep=keep)
    return {path: found[number] for path, number in kept.items()}


def test_hidden_files_and_a_folder_around_all_are_left_out():
    files = {"m/a": b"1", "m/b/c": b"2", "m/.git/x": b"3", "__MACOSX/m/a": b"4"}

    assert read(zipped(files)) == {"a": b"1", "b/c": b"2"}


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({}, "archive_empty"),
        ({"../up": b""}, "archive_empty"),
        ({"a b": b"x"}, "manifest_path"),
        ({"a": b"0" * 1001}, "archive_too_large"),
        ({f"{n}": b"" for n in range(1001)}, "archive_too_large"),
    ],
)
def test_archives_that_are_not_plain_are_refused(files: dict[str, bytes], code: str):
    with pytest.raises(Refusal) as refused:
        read(zipped(files))

    assert refused.value.code == code


def test_a_zip_that_announces_less_than_it_holds_gives_no_more_than_that():
    content = zipped({"a": b"0" * 900}).getvalue()
    size = (900).to_bytes(4, "little")
    lying = io.BytesIO(content.replace(size, (9).to_bytes(4, "little")))

    with pytest.raises(Invalid):
        read(lying, limit=10)


@given(some.binary(max_size=300))
def test_bytes_that_are_no_zip_are_refused_in_one_sentence(content: bytes):
    with pytest.raises(Invalid) as refused:
        read(io.BytesIO(b"PK\x03\x04" + content))

    assert refused.value.code.startswith("archive_")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("router@main\n", "router@main"),
        (f"ada/router@{'a' * 40}", f"ada/router@{'a' * 40}"),
        ("router", ""),
        ("router@v1", ""),
        ("x" * 2000, ""),
    ],
)
def test_a_text_names_a_commit_or_nothing(text: str, named: str):
    assert named_commit(io.BytesIO(text.encode()), len(text)) == named
