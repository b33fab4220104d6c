"""The machine finds every bug that is planted into competitions."""

from datetime import datetime

import pytest

from accounts.models import User
from catalogue.models import Model
from tests.competitions.machine import CompetitionMachine
from tests.competitions.mutants import MUTANTS
from tests.services.stepping import finds

pytestmark = [pytest.mark.django_db]

CHEAP = {"budget pays more"}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if name in CHEAP else pytest.mark.nightly)
        for name in MUTANTS
    ],
)
def test_a_planted_bug_is_found(
    users: dict[str, User], base: Model, now: datetime, name: str
):
    with MUTANTS[name]():
        assert finds(lambda: CompetitionMachine(users, base, now), walks=200, length=60)
