"""A competition agrees with a plain model of its money, whatever happens to it."""

from datetime import datetime

import pytest

from accounts.models import User
from catalogue.models import Model
from tests.competitions.machine import CompetitionMachine
from tests.services.stepping import walk

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def test_a_competition_agrees_with_a_plain_model_of_it(
    users: dict[str, User], base: Model, now: datetime, request: pytest.FixtureRequest
):
    walk(
        lambda: CompetitionMachine(users, base, now),
        CompetitionMachine,
        request,
        steps=500,
        nightly=50_000,
        length=60,
    )
    reached = dict(CompetitionMachine.reached)
    request.node.user_properties.append(("reached", reached))
