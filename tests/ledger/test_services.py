"""Posting moves money once, wholly or not at all."""

import pytest
from django.db import transaction
from django.db.transaction import TransactionManagementError

from assay.protocol.errors import Conflict, InsufficientFunds, Invalid, NotFound
from assay.protocol.money import MAX_UNITS
from ledger.models import Account, AccountKind, Posting, Transfer
from ledger.services import Entry, account, ensure_asset, merged, post, reverse
from tests.ledger.book import (
    NOON,
    issuance,
    issue,
    pay,
    transfer,
    units_of,
    wallet,
)

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def test_an_asset_is_made_once_and_keeps_its_decimals():
    assert ensure_asset("AST", 2).pk == "AST"

    with pytest.raises(Conflict) as refused:
        ensure_asset("AST", 18)

    assert refused.value.code == "asset_decimals_fixed"


def test_an_account_is_opened_once_for_owner_kind_and_asset():
    ensure_asset("EUR", 2)
    first = wallet("user:1")

    assert wallet("user:1") == first
    assert first.balance == 0
    assert account(kind=AccountKind.ESCROW, owner="user:1", asset="AST") != first
    assert account(kind=AccountKind.WALLET, owner="user:1", asset="EUR") != first
    assert wallet("user:2") != first


def test_an_account_in_an_unknown_asset_is_refused():
    with pytest.raises(NotFound, match="There is no asset XYZ"):
        account(kind=AccountKind.WALLET, owner="user:1", asset="XYZ")


def test_a_transfer_moves_exactly_its_amounts():
    issue("alice", 500)

    made = transfer(
        (wallet("alice"), -300), (wallet("bob"), 200), (wallet("charlie"), 100)
    )

    assert (units_of("alice"), units_of("bob"), units_of("charlie")) == (200, 200, 100)
    assert issuance().balance == -500
    kept = {(p.account.owner, p.amount, p.balance_after) for p in made.postings.all()}
    assert kept == {("alice", -300, 200), ("bob", 200, 200), ("charlie", 100, 100)}
    assert made.recorded_at == NOON


def test_amounts_beyond_64_and_128_bits_move_exactly():
    issue("alice", MAX_UNITS)

    pay("alice", "bob", 2**130 + 1)

    assert units_of("alice") == MAX_UNITS - 2**130 - 1
    assert units_of("bob") == 2**130 + 1


def test_a_transfer_in_two_assets_balances_in_each():
    ensure_asset("EUR", 2)
    issue("alice", 10)
    euros = account(kind=AccountKind.WALLET, owner="bob", asset="EUR")
    transfer((issuance("EUR"), -7), (euros, 7))
    alices_euros = account(kind=AccountKind.WALLET, owner="alice", asset="EUR")

    transfer(
        (wallet("alice"), -10), (wallet("bob"), 10), (euros, -7), (alices_euros, 7)
    )

    alices_euros.refresh_from_db()
    assert (units_of("bob"), alices_euros.balance) == (10, 7)


def test_an_overdraft_is_refused_with_what_is_there_and_what_is_needed():
    issue("alice", 150)

    with pytest.raises(InsufficientFunds) as refused:
        pay("alice", "bob", 1000)

    assert refused.value.code == "insufficient_funds"
    assert refused.value.sentence == "The wallet holds 1.5 AST, and 10 are needed."
    assert (units_of("alice"), units_of("bob")) == (150, 0)


def test_a_refusal_leaves_the_callers_transaction_usable():
    issue("alice", 5)

    with transaction.atomic():
        with pytest.raises(InsufficientFunds):
            pay("alice", "bob", 6)
        pay("alice", "bob", 5)

    assert units_of("bob") == 5


def test_only_issuance_goes_below_zero():
    with pytest.raises(InsufficientFunds):
        pay("alice", "bob", 1)

    issue("alice", 1)
    assert issuance().balance == -1


def test_a_balance_that_would_outgrow_its_bounds_is_refused():
    issue("alice", MAX_UNITS)

    with pytest.raises(Conflict) as refused:
        issue("bob", 1)

    assert refused.value.code == "balance_too_large"


def test_the_same_request_is_one_transfer_with_the_same_answer():
    issue("alice", 100)

    first = pay("alice", "bob", 60, key="k")
    again = pay("alice", "bob", 60, key="k")

    assert again == first
    assert again.seq == first.seq
    assert units_of("bob") == 60


def test_a_repeated_request_is_answered_even_when_the_money_is_gone():
    issue("alice", 100)
    first = pay("alice", "bob", 100, key="k")

    assert pay("alice", "bob", 100, key="k") == first


def test_the_order_of_entries_does_not_make_another_request():
    issue("alice", 100)
    alice, bob = (wallet("alice"), -60), (wallet("bob"), 60)

    assert transfer(alice, bob, key="k") == transfer(bob, alice, key="k")


@pytest.mark.parametrize(
    "other",
    [
        {"units": 61},
        {"payee": "charlie"},
        {"kind": "gift"},
        {"memo": "another"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_a_key_used_for_another_request_is_a_conflict(other):
    issue("alice", 500)
    pay("alice", "bob", 60, key="k")
    request = {"payer": "alice", "payee": "bob", "units": 60, **other}

    with pytest.raises(Conflict) as refused:
        pay(**request, key="k")

    assert refused.value.code == "idempotency_key_reused"
    assert (units_of("alice"), units_of("bob")) == (440, 60)


def test_two_callers_may_use_the_same_key():
    issue("alice", 100)

    pay("alice", "bob", 10, key="k", caller="prizes")
    pay("alice", "bob", 20, key="k", caller="royalties")

    assert units_of("bob") == 30


@pytest.mark.parametrize(
    ("amounts", "code"),
    [
        ([-5, 4], "transfer_unbalanced"),
        ([], "transfer_one_sided"),
        ([0], "transfer_one_sided"),
        ([-5, 5, 0], "transfer_of_nothing"),
    ],
)
def test_entries_that_make_no_transfer_are_refused(amounts, code):
    issue("alice", 100)
    owners = ["alice", "bob", "charlie"]

    with pytest.raises(Invalid) as refused:
        transfer(*zip(map(wallet, owners), amounts, strict=False))

    assert refused.value.code == code
    assert Transfer.objects.count() == 1


def test_assets_do_not_balance_each_other():
    ensure_asset("EUR", 2)
    issue("alice", 100)

    with pytest.raises(Invalid) as refused:
        transfer((wallet("alice"), -5), (issuance("EUR"), 5))

    assert refused.value.code == "transfer_unbalanced"


def test_an_account_may_take_part_only_once():
    alice = issue("alice", 100)

    with pytest.raises(Invalid) as refused:
        transfer((alice, -5), (alice, 5))

    assert refused.value.code == "transfer_account_twice"


@pytest.mark.parametrize("key", ["", "k" * 201])
def test_a_key_has_1_to_200_characters(key):
    alice, bob = issue("alice", 5), wallet("bob")

    with pytest.raises(Invalid, match="idempotency key"), transaction.atomic():
        post(
            caller="test",
            key=key,
            kind="payment",
            entries=[Entry(alice, -5), Entry(bob, 5)],
            reference="",
            memo="",
            now=NOON,
        )


def test_merged_sums_an_accounts_entries_and_drops_what_nets_to_nothing():
    alice, bob, charlie = map(wallet, ["alice", "bob", "charlie"])

    entries = merged(
        [
            Entry(bob, 3),
            Entry(alice, -10),
            Entry(charlie, 5),
            Entry(bob, 7),
            Entry(charlie, -5),
        ]
    )

    assert entries == (Entry(bob, 10), Entry(alice, -10))


def test_a_reversal_mirrors_the_transfer_and_names_it():
    issue("alice", 100)
    payment = pay("alice", "bob", 60)

    undone = _reverse(payment, key="undo")

    assert (units_of("alice"), units_of("bob")) == (100, 0)
    assert undone.reverses == payment
    assert undone.reference == payment.reference


def test_a_transfer_is_reversed_once():
    issue("alice", 100)
    payment = pay("alice", "bob", 60)
    undone = _reverse(payment, key="undo")

    assert _reverse(payment, key="undo") == undone
    with pytest.raises(Conflict) as refused:
        _reverse(payment, key="undo again")

    assert refused.value.code == "transfer_already_reversed"
    assert units_of("alice") == 100


def test_a_reversal_cannot_be_reversed():
    issue("alice", 100)
    undone = _reverse(pay("alice", "bob", 60), key="undo")

    with pytest.raises(Conflict) as refused:
        _reverse(undone, key="redo")

    assert refused.value.code == "reversal_is_final"


def test_a_reversal_of_what_was_spent_since_is_refused():
    issue("alice", 100)
    payment = pay("alice", "bob", 60)
    pay("bob", "charlie", 1)

    with pytest.raises(InsufficientFunds):
        _reverse(payment, key="undo")

    assert units_of("bob") == 59


def test_a_payment_to_a_thousand_payees_takes_few_queries(
    django_assert_max_num_queries,
):
    payees = Account.objects.bulk_create(
        Account(kind="wallet", owner=f"user:{n}", asset_id="AST") for n in range(1000)
    )
    issue("alice", 10**6)
    alice = wallet("alice")

    with django_assert_max_num_queries(20):
        made = transfer((alice, -5000), *((payee, 5) for payee in payees))

    assert made.postings.count() == 1001
    assert units_of("user:999") == 5


@pytest.mark.django_db(transaction=True)
def test_a_transfer_outside_a_transaction_is_refused():
    alice, bob = issue("alice", 10), wallet("bob")

    with pytest.raises(TransactionManagementError):
        post(
            caller="test",
            key="k",
            kind="payment",
            entries=[Entry(alice, -5), Entry(bob, 5)],
            reference="",
            memo="",
            now=NOON,
        )


@pytest.mark.django_db(transaction=True)
def test_a_callers_rollback_takes_the_transfer_with_it():
    issue("alice", 100)

    with transaction.atomic():
        pay("alice", "bob", 60, key="k")
        transaction.set_rollback(True)

    assert (units_of("alice"), units_of("bob")) == (100, 0)
    assert Posting.objects.count() == 2
    assert pay("alice", "bob", 70, key="k").postings.count() == 2


def _reverse(payment, *, key):
    with transaction.atomic():
        return reverse(transfer=payment, caller="test", key=key, memo="", now=NOON)
