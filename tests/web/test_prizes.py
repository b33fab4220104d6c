"""The prize part of the form for a new competition, and its chart."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from catalogue.models import Model
from competitions.models import Competition
from tests.builders import world
from tests.web.conftest import as_person
from tests.web.test_sponsoring import described, errors_of
from web.forms.prizes import EXAMPLE

pytestmark = pytest.mark.django_db

TRIAL = "/new-competition/prizes"
HEAD = "time,entrant,score\n"
TWO = HEAD + "2026-05-01,ann,0.7\n2026-05-02,bob,0.8\n"


@pytest.fixture
def sponsor(alice: User, base: Model, now: datetime) -> Client:
    """Alice's browser."""
    world.fund(alice, 1000, now)
    return as_person(alice)


def tried(client: Client, **changes: Any) -> Any:
    fields = {
        "prize_rule": "winner_takes_all",
        "minimum_stake": "100",
        "margin": "1",
        "history": TWO,
        "example_baseline": "0.6",
    }
    return client.post(TRIAL, {**fields, **changes})


def percents(response: Any) -> dict[str, str]:
    """What the bars say, by name."""
    return {bar.name: bar.percent for bar in response.context["chart"].bars}


@pytest.mark.parametrize(
    ("typed", "options"),
    [
        ({"prize_rule": "winner_takes_all", "shares": "3, 2"}, {}),
        ({"prize_rule": "proportional_to_improvement"}, {}),
        (
            {"prize_rule": "proportional_to_improvement", "cap_percent": "40"},
            {"cap_percent": 40},
        ),
        ({"prize_rule": "king_of_the_hill", "lead": "0.02"}, {"lead": "0.02"}),
        (
            {"prize_rule": "king_of_the_hill", "lead": "0.01", "standard_errors": "2"},
            {"lead": "0.01", "standard_errors": "2"},
        ),
        (
            {"prize_rule": "milestone", "milestones": "0.7: 1\n\n 0.80 : 3 \n"},
            {
                "milestones": [
                    {"score": "0.7", "parts": 1},
                    {"score": "0.80", "parts": 3},
                ]
            },
        ),
    ],
)
def test_the_options_of_each_rule_are_typed_in_fields_of_their_own(
    typed: dict[str, str],
    options: dict[str, Any],
    sponsor: Client,
    now: datetime,
):
    response = sponsor.post("/new-competition", described(now, **typed))

    assert response.status_code == 302
    assert Competition.objects.get().prize_options == options
    page = sponsor.get("/competitions/bank-intents").content.decode()
    assert all(value in page for value in options.values() if isinstance(value, str))


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        (
            {"prize_rule": "proportional_to_improvement", "cap_percent": "0"},
            "cap_percent",
        ),
        ({"prize_rule": "king_of_the_hill"}, "lead"),
        ({"prize_rule": "king_of_the_hill", "lead": "1%"}, "lead"),
        (
            {"prize_rule": "king_of_the_hill", "standard_errors": "50"},
            "standard_errors",
        ),
        ({"prize_rule": "milestone"}, "milestones"),
        ({"prize_rule": "milestone", "milestones": "0.8"}, "milestones"),
        ({"prize_rule": "milestone", "milestones": "0.8: 1\n0.7: 1"}, "milestones"),
        ({"prize_rule": "lottery"}, "prize_rule"),
    ],
)
def test_an_option_that_cannot_be_read_is_refused_beside_its_field(
    typed: dict[str, str],
    field: str,
    sponsor: Client,
    now: datetime,
):
    response = sponsor.post("/new-competition", described(now, **typed))

    assert response.status_code == 422
    assert list(errors_of(response)) == [field]


def test_the_page_begins_with_a_chart_of_the_example(sponsor: Client):
    response = sponsor.get("/new-competition")

    assert response.status_code == 200
    assert percents(response)["1. cara/2"] == "100.0"
    assert b'<svg class="bars"' in response.content
    assert b"<script>" not in response.content


def test_the_example_of_the_page_is_the_example_in_the_repository():
    assert Path("examples/score_history.csv").read_text("utf-8") == EXAMPLE


@pytest.mark.parametrize(
    ("typed", "bars"),
    [
        ({}, {"1. bob/1": "100.0", "2. ann/1": "0.0", "returned": "0.0"}),
        (
            {"prize_rule": "shares_by_rank", "shares": "3, 1"},
            {"1. bob/1": "75.0", "2. ann/1": "25.0", "returned": "0.0"},
        ),
        (
            {"prize_rule": "king_of_the_hill", "lead": "0.1"},
            {"1. bob/1": "50.0", "2. ann/1": "50.0", "returned": "0.0"},
        ),
        (
            {"margin": "15", "minimum_stake": ""},
            {"1. bob/1": "100.0", "2. ann/1": "0.0", "returned": "0.0"},
        ),
        (
            {"example_baseline": "0.9"},
            {"1. bob/1": "0.0", "2. ann/1": "0.0", "returned": "100.0"},
        ),
    ],
)
def test_the_chart_follows_rule_options_margin_and_scores(
    typed: dict[str, str],
    bars: dict[str, str],
    sponsor: Client,
):
    assert percents(tried(sponsor, **typed)) == bars


def test_a_file_of_scores_is_drawn_instead_of_what_is_typed(sponsor: Client):
    file = SimpleUploadedFile("h.csv", (HEAD + "2026-05-01,zoe,0.9\n").encode())

    assert percents(tried(sponsor, history_file=file))["1. zoe/1"] == "100.0"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"history": HEAD + "2026-05-01,ann,high\n"}, "Row 2, column score"),
        ({"prize_rule": "king_of_the_hill"}, "How far must a challenger lead?"),
        ({"minimum_stake": "lots"}, "is not an amount"),
        ({"prize_rule": ""}, "required"),
        ({"history": HEAD + "2026-05-01,ann,0.7\n" * 251}, "tries 250 rows"),
        ({"history": HEAD + "2026-05-01,<b>x</b>,high\n"}, "column score"),
    ],
)
def test_what_stands_in_the_way_of_a_chart_is_said_instead(
    typed: dict[str, str],
    sentence: str,
    sponsor: Client,
):
    response = tried(sponsor, **typed)

    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert b"<svg" not in response.content


def test_names_in_a_history_are_escaped(sponsor: Client):
    response = tried(sponsor, history=HEAD + "2026-05-01,<img src=x>,0.7\n")

    assert b"<img" not in response.content
    assert b"&lt;img src=x&gt;/1" in response.content


def test_without_a_script_a_button_draws_the_chart_and_keeps_what_was_typed(
    sponsor: Client,
    now: datetime,
):
    fields = described(now, preview="1", history=TWO, example_baseline="0.6", slug="")

    response = sponsor.post("/new-competition", fields)

    assert response.status_code == 200
    assert not Competition.objects.exists()
    assert percents(response)["1. bob/1"] == "50.0"
    form = response.context["form"]
    assert not form.errors
    assert form["title"].value() == "Bank intents"
    assert form["required_uses"].value() == ["commercial"]
    assert form["prize_rule"].value() == "shares_by_rank"
    assert len(form["held_sample"].value()) == 64
    assert b"Arrived, SHA-256" in response.content


def test_the_chart_is_for_people_who_are_logged_in(alice: User, base: Model):
    assert as_person(None).post(TRIAL).status_code == 302


def test_the_evaluation_budget_is_no_part_of_the_purse(sponsor: Client):
    chart = tried(sponsor, budget_percent="20").context["chart"]

    assert chart.purse == 80 * world.UNIT
