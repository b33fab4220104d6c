"""A prepaid meter pays each call once, by vouchers, and gives the rest back."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import User
from assay.protocol import signatures, vouchers
from assay.protocol.drawing import CHAIN_LENGTH
from assay.protocol.errors import (
    Conflict,
    Forbidden,
    InsufficientFunds,
    Invalid,
    LimitReached,
)
from catalogue.models import Model
from ledger import wallets
from ledger.selectors import balance
from ledger.services import AccountKind
from royalties.models import Lane, Licence, Meter, Royalty
from royalties.services import metering
from tests.builders.world import UNIT
from tests.royalties.conftest import sold
from tests.services.threads import at_once

pytestmark = [pytest.mark.database, pytest.mark.django_db]
SEED = bytes(range(32))
PUBLIC = signatures.public_key(SEED)
CENT = UNIT // 100


@pytest.fixture
def meter(model: Model, bob: User, rich: User, now: datetime) -> Meter:
    """Ten tokens in it; a call costs a hundredth."""
    metering.set_tariff(model=model, owner=bob, price=CENT, now=now)
    return opened(model, rich, now)


def opened(model: Model, rich: User, now: datetime, **changes: Any) -> Meter:
    asked: dict[str, Any] = {"public_key": PUBLIC, "deposit": 10 * UNIT, "key": "k"}
    return metering.open_meter(
        licensee=rich, model=model, now=now, **{**asked, **changes}
    )


def voucher(meter: Meter, calls: int, lane: int = 0, seed: bytes = SEED) -> Any:
    made = vouchers.Voucher(str(meter.id), lane, calls, calls * meter.price)
    return vouchers.sign_voucher(seed, made).to_json()


def redeem(meter: Meter, said: Any, person: User, now: datetime) -> Royalty:
    return metering.redeem(meter=meter, voucher=said, person=person, now=now)


def left(meter: Meter) -> int:
    return balance(kind=AccountKind.DEPOSIT, owner=meter.owner_key, asset="AST")


def test_a_voucher_is_one_transfer_down_the_whole_waterfall(
    meter: Meter, alice: User, bob: User, rich: User, now: datetime
):
    first = redeem(meter, voucher(meter, 100), bob, now)
    second = redeem(meter, voucher(meter, 150), bob, now)

    assert (first.amount, second.amount, first.kind) == (UNIT, UNIT // 2, "usage")
    assert wallets.balance_of(bob) == UNIT * 3 // 2 * 9 // 10 * 3 // 4
    assert left(meter) == 10 * UNIT - 150 * CENT
    assert wallets.balance_of(rich) == 990 * UNIT
    call_command("verify_ledger")


def test_a_replay_gives_the_same_payment_and_a_stale_one_nothing(
    meter: Meter, bob: User, now: datetime
):
    first = redeem(meter, voucher(meter, 100), bob, now)

    assert redeem(meter, voucher(meter, 100), bob, now) == first
    for calls in (99, 1, 0):
        with pytest.raises(Conflict) as refusal:
            redeem(meter, voucher(meter, calls), bob, now)
        assert refusal.value.code == "voucher_stale"
    assert left(meter) == 9 * UNIT


def test_parallel_lanes_share_the_deposit_and_never_pass_it(
    meter: Meter, bob: User, rich: User, now: datetime
):
    for lane in range(3):
        redeem(meter, voucher(meter, 300, lane), bob, now)

    with pytest.raises(Conflict) as refusal:
        redeem(meter, voucher(meter, 101, 3), bob, now)
    assert refusal.value.code == "voucher_over_deposit"

    metering.add_deposit(meter=meter, licensee=rich, amount=CENT, key="more", now=now)
    metering.add_deposit(meter=meter, licensee=rich, amount=CENT, key="more", now=now)
    meter.refresh_from_db()
    assert meter.deposit == 10 * UNIT + CENT
    assert redeem(meter, voucher(meter, 101, 3), bob, now)
    assert left(meter) == 0


@pytest.mark.django_db(transaction=True)
def test_eight_vouchers_at_once_pay_each_call_once(
    meter: Meter, bob: User, now: datetime
):
    said = [voucher(meter, calls) for calls in (100, 200, 300, 400) * 2]

    def bring(one: Any) -> bool:
        try:
            redeem(meter, one, bob, now)
        except Conflict:
            return False
        return True

    assert any(at_once([lambda one=one: bring(one) for one in said]))

    assert left(meter) == 10 * UNIT - 4 * UNIT
    assert Lane.objects.get().calls == 400


@pytest.mark.django_db(transaction=True)
def test_eight_lanes_at_once_stay_within_the_deposit(
    meter: Meter, bob: User, now: datetime
):
    def bring(lane: int) -> bool:
        try:
            redeem(meter, voucher(meter, 300, lane), bob, now)
        except Conflict:
            return False
        return True

    answers = at_once([lambda lane=lane: bring(lane) for lane in range(8)])

    assert sum(answers) == 3
    assert left(meter) == UNIT


def test_forged_and_foreign_vouchers_bring_nothing(
    meter: Meter, alice: User, bob: User, now: datetime
):
    with pytest.raises(Invalid):
        redeem(meter, voucher(meter, 100, seed=bytes(32)), bob, now)
    with pytest.raises(Forbidden):
        redeem(meter, voucher(meter, 100), alice, now)
    assert left(meter) == 10 * UNIT


def test_a_closed_meter_takes_last_vouchers_for_a_while_then_gives_the_rest_back(
    meter: Meter, bob: User, rich: User, now: datetime, settings
):
    with pytest.raises(Forbidden):
        metering.begin_closing(meter=meter, licensee=bob, now=now)
    metering.begin_closing(meter=meter, licensee=rich, now=now)
    redeem(meter, voucher(meter, 100), bob, now)
    end = now + settings.METER_CLOSING
    assert not metering.close(meter=meter, now=end - timedelta(seconds=1))
    with pytest.raises(Conflict):
        metering.add_deposit(meter=meter, licensee=rich, amount=1, key="x", now=now)

    with pytest.raises(Conflict):
        redeem(meter, voucher(meter, 200), bob, end)
    assert [one.pk for one in metering.due_for_closing(end)] == [meter.pk]
    assert [metering.close(meter=meter, now=end) for _ in range(2)] == [True, False]

    assert left(meter) == 0
    assert wallets.balance_of(rich) == 999 * UNIT
    meter.licence.refresh_from_db()
    assert not meter.licence.is_valid(end)


def test_opening_twice_by_one_key_is_one_meter_and_another_price_comes_later(
    meter: Meter, model: Model, bob: User, rich: User, now: datetime
):
    assert opened(model, rich, now) == meter
    with pytest.raises(Conflict):
        opened(model, rich, now, public_key=signatures.public_key(bytes(32)))
    metering.set_tariff(model=model, owner=bob, price=2 * CENT, now=now)
    assert opened(model, rich, now).price == CENT
    assert opened(model, rich, now, key="k2").price == 2 * CENT


def test_calls_are_not_sold_where_the_terms_keep_commercial_use(
    alice: User, bob: User, base: Model, rich: User, now: datetime
):
    kept = sold(alice, bob, base, now, "")
    metering.set_tariff(model=kept, owner=bob, price=CENT, now=now)

    with pytest.raises(Forbidden) as refusal:
        opened(kept, rich, now)

    assert refusal.value.code == "use_not_allowed"
    assert not Meter.objects.exists()


def test_a_licensee_cannot_use_up_the_payments_that_a_meter_has(
    meter: Meter, bob: User, rich: User, now: datetime
):
    Licence.objects.filter(pk=meter.licence_id).update(draws=CHAIN_LENGTH // 2)

    with pytest.raises(LimitReached):
        redeem(meter, voucher(meter, 1), rich, now)

    assert redeem(meter, voucher(meter, 1), bob, now).amount == CENT


def test_a_meter_needs_a_price_a_key_and_money(
    model: Model, alice: User, bob: User, rich: User, now: datetime
):
    with pytest.raises(Conflict):
        opened(model, rich, now)
    with pytest.raises(Forbidden):
        metering.set_tariff(model=model, owner=alice, price=1, now=now)
    metering.set_tariff(model=model, owner=bob, price=1, now=now)
    with pytest.raises(Invalid):
        opened(model, rich, now, public_key="x")
    with pytest.raises(InsufficientFunds):
        opened(model, rich, now, deposit=1001 * UNIT)
    with pytest.raises(Invalid):
        opened(model, rich, now, deposit=0)
    assert not Meter.objects.exists()
