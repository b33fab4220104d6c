"""One envelope for everything that goes wrong."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from structlog.contextvars import bound_contextvars

from accounts.models import User
from api.authentication import PUBLIC, Undeclared
from api.errors import STATUS, install, status_of
from api.openapi import DocumentedAPI
from assay.protocol.errors import LimitReached, Refusal
from tests.api.world import Door, door_of, error


def subclasses(of: type[Refusal]) -> list[type[Refusal]]:
    return [of, *(deeper for cls in of.__subclasses__() for deeper in subclasses(cls))]


def test_every_refusal_has_a_status_of_its_kind():
    made = [cls("code", "A sentence.") for cls in STATUS]

    assert [status_of(refusal) for refusal in made] == list(STATUS.values())
    protocol = [
        c for c in subclasses(Refusal) if c.__module__.startswith("assay.protocol")
    ]
    assert set(protocol) <= set(STATUS)


def test_an_unknown_address_is_an_enveloped_404():
    response = Door().get("/api/nowhere/at/all")

    assert (response.status_code, error(response)["code"]) == (404, "not_found")
    assert Door().post("/api/competitions/", {}).status_code == 404
    assert Door().get("/api/").status_code == 404


def test_a_wrong_method_says_which_are_right():
    response = Door().call("DELETE", "/api/version")

    assert (response.status_code, error(response)["code"]) == (
        405,
        "method_not_allowed",
    )
    assert response["Allow"] == "GET"


def test_head_is_answered_like_get_without_a_body():
    whole = Door().get("/api/version")

    response = Door().call("HEAD", "/api/version")

    assert (response.status_code, response.content) == (200, b"")
    assert response["Content-Length"] == str(len(whole.content))


def test_an_id_that_is_none_is_not_found(alice: User):
    response = door_of(alice).get("/api/submissions/17")

    assert (response.status_code, error(response)["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("body", "where", "said"),
    [
        ({}, "name", "name is missing."),
        (
            {"name": "x", "colour": 1},
            "colour",
            "colour is not a field of this request.",
        ),
        ({"name": 7}, "name", "name: Input should be a valid string."),
        ([1], "body", ""),
        ({"name": "x", "expires_at": "2030-01-01T00:00:00"}, "expires_at", "timezone"),
    ],
)
def test_a_body_that_does_not_fit_is_told_where(
    alice: User, body: Any, where: str, said: str
):
    response = door_of(alice).post("/api/me/tokens", body)

    found = error(response)
    assert (response.status_code, found["code"]) == (422, "body_invalid")
    assert found["where"] == where
    assert said in found["sentence"]
    assert found["fix"]


def test_many_problems_are_counted_not_all_listed(alice: User):
    body = {"name": "x"} | {f"field{n}": 1 for n in range(9)}

    found = error(door_of(alice).post("/api/me/tokens", body))

    assert found["sentence"].endswith("And 4 more.")


def test_a_nested_field_is_named_by_its_path(alice: User):
    body = {
        "name": "x",
        "kind": "full",
        "files": {"config.json": "nope"},
        "terms": {},
    }

    found = error(door_of(alice).post("/api/competitions/any/submissions", body))

    assert found["where"] == "files.config.json"


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"\xff",
        b'{"name": NaN}',
        b'{"name": "a", "name": "b"}',
        b'{"name": "\\u0000"}',
        b'{"name": ["\\ud800"]}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_clean_json_is_refused(alice: User, body: bytes):
    door = door_of(alice)

    response = door.client.generic(
        "POST",
        "/api/me/tokens",
        body,
        content_type="application/json",
        headers=door.headers,
    )

    assert response.status_code in {400, 422}
    assert error(response)["code"] in {"body_unreadable", "body_invalid"}


def test_an_escaped_backslash_is_no_escape(alice: User):
    made = door_of(alice).post("/api/me/tokens", {"name": "\\u0000"})

    assert (made.status_code, made.json()["name"]) == (201, "\\u0000")


def test_a_form_is_not_a_body_and_not_a_crash(alice: User):
    door = Door(enforce_csrf_checks=True)
    door.client.force_login(alice)
    secret = "a" * 32
    door.client.cookies["csrftoken"] = secret

    response = door.client.post(
        "/api/me/tokens", {"name": "x"}, headers={"X-CSRFToken": secret}
    )

    assert (response.status_code, error(response)["code"]) == (
        400,
        "request_unreadable",
    )


def test_a_huge_body_is_refused(alice: User, settings: Any):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100

    response = door_of(alice).post("/api/me/tokens", {"name": "x" * 200})

    assert (response.status_code, error(response)["code"]) == (413, "body_too_large")


def test_a_nul_in_the_address_reaches_no_database(db: None):
    for address in ("/api/competitions?query=%00", "/api/models/a/%00"):
        response = Door().get(address)
        assert (response.status_code, error(response)["code"]) == (
            400,
            "address_unreadable",
        )


@pytest.mark.parametrize(
    ("query", "where"),
    [("limit=1000", "limit"), ("limit=no", "limit"), ("status=opened", "status")],
)
def test_a_query_that_does_not_fit_is_told_where(db: None, query: str, where: str):
    response = Door().get(f"/api/competitions?{query}")

    found = error(response)
    assert (response.status_code, found["code"]) == (422, "query_invalid")
    assert found["where"] == where


def test_a_thousand_parameters_are_too_many(db: None):
    response = Door().get("/api/competitions?" + "a=1&" * 1001)

    assert (response.status_code, error(response)["code"]) == (
        400,
        "request_unreadable",
    )


def answer(raised: Exception) -> Any:
    """What an API answers whose only route raises this."""
    api = DocumentedAPI(title="Broken", urls_namespace="broken", auth=[PUBLIC])
    install(api)

    @api.get("/broken")
    def broken(request: Any) -> None:
        raise raised

    (view,) = (p.callback for p in api.urls[0] if str(p.pattern) == "broken")
    request = RequestFactory().get("/broken")
    request.user = AnonymousUser()
    with bound_contextvars(request_id="request-1234"):
        return view(request)


def test_a_fault_of_ours_tells_only_its_request_id():
    response = answer(RuntimeError("the secret of the house"))

    found = json.loads(response.content)["error"]
    assert (response.status_code, found["code"]) == (500, "internal_error")
    assert found["request_id"] == "request-1234"
    assert b"secret" not in response.content
    assert b"Traceback" not in response.content


def test_a_limit_says_when_to_come_back():
    noon = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    response = answer(LimitReached("slow_down", "Wait.", retry_at=noon))

    assert response.status_code == 429
    assert response["Retry-After"] == "Sun, 01 Mar 2026 12:00:00 GMT"
    assert json.loads(response.content)["error"]["retry_at"] == "2026-03-01T12:00:00Z"


def test_who_must_log_in_is_told_how():
    response = Door().get("/api/me")

    assert response["WWW-Authenticate"] == "Bearer"
    assert "assay auth login" in error(response)["fix"]


def test_a_route_that_declares_nothing_is_shut():
    api = DocumentedAPI(title="Open", urls_namespace="open", auth=[Undeclared()])
    install(api)
    api.get("/open")(lambda request: {"secret": 1})
    (view,) = (p.callback for p in api.urls[0] if str(p.pattern) == "open")
    request = RequestFactory().get("/open")
    request.user = AnonymousUser()

    response = view(request)

    assert (response.status_code, b"secret" in response.content) == (403, False)
