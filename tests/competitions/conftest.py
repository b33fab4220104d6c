"""One sponsor with a base model at hand."""

from datetime import datetime

import pytest

from accounts.models import User
from accounts.services import sign_up
from catalogue.models import Model
from tests.builders import world


@pytest.fixture
def steward(db: None) -> User:
    """Who owns the base model."""
    return sign_up(handle="steward", email="", password="weights for everybody 1")


@pytest.fixture
def base(steward: User, now: datetime) -> Model:
    """The base model."""
    return world.base_model(steward, now)
