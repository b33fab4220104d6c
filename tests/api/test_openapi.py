"""The OpenAPI document is whole, and its page needs nothing from elsewhere."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.staticfiles import finders

from api.application import api
from api.authentication import PUBLIC, SIGNED
from api.openapi import routes
from tests.api.world import Door

METHODS = {"get", "put", "post", "delete"}
CONVERTER = re.compile(r"\{\w+:")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return Door().get("/api/openapi.json").json()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, details in methods.items():
            yield method, path, details


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_the_document_covers_every_route(document: dict[str, Any]):
    described = {(m.upper(), path) for m, path, _ in operations(document)}
    routed = {(m, "/api" + CONVERTER.sub("{", path)) for m, path, _ in routes(api)}

    assert described == routed
    assert document["openapi"].startswith("3.1")
    assert document["info"]["title"] == "Assay API"
    assert document["info"]["version"]


def test_every_operation_is_named_once_and_summed_up(document: dict[str, Any]):
    found = [details for _, _, details in operations(document)]
    names = [details["operationId"] for details in found]

    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", name) for name in names)
    assert all(len(details["summary"]) > 15 for details in found)
    assert all(details["tags"] for details in found)


def test_every_reference_leads_somewhere(document: dict[str, Any]):
    for reference in references(document):
        node: Any = document
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]
        assert isinstance(node, dict)


def test_every_operation_has_the_shape_that_the_standard_asks_for(
    document: dict[str, Any],
):
    for method, path, details in operations(document):
        assert method in METHODS
        named = {p["name"] for p in details["parameters"] if p["in"] == "path"}
        assert named == set(re.findall(r"\{(\w+)\}", path)), path
        assert all(p["required"] for p in details["parameters"] if p["in"] == "path")
        assert all("schema" in p for p in details["parameters"])
        for status, response in details["responses"].items():
            assert re.fullmatch(r"[1-5]\d\d|default", status)
            assert response["description"]


def test_every_operation_says_how_it_can_fail(document: dict[str, Any]):
    error = {"$ref": "#/components/schemas/ErrorAnswer"}
    for _, path, details in operations(document):
        answers = details["responses"]
        assert any(status.startswith("2") for status in answers), path
        for status in ("401", "403", "default"):
            assert answers[status]["content"]["application/json"]["schema"] == error
        if "requestBody" in details:
            assert {"409", "422"} <= set(answers), path


def test_every_route_that_is_not_public_asks_for_a_token(document: dict[str, Any]):
    schemes = document["components"]["securitySchemes"]
    names = {api.get_openapi_operation_id(o): o for _, _, o in routes(api)}
    for _, path, details in operations(document):
        public = names[details["operationId"]].auth_callbacks in ([PUBLIC], [SIGNED])
        assert ("security" in details) != public, path
    assert all(scheme["scheme"] == "bearer" for scheme in schemes.values())


def test_verbs_that_move_money_ask_for_an_idempotency_key(document: dict[str, Any]):
    asking = {
        details["operationId"]
        for _, _, details in operations(document)
        for parameter in details["parameters"]
        if parameter["name"] == "Idempotency-Key" and parameter["required"]
    }
    assert asking == {
        "use_faucet",
        "send_tokens",
        "stake",
        "fund_pool",
        "accept_quote",
        "declare_revenue",
        "request_withdrawal",
        "open_meter",
        "add_deposit",
        "raise_challenge",
    }


def test_the_page_is_served_from_this_host_alone(db: None):
    page = Door().get("/api/docs").content.decode()

    assert "://" not in page
    sources = re.findall(r'(?:src|href)="/static/([^"]+)"', page)
    assert "ninja/swagger-ui-bundle.js" in sources
    assert all(finders.find(source) for source in sources)
