"""Shares change hands from a stated moment on, and never more than there are."""

from datetime import datetime, timedelta
from fractions import Fraction

import pytest

from accounts.models import User
from assay.protocol.errors import (
    Conflict,
    Forbidden,
    Invalid,
    LimitReached,
    NotFound,
)
from catalogue.models import Model
from ledger import wallets
from royalties import selectors
from royalties.models import ShareTransfer
from royalties.services import sharing
from tests.builders.world import UNIT
from tests.royalties.conftest import buy
from tests.services.threads import at_once

pytestmark = [pytest.mark.database, pytest.mark.django_db]
DAY = timedelta(days=1)


def offer(
    model: Model, giver: User, taker: User, parts: int, at: datetime, now: datetime
) -> ShareTransfer:
    return sharing.offer(
        model=model, giver=giver, taker=taker, parts=parts, from_moment=at, now=now
    )


def accept(one: ShareTransfer, taker: User, now: datetime) -> ShareTransfer:
    return sharing.accept_share(transfer_id=str(one.id), taker=taker, now=now)


def held(model: Model, at: datetime) -> dict[str, int]:
    return selectors.shares_of([model], at=at)[model.pk]


def test_a_share_counts_for_its_new_holder_from_the_moment_on(
    model: Model, alice: User, bob: User, rich: User, now: datetime
):
    dave = User.objects.create(username="dave")
    accept(offer(model, bob, dave, 2, now + DAY, now), dave, now)

    assert held(model, now) == {"bob": 3, "alice": 1}
    assert held(model, now + DAY) == {"bob": 1, "alice": 1, "dave": 2}
    buy(rich, model, now)
    buy(rich, model, now + DAY)

    owed = Fraction("22.5") * UNIT
    assert wallets.balance_of(bob) == owed * 3 / 4 + owed / 4
    assert wallets.balance_of(dave) == owed / 2


def test_an_offer_alone_moves_nothing_and_can_be_taken_back(
    model: Model, bob: User, rich: User, now: datetime
):
    one = offer(model, bob, rich, 3, now, now)
    assert held(model, now) == {"bob": 3, "alice": 1}

    sharing.withdraw_offer(transfer_id=str(one.id), person=bob, now=now)

    with pytest.raises(Conflict):
        accept(one, rich, now)


def test_what_is_promised_cannot_be_given_again(
    model: Model, alice: User, bob: User, rich: User, now: datetime
):
    first = offer(model, bob, rich, 2, now + DAY, now)
    second = offer(model, bob, alice, 3, now, now)
    accept(first, rich, now)

    with pytest.raises(Conflict) as refusal:
        accept(second, alice, now)
    assert refusal.value.code == "share_gone"
    with pytest.raises(Invalid):
        offer(model, bob, alice, 2, now, now)
    assert accept(offer(model, bob, alice, 1, now, now), alice, now)
    assert held(model, now + DAY) == {"alice": 2, "charlie": 2}


@pytest.mark.django_db(transaction=True)
def test_eight_acceptances_at_once_give_no_part_twice(
    model: Model, bob: User, rich: User, now: datetime
):
    offers = [offer(model, bob, rich, 2, now, now) for _ in range(8)]

    def take(one: ShareTransfer) -> str:
        try:
            accept(one, rich, now)
        except Conflict as refusal:
            return refusal.code
        return "taken"

    answers = at_once([lambda one=one: take(one) for one in offers])

    assert sorted(answers) == ["share_gone"] * 7 + ["taken"]
    assert held(model, now) == {"bob": 1, "alice": 1, "charlie": 2}


def test_nobody_decides_for_others_or_gives_what_they_do_not_hold(
    model: Model, alice: User, bob: User, rich: User, now: datetime
):
    one = offer(model, bob, rich, 1, now, now)

    with pytest.raises(NotFound):
        accept(one, alice, now)
    with pytest.raises(Forbidden):
        accept(one, bob, now)
    for giver, taker, parts, at in (
        (rich, bob, 1, now),
        (bob, rich, 4, now),
        (bob, rich, 0, now),
        (bob, bob, 1, now),
        (bob, rich, 1, now - DAY),
        (bob, rich, 1, now + 400 * DAY),
    ):
        with pytest.raises(Invalid):
            offer(model, giver, taker, parts, at, now)
    with pytest.raises(NotFound):
        sharing.accept_share(transfer_id="nonsense", taker=rich, now=now)


def test_a_late_acceptance_counts_from_then_and_not_backwards(
    model: Model, bob: User, rich: User, now: datetime
):
    one = accept(offer(model, bob, rich, 3, now, now), rich, now + DAY)

    assert one.from_moment == now + DAY
    assert held(model, now) == {"bob": 3, "alice": 1}


def test_a_model_has_room_for_a_stated_number_of_holders(
    model: Model, bob: User, alice: User, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sharing, "MAX_HOLDERS", 2)
    dave = User.objects.create(username="dave")

    with pytest.raises(LimitReached, match="no room for more"):
        accept(offer(model, bob, dave, 1, now, now), dave, now)

    accept(offer(model, bob, alice, 1, now, now), alice, now)
    assert held(model, now) == {"bob": 2, "alice": 2}
