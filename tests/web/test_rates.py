"""Guessing passwords, signing up by the dozen, and making tokens take their time."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.services import issue_token
from common import throttling

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _rates(settings: Any):
    settings.REDIS_URL = "memory://"  # what other tests counted is not seen here
    settings.RATES = {
        "log_in": {"pair": "3/minute", "address": "5/minute"},
        "sign_up": {"address": "2/minute"},
        "token": {"person": "2/hour"},
        "bad_token": {"address": "3/minute"},
        "upload": {"person": "2/minute"},
    }
    throttling._own.cache_clear()
    throttling._shared.cache_clear()


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_user("ada", password=PASSWORD)


def log_in(client: Client, handle: str, password: str) -> Any:
    return client.post("/login", {"username": handle, "password": password})


def test_a_password_is_guessed_three_times_and_then_not_even_the_right_one_is_looked_at(
    client: Client, ada: User
):
    for _ in range(3):
        assert log_in(client, "ada", "wrong").status_code == 200

    refused = log_in(client, "ada", PASSWORD)

    assert refused.status_code == 429
    assert "GMT" in refused["Retry-After"]
    assert "tried too often" in refused.content.decode()
    assert "_auth_user_id" not in client.session


def test_another_person_at_another_handle_still_gets_in(client: Client, ada: User):
    for _ in range(3):
        log_in(client, "bob", "wrong")

    assert log_in(client, "ada", PASSWORD).status_code == 302


def test_one_address_does_not_walk_through_handles(client: Client, ada: User):
    for number in range(5):
        log_in(client, f"user-{number}", "wrong")

    assert log_in(client, "ada", PASSWORD).status_code == 429


def test_logging_in_rightly_costs_nothing(client: Client, ada: User):
    for _ in range(6):
        assert log_in(Client(), "ada", PASSWORD).status_code == 302


def test_accounts_are_not_made_by_the_dozen(client: Client):
    answers = [
        client.post(
            "/signup", {"handle": f"new-{n}", "email": "", "password": PASSWORD}
        )
        for n in range(3)
    ]

    assert [answer.status_code for answer in answers[1:]] == [302, 429]
    assert not User.objects.filter(username="new-2").exists()


def test_tokens_and_uploads_have_their_rates_in_the_api(client: Client, ada: User):
    _, secret = issue_token(user=ada, name="test")
    bearer = {"Authorization": f"Bearer {secret}"}

    def post(path: str, body: dict[str, Any]) -> Any:
        return client.post(path, body, content_type="application/json", headers=bearer)

    made = [post("/api/me/tokens", {"name": "x"}) for _ in range(3)]
    begun = [post("/api/uploads", {"sha256": "a" * 64, "size": 1}) for _ in range(3)]

    assert [answer.status_code for answer in made] == [201, 201, 429]
    assert [answer.status_code for answer in begun][2] == 429
    assert "GMT" in begun[2]["Retry-After"]


def test_tokens_cannot_be_guessed_one_after_another(client: Client):
    statuses = [
        client.get(
            "/api/me", headers={"Authorization": f"Bearer assay_{n}"}
        ).status_code
        for n in range(4)
    ]

    assert statuses == [401, 401, 401, 429]
