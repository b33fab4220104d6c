"""Every route, as everybody: generated from the route table.

A route without a declared access, or one that takes a body and has no example
here, fails.
"""

import re
from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.urls import get_resolver

from accounts.models import User
from accounts.services import revoke_token
from api.application import api
from api.authentication import EVALUATOR, PERSON, PUBLIC, SIGNED, STAFF, Access
from api.openapi import routes
from assay.protocol.receipts import key_claim
from assay.protocol.signatures import public_key, sign
from common.clock import now
from competitions.models import Competition
from tests.api.world import SOON, Door, World, door_of, error
from tests.builders.weights import LABELS

ROUTES = {
    f"{method} {path}": (method, path, operation)
    for method, path, operation in routes(api)
}
DIGEST = "b" * 64
SEED = bytes(range(32))
USAGE = {"cpu_seconds": 1.0, "wall_seconds": 1.0, "peak_bytes": 1}
BODIES: dict[str, Any] = {
    "use_faucet": {"amount": "1"},
    "send_tokens": {"to": "bob", "amount": "1"},
    "create_token": {"name": "laptop"},
    "register_key": {
        "public": public_key(SEED),
        "signature": sign(SEED, key_claim(public_key(SEED), "")),
    },
    "revoke_key": {},
    "reveal_splits": {},
    "begin_upload": {"sha256": DIGEST, "size": 1},
    "sign_parts": {"parts": [{"number": 1, "sha256": DIGEST}]},
    "create_competition": {
        "slug": "new",
        "title": "New",
        "summary": "Something new",
        "task_type": "text_classification",
        "task_options": {"labels": LABELS},
        "metric": "accuracy",
        "base_model": "bob/tiny-bert",
        "splits": {"sample": DIGEST, "public": DIGEST, "private": DIGEST},
        "minimum_stake": "100",
        "prize_rule": "winner_takes_all",
        "deadline": SOON,
    },
    "stake": {"amount": "1"},
    "move_deadline": {"deadline": SOON},
    "estimate_cost": {
        "base_model": "bob/tiny-bert",
        "task_type": "text_classification",
        "public": 10,
        "private": 10,
        "submissions": 5,
    },
    "submit": {
        "name": "entry",
        "kind": "full",
        "files": {"model.safetensors": DIGEST},
        "terms": {},
    },
    "accept_rules": {"rules_digest": DIGEST},
    "raise_challenge": {"kind": "other", "grounds": "Look at its weights again."},
    "decide_challenge": {"upheld": True, "reason": "It is a copy of another."},
    "disqualify": {"reason": "It is a copy of another."},
    "preview_terms": {"kind": "full"},
    "register_external": {
        "name": "bert",
        "source": "https://models.example/bert",
        "digest": DIGEST,
        "licence": "MIT",
    },
    "open_pool": {"title": "For beginners", "user_cap": "5", "day_cap": "50"},
    "fund_pool": {"amount": "1"},
    "quote_use": {"use": "commercial"},
    "refund_licence": {"reason": "not needed"},
    "declare_revenue": {"period": 1, "revenue": "10"},
    "request_withdrawal": {"amount": "1", "destination": "DE00 1234"},
    "offer_share": {"taker": "bob", "parts": 1},
    "set_tariff": {"price": "1"},
    "open_meter": {"public_key": "A" * 43 + "=", "deposit": "1"},
    "add_deposit": {"amount": "1"},
    "redeem_voucher": {
        "format": "assay-voucher/1",
        "meter": "none",
        "lane": 0,
        "calls": 1,
        "amount": "1",
        "signature": "none",
    },
    "beat": {"lease": "none", "done": 1, "total": 2},
    "return_outputs": {
        "lease": "none",
        "outputs": [{"id": "1", "scores": ["0x1.8p+0"]}],
        "digest": DIGEST,
        "engine_version": "1",
        "usage": USAGE,
        "receipt": {"document": {}, "key_id": "none", "signature": "none"},
    },
    "return_failure": {
        "lease": "none",
        "fault": "model",
        "code": "broken",
        "sentence": "It broke.",
    },
}
BODIES["revise_competition"] = BODIES["create_competition"]
FILES = {"fetch_competition_file": "sample.jsonl", "fetch_model_file": "config.json"}
# Records that are public by rule: nobody is named in them who does not get paid.
OPEN_RECORDS = {"GET /payments/{payment_id}"}
KEYED = re.compile(r"\{(?:\w+:)?(\w+)\}")


def access_of(operation: Any) -> Access | None:
    """The one access that a route declares; None when it does not."""
    known = (PUBLIC, PERSON, STAFF, EVALUATOR, SIGNED)
    declared = [a for a in operation.auth_callbacks if a in known]
    return declared[0] if declared == list(operation.auth_callbacks) else None


def is_about_a_thing(path: str) -> bool:
    """Whether the address names something of Alice's."""
    return bool(KEYED.search(path))


def send(door: Door, world: World, route: str) -> Any:
    """Call a route about Alice's things with a body that it can read."""
    method, template, operation = ROUTES[route]
    name = api.get_openapi_operation_id(operation)
    places = {**world.places, "path": FILES.get(name, "")}
    path = KEYED.sub(lambda found: places[found[1]], template)
    takes_body = any(m.__ninja_param_source__ == "body" for m in operation.models)
    body = BODIES[name] if takes_body else None
    return door.call(method, f"/api{path}", body, Idempotency_Key="walk")


def walk(door: Door, world: World) -> Iterator[tuple[str, Access | None, int, str]]:
    """Every route with its access, and status and error code of calling it.

    Each call is undone, so that all find the same world.
    """
    for route in ROUTES:
        with transaction.atomic():
            response = send(door, world, route)
            code = error(response)["code"] if response.status_code >= 400 else ""
            yield route, access_of(ROUTES[route][2]), response.status_code, code
            transaction.set_rollback(True)


def test_every_route_declares_its_access():
    assert [route for route in ROUTES if access_of(ROUTES[route][2]) is None] == []


def test_nobody_gets_past_what_is_public(world: World):
    for route, access, status, code in walk(Door(), world):
        if access is SIGNED:
            assert (status, code) == (401, "link_invalid"), route
        elif access is not PUBLIC:
            assert (status, code) == (401, "login_required"), route
        elif is_about_a_thing(route) and route not in OPEN_RECORDS:
            assert status == 404, route
        else:
            assert status == 200, route


def test_a_stranger_finds_nothing_of_another_persons(world: World, charlie: User):
    for route, access, status, code in walk(door_of(charlie), world):
        if access is SIGNED:
            assert (status, code) == (401, "link_invalid"), route
        elif access is EVALUATOR:
            assert (status, code) == (403, "token_scope"), route
        elif access is STAFF:
            assert (status, code) == (403, "staff_only"), route
        elif is_about_a_thing(route) and route not in OPEN_RECORDS:
            assert status == 404, route
        else:
            assert status not in {401, 403, 404, 405, 500}, route


def test_an_owner_gets_to_the_verb(world: World, alice: User):
    for route, access, status, code in walk(door_of(alice), world):
        if access is SIGNED:
            assert (status, code) == (401, "link_invalid"), route
        elif access is EVALUATOR:
            assert (status, code) == (403, "token_scope"), route
        elif access is STAFF:
            assert (status, code) == (403, "staff_only"), route
        else:
            assert status not in {401, 403, 404, 405, 500}, route


def test_staff_gets_to_the_verbs_of_staff(world: World, charlie: User):
    User.objects.filter(pk=charlie.pk).update(is_staff=True)
    Competition.objects.update(status="open")
    decided = set()

    for route, access, status, _ in walk(door_of(charlie), world):
        if access is STAFF:
            decided.add(status)
            assert status not in {401, 403, 404, 405, 422, 500}, route

    assert decided == {200, 201}


def test_an_evaluators_token_opens_only_evaluators_routes(
    world: World, evaluator: Door
):
    for route, access, status, code in walk(evaluator, world):
        if access is SIGNED:
            assert (status, code) == (401, "link_invalid"), route
        elif access is EVALUATOR:
            assert status in {200, 409}, route
        else:
            assert (status, code) == (403, "token_scope"), route


def test_a_revoked_token_opens_nothing(world: World, alice: User):
    door = door_of(alice)
    token = alice.tokens.get(name="test")
    revoke_token(user=alice, token_id=str(token.id), now=now())

    for route, access, status, code in walk(door, world):
        shut = "link_invalid" if access is SIGNED else "token_invalid"
        assert (status, code) == (401, shut), route


def test_every_address_under_api_is_in_the_route_table():
    extra = {"", "openapi.json", "docs", "^.*$"}
    (door,) = (p for p in get_resolver().url_patterns if str(p.pattern) == "api/")
    first, last = door.url_patterns
    found = {str(pattern.pattern) for pattern in first.url_patterns}
    known = {
        path.strip("/").replace("{", "<").replace("}", ">")
        for _, path, _ in ROUTES.values()
    }
    assert found | {str(last.pattern)} == known | extra


def test_a_header_of_another_scheme_is_refused(db: None):
    response = Door().call("GET", "/api/version", Authorization="Basic YTpi")

    assert error(response)["code"] == "credentials_unreadable"
    assert response.status_code == 401


def test_a_session_reads_without_and_writes_with_a_csrf_token(
    world: World, alice: User
):
    door = Door(enforce_csrf_checks=True)
    door.client.force_login(alice)

    assert door.get("/api/me").json()["scope"] == "session"
    refused = door.post("/api/me/tokens", {"name": "x"})
    assert (refused.status_code, error(refused)["code"]) == (403, "csrf_failed")

    secret = "a" * 32
    door.client.cookies["csrftoken"] = secret
    made = door.post("/api/me/tokens", {"name": "x"}, X_CSRFToken=secret)
    assert made.status_code == 201


def test_a_token_needs_no_csrf_and_goes_before_the_session(
    world: World, alice: User, charlie: User
):
    door = door_of(charlie)
    door.client = Door(enforce_csrf_checks=True).client
    door.client.force_login(alice)

    assert door.get("/api/me").json()["handle"] == "charlie"
    assert door.post("/api/me/tokens", {"name": "x"}).status_code == 201


def test_a_switched_off_person_is_shut_out(alice: User):
    door = door_of(alice)
    User.objects.filter(pk=alice.pk).update(is_active=False)

    assert door.get("/api/me").status_code == 401


def test_no_one_can_issue_an_evaluators_token_for_themselves(alice: User):
    door = door_of(alice)

    asked = door.post("/api/me/tokens", {"name": "x", "scope": "evaluator"})

    assert error(asked)["where"] == "scope"
    assert door.post("/api/me/tokens", {"name": "x"}).json()["scope"] == "person"
