"""Signing up, logging in, and tokens."""

import re

import pytest
from django.test import Client

from accounts.models import ApiToken, User
from accounts.services import authenticate_token
from common.clock import now
from tests.conftest import PASSWORD
from tests.web.conftest import as_person

pytestmark = pytest.mark.django_db


def test_signing_up_logs_in_and_leads_on():
    client = Client()
    sent = {"handle": "dora", "email": "", "password": PASSWORD, "next": "/tokens"}

    response = client.post("/signup", sent)

    assert response.headers["Location"] == "/tokens"
    assert client.get("/tokens").status_code == 200


def test_signing_up_does_not_lead_to_another_site():
    sent = {"handle": "dora", "password": PASSWORD, "next": "https://evil.example/"}

    assert Client().post("/signup", sent).headers["Location"] == "/wallet"


def test_a_taken_handle_is_said_beside_its_field(alice: User):
    response = Client().post("/signup", {"handle": "alice", "password": PASSWORD})

    assert response.status_code == 409
    assert "is taken" in response.context["form"].errors["handle"][0]


def test_a_common_password_is_refused():
    response = Client().post("/signup", {"handle": "dora", "password": "password1"})

    assert response.status_code == 422
    assert not User.objects.filter(username="dora").exists()


def test_a_handle_logs_in_however_it_is_typed(alice: User):
    client = Client()

    client.post("/login", {"username": "Alice", "password": PASSWORD})

    assert client.get("/tokens").status_code == 200


def test_a_wrong_password_says_so(alice: User):
    response = Client().post("/login", {"username": "alice", "password": "no"})

    assert b"do not fit together" in response.content


def test_logging_out_ends_the_session(alice: User):
    client = as_person(alice)

    client.post("/logout")

    assert client.get("/tokens").status_code == 302


def test_a_token_is_shown_once_and_works(alice: User):
    client = as_person(alice)

    made = client.post("/tokens", {"name": "ci", "scope": "person", "days": "30"})

    secret = re.search(rb"assay_[\w-]{43}", made.content)
    assert secret
    token = authenticate_token(secret=secret[0].decode(), now=now())
    assert (token.user, token.name) == (alice, "ci")
    assert "no-store" in made.headers["Cache-Control"]
    assert secret[0] not in client.get("/tokens").content


def test_only_staff_are_offered_evaluator_tokens(alice: User):
    sent = {"name": "x", "scope": "evaluator", "days": ""}

    refused = as_person(alice).post("/tokens", sent)
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    granted = as_person(User.objects.get(pk=alice.pk)).post("/tokens", sent)

    assert (refused.status_code, granted.status_code) == (422, 200)
    assert ApiToken.objects.get().scope == "evaluator"


def test_a_token_is_revoked_by_its_person_alone(alice: User, charlie: User):
    client = as_person(alice)
    client.post("/tokens", {"name": "ci", "scope": "person", "days": ""})
    where = f"/tokens/{ApiToken.objects.get().id}/revoke"

    assert as_person(charlie).post(where).status_code == 404
    assert client.post(where).status_code == 302
    assert ApiToken.objects.get().revoked_at is not None
