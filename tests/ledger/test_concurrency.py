"""Real connections that race each other, and a book that stays right."""

import pytest
from django.db import transaction

from assay.protocol.errors import Conflict, InsufficientFunds
from ledger.models import Account, Transfer
from ledger.services import Entry, post, reverse
from ledger.verification import verify
from tests.ledger.book import NOON, issuance, issue, pay, transfer, units_of, wallet
from tests.services.threads import at_once

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

CLIENTS = 8


@pytest.fixture(autouse=True)
def _the_book_is_right_afterwards(ast):
    yield
    assert [check.name for check in verify() if not check.ok] == []


def test_eight_spenders_cannot_overdraw_one_account():
    issue("alice", 100)
    wallet("bob")

    def spend():
        refusals = 0
        for _ in range(5):
            try:
                pay("alice", "bob", 7)
            except InsufficientFunds:
                refusals += 1
        return refusals

    refusals = at_once([spend] * CLIENTS)

    assert sum(refusals) == CLIENTS * 5 - 14
    assert (units_of("alice"), units_of("bob")) == (100 - 14 * 7, 14 * 7)


def test_one_key_from_eight_clients_is_one_transfer():
    issue("alice", 100)
    wallet("bob")

    answers = at_once([lambda: pay("alice", "bob", 60, key="k").pk] * CLIENTS)

    assert len(set(answers)) == 1
    assert Transfer.objects.filter(key="k").count() == 1
    assert (units_of("alice"), units_of("bob")) == (40, 60)


def test_one_key_that_takes_all_the_money_is_still_one_answer():
    """Who comes second finds the account empty, and must not be told so."""
    issue("alice", 60)
    wallet("bob")

    answers = at_once([lambda: pay("alice", "bob", 60, key="k").pk] * CLIENTS)

    assert answers == [Transfer.objects.get(key="k").pk] * CLIENTS


def test_one_key_for_different_requests_is_one_transfer_and_conflicts():
    """No account is shared, so only the key's uniqueness can decide."""
    for n in range(CLIENTS):
        issue(f"payer:{n}", 10)
        wallet(f"payee:{n}")

    answers = at_once(
        [
            lambda n=n: pay(f"payer:{n}", f"payee:{n}", 10, key="k")
            for n in range(CLIENTS)
        ]
    )

    made = [answer for answer in answers if isinstance(answer, Transfer)]
    refused = [answer for answer in answers if isinstance(answer, Conflict)]
    assert (len(made), len(refused)) == (1, CLIENTS - 1)
    assert {refusal.code for refusal in refused} == {"idempotency_key_reused"}
    assert sum(units_of(f"payee:{n}") for n in range(CLIENTS)) == 10


def test_a_lost_race_for_a_key_leaves_the_transaction_usable():
    issue("alice", 10)
    issue("bob", 10)
    wallet("charlie")

    def pay_then_pay_again(payer):
        with transaction.atomic():
            try:
                pay(payer, "charlie", 1, key="k")
            except Conflict:
                return pay(payer, "charlie", 2)

    outcomes = at_once(
        [lambda payer=payer: pay_then_pay_again(payer) for payer in ("alice", "bob")]
    )

    assert sum(isinstance(outcome, Transfer) for outcome in outcomes) == 1
    assert units_of("charlie") == 3


def test_a_transfer_is_reversed_once_by_eight_clients():
    issue("alice", 100)
    payment = pay("alice", "bob", 60)
    issue("bob", 1000)

    def undo(key):
        with transaction.atomic():
            return reverse(transfer=payment, caller="test", key=key, memo="", now=NOON)

    answers = at_once([lambda n=n: undo(f"undo:{n}") for n in range(CLIENTS)])

    refused = [answer for answer in answers if isinstance(answer, Conflict)]
    assert {refusal.code for refusal in refused} == {"transfer_already_reversed"}
    assert len(refused) == CLIENTS - 1
    assert (units_of("alice"), units_of("bob")) == (100, 1000)


def test_payments_in_opposite_directions_do_not_deadlock():
    owners = ["alice", "bob", "charlie"]
    for owner in owners:
        issue(owner, 1000)

    def pay_around(n):
        for step in range(6):
            payer, payee = owners[(n + step) % 3], owners[(n + step * n + 1) % 3]
            if payer != payee:
                pay(payer, payee, 3)
        return "paid"

    outcomes = at_once([lambda n=n: pay_around(n) for n in range(CLIENTS)])

    assert outcomes == ["paid"] * CLIENTS
    assert sum(map(units_of, owners)) == 3000


def test_wide_transfers_over_the_same_accounts_do_not_deadlock():
    payees = [wallet(f"user:{n}") for n in range(40)]
    issue("alice", 10_000)
    alice = wallet("alice")

    def share(n):
        order = payees if n % 2 else payees[::-1]
        return transfer((alice, -40), *((payee, 1) for payee in order)).pk

    outcomes = at_once([lambda n=n: share(n) for n in range(CLIENTS)])

    assert len(set(outcomes)) == CLIENTS
    assert {units_of(f"user:{n}") for n in range(40)} == {CLIENTS}


def test_an_account_opened_by_eight_clients_is_one():
    opened = at_once([lambda: wallet("alice").pk] * CLIENTS)

    assert len(set(opened)) == 1
    assert Account.objects.filter(owner="alice").count() == 1


def test_statements_stay_in_order_under_a_race():
    issue("alice", 10_000)
    wallet("bob")

    def spend():
        for units in range(1, 6):
            pay("alice", "bob", units)

    at_once([spend] * CLIENTS)

    lines = list(wallet("alice").postings.order_by("transfer__seq"))
    assert [line.pk for line in lines] == sorted(line.pk for line in lines)
    running = 0
    for line in lines:
        running += line.amount
        assert line.balance_after == running


def test_a_payment_waits_for_the_money_that_another_transaction_is_paying_in():
    """Balances are read under the lock, never from before it."""
    issue("alice", 1)
    wallet("bob")

    def pay_in():
        return issue("alice", 99)

    def pay_out():
        while True:
            try:
                return pay("alice", "bob", 100)
            except InsufficientFunds:
                continue

    at_once([pay_out, pay_in])

    assert (units_of("alice"), units_of("bob")) == (0, 100)


def test_stale_account_objects_do_no_harm():
    alice = issue("alice", 100)
    stale = wallet("alice")
    pay("alice", "bob", 100)

    with pytest.raises(InsufficientFunds), transaction.atomic():
        post(
            caller="test",
            key="stale",
            kind="payment",
            entries=[Entry(stale, -alice.balance), Entry(issuance(), alice.balance)],
            reference="",
            memo="",
            now=NOON,
        )
