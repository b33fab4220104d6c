"""The estimate: measured time times a plan, or an honest “not known”."""

from datetime import datetime
from typing import Any

import pytest

from accounts.models import User
from assay.protocol.errors import Invalid
from catalogue.models import Model
from competitions.services import drafting, escrow, estimating
from tests.builders import world
from tests.builders.world import UNIT

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _prices(settings: Any) -> None:
    settings.EVALUATION_PRICE = "0.01"


def planned(**changes: int) -> estimating.Plan:
    fields: dict[str, Any] = {
        "submissions": 100,
        "miners": 10,
        "public": 30,
        "private": 60,
    }
    return estimating.plan_of(**{**fields, **changes})


def test_before_anything_is_measured_it_is_said_to_be_unknown(
    base: Model, now: datetime
):
    found = estimating.estimate(
        base_model=base,
        task_type="text_classification",
        plan=planned(),
        budget_units=UNIT,
    )

    assert found.amount is found.milliseconds is found.missing is None
    assert "not known yet" in found.in_words()


def test_it_is_examples_times_measured_time_times_price(
    alice: User, base: Model, now: datetime
):
    world.fund(alice, 1000, now)
    competition = drafting.create_competition(
        sponsor=alice, spec=world.spec(alice, base, now, budget_points=1000), now=now
    )
    for evaluation in competition.evaluations.all():
        world.score(evaluation, right=10, now=now, seconds=15)  # half a second each
    escrow.stake(
        competition=competition, staker=alice, amount=100 * UNIT, key="s", now=now
    )

    own = estimating.estimate_for(competition=competition, submissions=100, miners=10)
    alike = estimating.estimate(
        base_model=base,
        task_type="text_classification",
        plan=planned(),
        budget_units=0,
    )

    assert own.plan.examples == 101 * 30 + 11 * 30
    assert own.pace is not None
    assert own.pace.source == "baseline"
    assert own.milliseconds == own.plan.examples * 500
    assert own.amount == own.plan.examples * UNIT // 200
    assert own.missing == own.amount - 10 * UNIT
    assert "The budget is too small by 6.8 AST." in own.in_words()
    assert alike.pace is not None
    assert alike.pace.source == "alike"
    assert alike.amount == (101 * 30 + 11 * 60) * UNIT // 200


@pytest.mark.parametrize(
    "changes",
    [{"submissions": -1}, {"miners": 101}, {"public": 0}, {"private": 10**9}],
)
def test_plans_out_of_bounds_are_refused(changes: dict[str, int]):
    with pytest.raises(Invalid) as refusal:
        planned(**changes)

    assert refusal.value.code == "estimate_out_of_bounds"
    assert refusal.value.where == next(iter(changes))
