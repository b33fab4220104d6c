"""Vouchers count up: replayed, stale, forged and too large ones bring nothing."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.protocol import signatures
from assay.protocol.canonical import canonical_bytes, read_json
from assay.protocol.errors import Conflict, Invalid, Refusal
from assay.protocol.vouchers import (
    MAX_LANES,
    Meter,
    SignedVoucher,
    Voucher,
    due,
    next_voucher,
    read_voucher,
    sign_voucher,
)

SEED = bytes(range(32))
METER = Meter("m", signatures.public_key(SEED), price=3, deposit=100, redeemed={})


def signed(calls: int, lane: int = 0, **changes) -> SignedVoucher:
    voucher = Voucher("m", lane, calls, calls * 3)
    return sign_voucher(SEED, replace(voucher, **changes))


def redeemed(meter: Meter, one: SignedVoucher) -> Meter:
    paid = {**meter.redeemed, one.voucher.lane: (one.voucher.calls, one.voucher.amount)}
    return replace(meter, redeemed=paid)


def code(meter: Meter, one: SignedVoucher) -> str:
    with pytest.raises(Refusal) as refusal:
        due(meter, one)
    return refusal.value.code


def test_each_voucher_pays_what_is_new_since_the_last():
    after = redeemed(METER, signed(10))

    assert due(METER, signed(10)) == 30
    assert due(after, signed(12)) == 6
    assert due(after, signed(5, lane=1)) == 15


def test_replayed_and_stale_vouchers_bring_nothing():
    after = redeemed(METER, signed(10))

    assert [code(after, signed(calls)) for calls in (10, 9, 1, 0)] == [
        "voucher_stale"
    ] * 4


def test_all_lanes_together_never_pass_the_deposit():
    after = redeemed(redeemed(METER, signed(20)), signed(10, lane=1))

    assert due(after, signed(3, lane=2)) == 9
    assert code(after, signed(4, lane=2)) == "voucher_over_deposit"
    assert code(METER, signed(34)) == "voucher_over_deposit"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"meter": "other"}, "voucher_meter"),
        ({"lane": MAX_LANES}, "voucher_lane"),
        ({"amount": 29}, "voucher_amount"),
    ],
)
def test_a_voucher_must_fit_its_meter(change, expected):
    assert code(METER, signed(10, **change)) == expected


def test_nobody_else_can_sign_or_change_a_voucher():
    honest = signed(10)
    forged = sign_voucher(bytes(32), honest.voucher)
    changed = SignedVoucher(Voucher("m", 0, 11, 33), honest.signature)

    assert code(METER, forged) == code(METER, changed) == "voucher_signature"


def test_a_lost_voucher_is_made_good_by_the_next():
    first = next_voucher(METER, lane=0, calls=4, last=None)
    lost = next_voucher(METER, lane=0, calls=5, last=first)
    third = next_voucher(METER, lane=0, calls=1, last=lost)

    assert (third.calls, third.amount) == (10, 30)
    assert due(redeemed(METER, sign_voucher(SEED, first)), sign_voucher(SEED, third))


def test_who_lost_their_notes_goes_on_from_what_was_redeemed():
    after = redeemed(METER, signed(10))

    assert next_voucher(after, lane=0, calls=2, last=None).calls == 12
    old = Voucher("m", 0, 3, 9)
    assert next_voucher(after, lane=0, calls=2, last=old).calls == 12
    with pytest.raises(Invalid):
        next_voucher(after, lane=0, calls=0, last=None)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 40)), min_size=1, max_size=30),
    st.randoms(),
)
def test_in_whatever_order_they_arrive_no_call_is_paid_twice(steps, random):
    made: list[SignedVoucher] = []
    lanes: dict[int, Voucher] = {}
    for lane, calls in steps:
        lanes[lane] = next_voucher(METER, lane=lane, calls=calls, last=lanes.get(lane))
        made.append(sign_voucher(SEED, lanes[lane]))
    arriving = made * 2
    random.shuffle(arriving)
    meter, paid = replace(METER, deposit=10**6), 0
    for one in arriving:
        try:
            paid += due(meter, one)
        except Conflict:
            continue
        meter = redeemed(meter, one)

    assert paid == meter.spent == sum(voucher.amount for voucher in lanes.values())


@given(st.integers(0, 63), st.integers(0, 2**63 - 1), st.integers(0, 10**48 - 1))
def test_a_voucher_survives_its_journey(lane, calls, amount):
    sent = sign_voucher(SEED, Voucher("m", lane, calls, amount))

    assert read_voucher(read_json(canonical_bytes(sent.to_json()))) == sent


@pytest.mark.parametrize(
    "change",
    [
        {"format": "x"},
        {"amount": 30},
        {"amount": "-30"},
        {"amount": "030"},
        {"amount": "٣٠"},
        {"amount": "9" * 60},
        {"calls": True},
        {"calls": -1},
        {"calls": 2**63},
        {"lane": "0"},
        {"more": 1},
        {"signature": None},
    ],
)
def test_what_is_no_voucher_is_refused(change):
    with pytest.raises(Invalid) as refusal:
        read_voucher({**signed(10).to_json(), **change})

    assert refusal.value.code == "voucher_malformed"


@pytest.mark.parametrize("document", [None, [], "x", {}])
def test_other_json_is_no_voucher(document):
    with pytest.raises(Invalid):
        read_voucher(document)
