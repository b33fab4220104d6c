"""Files are opened by the terms: free, for a fee, or to nobody but the owner."""

from datetime import datetime, timedelta

import pytest

from accounts.models import User
from assay.protocol.errors import Forbidden, NotFound
from catalogue.models import Model
from royalties import selectors, services
from tests.builders import models, world

pytestmark = [pytest.mark.database, pytest.mark.django_db]

FILE = "model.safetensors"
MONTHLY = {"Access": "Restricted", "Access-Fee": "Monthly-5"}


def opens(model: Model, viewer: User | None, now: datetime) -> bool:
    try:
        selectors.model_file(model=model, path=FILE, viewer=viewer, now=now)
    except Forbidden:
        return False
    return True


def licence(licensee: User, model: Model, use: str, now: datetime) -> None:
    offer = services.quote(licensee=licensee, model=model, use=use, now=now)
    services.accept(
        quote_id=str(offer.id), licensee=licensee, key=str(offer.id), now=now
    )


def test_files_are_open_to_everyone_unless_the_terms_say_otherwise(
    alice: User, bob: User, now: datetime
):
    model = models.published(alice, "open", models.terms(), now)

    assert [opens(model, person, now) for person in (alice, bob, None)] == [True] * 3
    with pytest.raises(NotFound):
        selectors.model_file(model=model, path="other", viewer=alice, now=now)


def test_restricted_files_without_a_fee_are_their_owners(
    alice: User, bob: User, now: datetime
):
    terms = models.terms("Allowed", Access="Restricted")
    model = models.published(alice, "closed", terms, now)

    assert [opens(model, person, now) for person in (alice, bob, None)] == [
        True,
        False,
        False,
    ]


def test_who_pays_for_access_has_it_as_long_as_it_was_paid_for(
    alice: User, bob: User, charlie: User, now: datetime
):
    model = models.published(alice, "paid", models.terms(**MONTHLY), now)
    world.fund(bob, 5, now)

    licence(bob, model, "access", now)

    month = timedelta(days=30)
    assert opens(model, bob, now + month - timedelta(seconds=1))
    assert not opens(model, bob, now + month)
    assert not opens(model, charlie, now)


def test_a_licence_for_another_use_does_not_save_the_fee_for_access(
    alice: User, bob: User, now: datetime
):
    """Each use is owed by itself: a free one opens nothing that costs."""
    model = models.published(alice, "paid", models.terms("Allowed", **MONTHLY), now)

    licence(bob, model, "commercial", now)

    assert not opens(model, bob, now)
