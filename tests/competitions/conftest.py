"""One sponsor with a base model at hand."""

from datetime import datetime

import pytest

from accounts.models import User
from accounts.services import sign_up
from catalogue.models import Model
from tests.builders import world
from tests.competitions.machine import PEOPLE


@pytest.fixture
def steward(db: None) -> User:
    """Who owns the base model."""
    return sign_up(handle="steward", email="", password="weights for everybody 1")


@pytest.fixture
def base(steward: User, now: datetime) -> Model:
    """The base model."""
    return world.base_model(steward, now)


@pytest.fixture
def users(db: None, now: datetime) -> dict[str, User]:
    """Everybody, with a thousand tokens each; staff and the evaluator without."""
    made = {
        name: sign_up(handle=name, email="", password="one of the house of models 1")
        for name in (*PEOPLE, "judge")
    }
    made["judge"].is_staff = True
    made["judge"].save()
    for name in PEOPLE:
        world.fund(made[name], 1000, now)
    made["evaluator"] = User.objects.create(username="evaluator")
    return made
