from datetime import datetime

import pytest

from accounts.models import User
from assay.protocol.errors import Conflict, Invalid
from assay.protocol.statistics import power
from catalogue.models import Model
from competitions.services import drafting, foretelling
from tests.builders.world import funded_competition, score, spec

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_the_report_is_of_the_baselines_public_answers(
    alice: User, base: Model, now: datetime
):
    competition = funded_competition(alice, base, now, margin=0.1)

    found = foretelling.foretell(competition=competition, entrants=12)

    results = [1.0] * 10 + [0.0] * 20
    assert found == power.report(results, margin=0.1, entrants=12)
    assert (found.examples, found.margin, found.entrants) == (30, 0.1, 12)


def test_a_benchmark_of_thirty_examples_lets_luck_win(
    alice: User, base: Model, now: datetime
):
    found = foretelling.foretell(competition=funded_competition(alice, base, now))

    assert found.any_equal_beats > 0.9
    assert found.safe_margin > 0.1


def test_macro_f1_is_reported_on_right_answers(alice: User, base: Model, now: datetime):
    competition = funded_competition(alice, base, now, metric="macro_f1")

    found = foretelling.foretell(competition=competition)

    assert found.baseline == pytest.approx(10 / 30)


def test_before_the_baseline_is_known_there_is_no_report(
    alice: User, base: Model, now: datetime
):
    competition = drafting.create_competition(
        sponsor=alice, spec=spec(alice, base, now), now=now
    )
    private = competition.evaluations.get(split="private")
    score(private, right=10, now=now)

    with pytest.raises(Conflict) as refused:
        foretelling.foretell(competition=competition)

    assert refused.value.code == "baseline_pending"


@pytest.mark.parametrize("entrants", [0, 1001])
def test_entrants_out_of_range_are_refused(
    alice: User, base: Model, now: datetime, entrants: int
):
    competition = funded_competition(alice, base, now)

    with pytest.raises(Invalid) as refused:
        foretelling.foretell(competition=competition, entrants=entrants)

    assert refused.value.code == "power_range"
