"""The status list is signed when something on it changes, else once a minute."""

from datetime import datetime, timedelta

import pytest

from accounts.models import User
from catalogue.models import Model
from royalties.services import certifying
from royalties.services.licensing import revoke
from tests.royalties.conftest import buy

pytestmark = [pytest.mark.database, pytest.mark.django_db]
SECOND = timedelta(seconds=1)


def test_the_list_of_one_minute_is_signed_once(now: datetime):
    minute = now.replace(second=0, microsecond=0)

    first, again, later = (
        certifying.status_list(now=minute + seconds * SECOND) for seconds in (1, 59, 60)
    )

    assert first == again
    assert first["document"]["issued_at"] == minute.isoformat()
    assert later["document"]["issued_at"] == (minute + 60 * SECOND).isoformat()


def test_a_revocation_stands_on_the_list_at_once(
    model: Model, rich: User, now: datetime
):
    licence = buy(rich, model, now)
    before = certifying.status_list(now=now)["document"]

    revoke(licence=licence, reason="fraud", now=now + SECOND)

    after = certifying.status_list(now=now + SECOND)["document"]
    assert str(licence.id) not in before["entries"]
    assert after["entries"][str(licence.id)]["state"] == "revoked"
    assert after["issued_at"] >= (now + SECOND).isoformat()
