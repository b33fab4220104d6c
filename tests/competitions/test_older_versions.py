"""What an older version wrote is carried on by this one."""

from datetime import datetime, timedelta
from importlib import import_module

import pytest
from django.apps import apps

from accounts.models import User
from catalogue.models import Model
from competitions.models import Evaluation, RulesAcceptance
from competitions.services import lifecycle
from ledger import wallets
from tests.builders import world
from tests.builders.world import UNIT

pytestmark = [pytest.mark.database, pytest.mark.django_db]

accepting = import_module("competitions.migrations.0007_entering_was_accepting")


def test_awards_without_acceptance_and_repetition_are_paid_after_an_upgrade(
    alice: User, bob: User, base: Model, now: datetime
):
    window = timedelta(days=2)
    competition = world.open_competition(alice, base, now, challenge_window=window)
    made = world.submit(bob, competition, now, seed=1)
    world.score(made.evaluations.get(), right=25, now=now)
    end = now + timedelta(days=8)
    world.rank_all(competition, {"bob": 25}, end)
    # The first version knew neither.
    Evaluation.objects.filter(repeat=1).delete()
    RulesAcceptance.objects.all().delete()

    for _ in range(2):
        accepting.accept(apps, None)
    lifecycle.advance(competition=competition, now=end + window)
    world.repeat(competition, now=end + window)
    lifecycle.advance(competition=competition, now=end + window)

    competition.refresh_from_db()
    assert competition.status == "settled"
    assert wallets.balance_of(bob) == 100 * UNIT
    acceptance = RulesAcceptance.objects.get()
    assert (acceptance.person, acceptance.accepted_at) == (bob, made.created_at)
