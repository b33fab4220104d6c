"""Alive means that it answers; ready means that what it stands on does too."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import RequestFactory, override_settings
from django.urls import resolve

from common.models import Pulse
from config.health import PULSE_AGE, check_storage, check_worker

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def answer(method: str, path: str) -> HttpResponse:
    request = RequestFactory().generic(method, path)
    return resolve(path).func(request)


def test_alive_needs_no_database_and_no_broker() -> None:
    response = answer("GET", "/healthz")

    assert (response.status_code, json.loads(response.content)) == (
        200,
        {"status": "alive"},
    )


def test_readiness_only_answers_questions() -> None:
    assert answer("POST", "/readyz").status_code == 405


def test_storage_that_takes_no_file_is_not_ready(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with override_settings(STORAGE_PATH=tmp_path / "file" / "storage"):
        check = check_storage(NOON)

    assert not check.ok
    assert check.sentence == "The storage takes no file: Not a directory."


def test_storage_is_left_as_it_was(tmp_path: Path) -> None:
    with override_settings(STORAGE_PATH=tmp_path):
        check = check_storage(NOON)

    assert check.ok
    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db
def test_a_server_that_saw_no_worker_is_not_ready() -> None:
    check = check_worker(NOON)

    assert (check.ok, check.sentence) == (False, "No worker was seen yet.")


@pytest.mark.django_db
def test_a_worker_is_alive_by_the_age_of_its_pulse() -> None:
    Pulse.objects.create(name="platform", seen_at=NOON)

    fresh = check_worker(NOON + PULSE_AGE)
    stale = check_worker(NOON + PULSE_AGE + timedelta(seconds=1))

    assert (fresh.ok, stale.ok) == (True, False)
    assert stale.sentence == "The last worker was seen 16 s ago."
