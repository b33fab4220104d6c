"""A live board that rises by steps, and everything else that tells public scores."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User
from assay.protocol.canonical import digest
from assay.protocol.errors import Invalid
from assay.protocol.intervals import wilson
from catalogue.models import Model
from competitions import contests, selectors
from competitions.models import Competition, Evaluation
from competitions.services import drafting, lifecycle
from tests.builders.world import open_competition, score, spec, submit

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(autouse=True)
def _static_root() -> None:
    """The middleware warns when the folder is missing."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture
def stepped(alice: User, base: Model, now: datetime) -> Competition:
    """Open, with thirty public examples and steps of a tenth."""
    return open_competition(alice, base, now, board_step=0.1, daily_submissions=20)


def entered(
    miner: User, competition: Competition, now: datetime, *, seed: int, right: int
) -> Evaluation:
    """Submit a model and have it scored on the public split."""
    made = submit(miner, competition, now, seed=seed)
    public = made.evaluations.get(split="public")
    return score(public, right=right, now=now)


def test_a_score_is_shown_when_it_is_better_by_a_step(
    stepped: Competition, bob: User, now: datetime
):
    shown = []
    for seed, right in enumerate((14, 16, 12, 20, 19, 29), start=1):
        at = now + timedelta(minutes=seed)
        evaluation = entered(bob, stepped, at, seed=seed, right=right)
        assert evaluation.score == right / 30
        shown.append(evaluation.shown)

    assert shown == [0.4, 0.5, 0.5, 0.6, 0.6, 0.9]


def test_each_miner_has_rungs_of_their_own(
    stepped: Competition, bob: User, charlie: User, now: datetime
):
    first = entered(bob, stepped, now, seed=1, right=28)
    other = entered(charlie, stepped, now, seed=2, right=20)

    assert (first.shown, other.shown) == (0.9, 0.6)


def test_nothing_that_is_public_tells_more_than_the_step(
    stepped: Competition, bob: User, now: datetime
):
    climbed = entered(bob, stepped, now, seed=1, right=19)
    higher = entered(bob, stepped, now + timedelta(minutes=1), seed=2, right=20)
    assert climbed.submission is not None
    assert higher.submission is not None
    told = wilson(0.6, 30)

    (row,) = selectors.leaderboard(competition=stepped, viewer=None, now=now).rows
    events = stepped.history.filter(kind="scored").exclude(facts__submission="baseline")
    answers = [
        Client().get(f"/api/submissions/{entry.submission.pk}").json()["evaluations"][0]
        for entry in (climbed, higher)
        if entry.submission is not None
    ]
    page = Client().get(f"/submissions/{higher.submission.pk}").content.decode()

    assert (row.score, row.low, row.high) == (0.6, told.low, told.high)
    assert row.submission == climbed.submission
    assert [facts["score"] for facts in events.values_list("facts", flat=True)] == [
        "0.6",
        "0.6",
    ]
    assert {(a["score"], a["low"], a["high"]) for a in answers} == {
        (0.6, told.low, told.high)
    }
    assert "60.00" in page
    assert "63.33" not in page
    assert "66.67" not in page


def test_whoever_climbed_stands_for_its_miner_whatever_was_scored_late(
    stepped: Competition, bob: User, now: datetime
):
    early = submit(bob, stepped, now, seed=3)
    climbed = entered(bob, stepped, now, seed=1, right=19)
    entered(bob, stepped, now + timedelta(minutes=1), seed=2, right=20)
    late = score(early.evaluations.get(split="public"), right=5, now=now)

    (row,) = selectors.leaderboard(competition=stepped, viewer=None, now=now).rows

    assert (late.shown, late.climbed) == (0.6, False)
    assert row.submission == climbed.submission
    assert contests.finalists(stepped) == [str(climbed.submission_id)]


def test_without_a_step_scores_are_shown_as_they_are(
    alice: User, bob: User, base: Model, now: datetime
):
    competition = open_competition(alice, base, now)

    found = entered(bob, competition, now, seed=1, right=19)

    assert found.shown is None
    assert found.told is not None
    assert found.told.value == 19 / 30


def test_the_step_is_part_of_the_hashed_rules(stepped: Competition):
    assert lifecycle.rules_of(stepped)["board_step"] == "0.1"
    stepped.board_step = 0.2
    assert digest(lifecycle.rules_of(stepped)) != stepped.rules_digest


@pytest.mark.parametrize("step", [-0.01, 0.3, float("nan")])
def test_a_step_out_of_range_is_refused(
    alice: User, base: Model, now: datetime, step: float
):
    with pytest.raises(Invalid) as refused:
        drafting.create_competition(
            sponsor=alice, spec=spec(alice, base, now, board_step=step), now=now
        )

    assert refused.value.code == "board_step_invalid"
