"""What the clock sets off."""

from datetime import datetime, timedelta

import pytest

from accounts.models import User
from catalogue.models import Model
from competitions.models import Competition, Receipt
from competitions.services import lifecycle
from competitions.tasks import tick
from tests.builders import world

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def test_a_competition_that_breaks_does_not_stop_the_others(
    alice: User, bob: User, base: Model, now: datetime
):
    broken = world.open_competition(alice, base, now, slug="broken")
    healthy = world.open_competition(bob, base, now, slug="healthy")
    private = broken.evaluations.filter(split="private")
    Receipt.objects.filter(evaluation__in=private).delete()
    private.delete()
    Competition.objects.filter(pk=broken.pk).update(status="judging")

    tick()  # both deadlines are long past for the real clock

    broken.refresh_from_db()
    healthy.refresh_from_db()
    assert (broken.status, healthy.status) == ("judging", "settled")


def test_a_hundred_that_wait_do_not_hide_the_next(
    alice: User, base: Model, now: datetime
):
    waiting = world.open_competition(alice, base, now)
    Competition.objects.filter(pk=waiting.pk).update(status="judging")
    Competition.objects.bulk_create(
        Competition(
            **{
                field.attname: getattr(waiting, field.attname)
                for field in Competition._meta.concrete_fields
                if field.name not in {"id", "slug", "status", "deadline"}
            },
            slug=f"waiting-{number}",
            status="judging",
            deadline=now - timedelta(days=1),
        )
        for number in range(120)
    )

    seen = {
        competition.slug
        for _ in range(40)
        for competition in lifecycle.due(now + timedelta(days=8))
    }

    assert waiting.slug in seen
