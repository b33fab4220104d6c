"""The record of a payment gives everybody the same parts; bad ones are refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.protocol.canonical import canonical_bytes, read_json
from assay.protocol.drawing import Seed, commitment_to
from assay.protocol.errors import Invalid
from assay.protocol.payments import (
    LineageModel,
    PaymentRecord,
    fee_of,
    read_record,
    settle,
)
from assay.protocol.waterfall import Node, distribute, entitlements
from tests.protocol.test_waterfall import lineages


def record(nodes, amount, fee_bps=0, random=()):
    return PaymentRecord(
        payment="p",
        model="m0",
        amount=amount,
        asset="AST",
        decimals=18,
        fee_bps=fee_bps,
        paid_at="2026-03-01T12:00:00+00:00",
        lineage=tuple(
            LineageModel(node, f"o/{node.model}", "d" * 64, node.model in random)
            for node in nodes
        ),
        seed=Seed(commitment_to("s"), "s", "mine"),
    )


@given(
    lineages(),
    st.integers(0, 10**40),
    st.integers(0, 5000),
    st.sets(st.sampled_from(["m0", "m1", "m2"])),
)
def test_a_record_survives_its_journey_and_sums_to_the_amount(
    nodes, amount, fee, random
):
    sent = record(nodes, amount, fee, random)

    read = read_record(read_json(canonical_bytes(sent.to_json())))
    settled = settle(read)

    assert read == sent
    assert settled == settle(sent)
    assert settled.fee + sum(part.amount for part in settled.parts) == amount
    drawn = dict.fromkeys(random, 0)
    for part in settled.parts:
        if part.model in drawn:
            drawn[part.model] += 1
    assert all(count <= 1 for count in drawn.values())


@given(lineages(), st.randoms(), st.integers(0, 10**30))
def test_the_order_of_the_lineage_changes_nothing(nodes, random, amount):
    shuffled = list(nodes)
    random.shuffle(shuffled)

    assert settle(record(shuffled, amount)) == settle(record(nodes, amount))


@given(lineages(), st.integers(0, 10**30), st.integers(0, 10**30))
def test_nobody_gets_less_when_their_exact_part_rises_by_a_base_unit(
    nodes, amount, more
):
    due = entitlements("m0", nodes)
    before, after = distribute(amount, due), distribute(amount + more, due)

    for entitlement, old, new in zip(due, before, after, strict=True):
        assert new.amount >= old.amount - 1
        if more * entitlement.fraction >= 1:
            assert new.amount >= old.amount


def test_a_rise_by_less_can_cost_somebody_one_base_unit():
    """The largest remainder's paradox of Alabama: 10 and 11 units over 6 : 6 : 2."""
    due = entitlements("m", [Node("m", (("a", 6), ("b", 6), ("c", 2)))])

    amounts = [[p.amount for p in distribute(units, due)] for units in (10, 11)]

    assert amounts == [[4, 4, 2], [5, 5, 1]]


@given(st.integers(0, 10**40), st.integers(0, 10**20), st.integers(0, 5000))
def test_the_fee_is_rounded_down_and_rises_with_the_price(amount, more, fee):
    assert fee_of(amount, fee) * 10_000 <= amount * fee
    assert fee_of(amount, fee) <= fee_of(amount + more, fee)
    assert amount - fee_of(amount, fee) <= amount + more - fee_of(amount + more, fee)


@pytest.mark.parametrize("fee", [-1, 5001])
def test_an_absurd_fee_is_refused(fee):
    with pytest.raises(Invalid):
        fee_of(1, fee)


GOOD = record(
    [
        Node("m0", (("ann", 1),), (("m1", Decimal("12.5")),)),
        Node("m1", (("bob", 2), ("cy", 1))),
    ],
    1000,
).to_json()


@pytest.mark.parametrize(
    "change",
    [
        {"format": "assay-payment/2"},
        {"amount": 1000},
        {"amount": "x"},
        {"more": 1},
        {"lineage": [{}]},
        {"lineage": None},
        {"seed": {}},
        {"lineage": [{**GOOD["lineage"][0], "shares": [["ann", -1]]}]},
        {"lineage": [{**GOOD["lineage"][0], "parents": [["m1", "NaN"]]}]},
        {"lineage": [{**GOOD["lineage"][0], "distribution": "?"}]},
    ],
)
def test_what_is_no_record_is_refused(change):
    with pytest.raises(Invalid):
        read_record({**GOOD, **change})


@pytest.mark.parametrize("document", [None, [], "x", {}, 1])
def test_other_json_is_no_record(document):
    with pytest.raises(Invalid):
        read_record(document)
