"""Who calls, and their repositories."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from assay.documents.cards import check_card
from assay.protocol.errors import Conflict, Forbidden, Invalid
from catalogue import selectors
from catalogue.services import create_repository
from common.clock import now
from doors.access import Access
from doors.bodies import json_body, text_of
from doors.hub.errors import refused
from doors.hub.routing import HubRequest, hub_route


@hub_route(Access.PERSON, "GET")
def whoami(request: HubRequest) -> HttpResponse:
    """The caller, and the token that they use."""
    person, token = request.caller.person, request.caller.token
    assert token is not None
    return JsonResponse(
        {
            "type": "user",
            "id": str(person.pk),
            "name": person.username,
            "fullname": person.username,
            "email": person.email,
            "orgs": [],
            "auth": {
                "type": "access_token",
                "accessToken": {
                    "displayName": token.name,
                    "role": "write",
                    "createdAt": token.created_at.isoformat(),
                },
            },
        }
    )


@hub_route(Access.PERSON, "POST")
def create(request: HubRequest) -> HttpResponse:
    """Make a model repository of the caller's."""
    body = json_body(request)
    name = _own_name(request, body)
    if text_of(body, "visibility", "private") != "private" or (
        body.get("private") is False
    ):
        raise Invalid(
            "repository_private",
            "A model repository is its owner's alone.",
            fix="Leave the visibility out; models become public by being published.",
            where="visibility",
        )
    try:
        made = create_repository(owner=request.caller.person, name=name, now=now())
    except Conflict as refusal:  # clients go on with the one that is there
        there = f"{request.caller.person.username}/{name}"
        return refused(refusal, url=web_url(request, there))
    return JsonResponse({"url": web_url(request, made.reference), "id": str(made.pk)})


@hub_route(Access.PERSON, "DELETE")
def delete(request: HubRequest) -> HttpResponse:
    """Forget a model repository of the caller's, with its history."""
    name = _own_name(request, json_body(request))
    selectors.repository_by_reference(
        reference=f"{request.caller.person.username}/{name}",
        viewer=request.caller.person,
    ).delete()
    return HttpResponse(status=204)


@hub_route(Access.PERSON, "POST")
def validate_card(request: HubRequest) -> HttpResponse:
    """Whether a card's block keeps the Hub's rules."""
    try:
        check_card(text_of(json_body(request), "content"))
    except Invalid as refusal:
        return JsonResponse({"errors": [{"message": str(refusal)}]}, status=400)
    return JsonResponse({"errors": [], "warnings": []})


def web_url(request: HttpRequest, reference: str) -> str:
    """Where the Hub's clients think that a repository is."""
    return request.build_absolute_uri(f"/hub/{reference}")


def _own_name(request: HubRequest, body: Mapping[str, Any]) -> str:
    kind = text_of(body, "type", "model")
    if kind != "model":
        raise Invalid(
            "repository_type_unknown",
            f"There are no repositories of type {kind!r:.40} here.",
            fix="Model repositories are made here; data comes from competitions.",
            where="type",
        )
    handle = request.caller.person.username
    owner = text_of(body, "organization", handle)
    if owner != handle:
        raise Forbidden(
            "repository_not_yours",
            f"You are {handle} and cannot change repositories of {owner:.60}.",
            fix=f"Use {handle}/NAME.",
            where="organization",
        )
    return text_of(body, "name")
