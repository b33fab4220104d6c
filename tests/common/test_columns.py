"""Many rows, each its own value, in one round."""

from datetime import datetime

import pytest

from accounts.models import User
from catalogue.models import Model
from common.columns import write_column
from competitions.models import Stake
from competitions.services import escrow
from tests.builders import world
from tests.builders.world import UNIT

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def test_each_row_gets_its_own_value_and_the_others_keep_theirs(
    alice: User, now: datetime, django_assert_max_num_queries
):
    base: Model = world.base_model(User.objects.create(username="steward"), now)
    competition = world.open_competition(alice, base, now)
    one, other, third = (
        escrow.stake(
            competition=competition, staker=alice, amount=UNIT, key=f"k{n}", now=now
        )
        for n in range(3)
    )
    wanted = {one.pk: 10**47 + 1, other.pk: 0}

    with django_assert_max_num_queries(1):
        write_column(Stake, "returned", wanted)
        write_column(Stake, "returned", {})

    third.refresh_from_db()
    found = Stake.objects.in_bulk([one.pk, other.pk])
    assert {pk: stake.returned for pk, stake in found.items()} == wanted
    assert third.returned == 0
