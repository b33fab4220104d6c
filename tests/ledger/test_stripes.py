"""A hot account is several rows, and one account to everybody who asks."""

import pytest
from django.db import connection, transaction

from assay.protocol.errors import InsufficientFunds
from ledger import selectors
from ledger.holds import Hold, capture, hold, release
from ledger.models import Account, AccountKind, Transfer
from ledger.services import STRIPES, Entry, Request, account, post_many, reverse
from ledger.verification import verify
from tests.ledger.book import AST, NOON, issuance, issue, transfer, units_of, wallet
from tests.services.threads import at_once

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _the_book_is_right_afterwards(ast):
    yield
    assert [check.name for check in verify() if not check.ok] == []


def _escrow():
    return account(kind=AccountKind.ESCROW, owner="competition:1", asset=AST)


def _balance():
    return selectors.balance(kind=AccountKind.ESCROW, owner="competition:1", asset=AST)


def _fund(units):
    return transfer((issuance(), -units), (_escrow(), units))


def _pay(owner, units, **request):
    return transfer((_escrow(), -units), (wallet(owner), units), **request)


def _request(number, units):
    return Request(
        caller="test",
        key=str(number),
        kind="payment",
        entries=(Entry(_escrow(), -units), Entry(wallet("bob"), units)),
        reference="",
        memo="",
        recorded_at=NOON,
    )


def test_a_hot_account_is_opened_in_stripes_where_writers_do_not_take_turns():
    expected = STRIPES if connection.vendor == "postgresql" else 1

    assert _escrow() == _escrow()
    assert _escrow().stripe == 0
    assert Account.objects.filter(kind="escrow").count() == expected
    wallet("alice")
    assert Account.objects.filter(kind="wallet").count() == 1


def test_all_stripes_together_are_the_account():
    for units in range(1, 20):
        _fund(units)

    assert _balance() == 190
    position = selectors.position(_escrow())
    assert (position.account, position.balance) == (_escrow(), 190)
    assert [p.balance for p in selectors.accounts_of("competition:1")] == [190]


def test_a_payment_larger_than_any_stripe_takes_from_several():
    for _ in range(20):
        _fund(10)

    _pay("alice", 199)

    assert (_balance(), units_of("alice")) == (1, 199)


def test_only_what_all_stripes_lack_is_missing():
    for _ in range(20):
        _fund(10)

    with pytest.raises(InsufficientFunds) as refused:
        _pay("alice", 201)
    _pay("alice", 200)

    assert refused.value.sentence == "The escrow holds 2 AST, and 2.01 are needed."
    assert _balance() == 0


def test_the_same_payment_over_other_stripes_is_the_same_request():
    for _ in range(20):
        _fund(10)
    first = _pay("alice", 15, key="k")

    assert _pay("alice", 15, key="k") == first
    assert units_of("alice") == 15


def test_a_payment_out_of_stripes_is_reversed_by_one_into_the_account():
    for _ in range(20):
        _fund(10)
    paid = _pay("alice", 150)

    with transaction.atomic():
        reverse(transfer=paid, caller="test", key="undo", memo="", now=NOON)

    assert (_balance(), units_of("alice")) == (200, 0)


def test_a_batch_out_of_stripes_is_carried_out_whole():
    for _ in range(20):
        _fund(10)

    with transaction.atomic():
        post_many(requests=[_request(n, 19) for n in range(10)])

    assert (_balance(), units_of("bob")) == (10, 190)


def test_eight_payers_empty_an_account_that_was_filled_by_one_payment():
    _fund(1500)
    wallet("bob")

    def spend():
        refusals = 0
        for _ in range(30):
            try:
                _pay("bob", 7)
            except InsufficientFunds:
                refusals += 1
        return refusals

    answers = at_once([spend] * 8)

    paid = 1500 // 7
    assert sum(answers) == 240 - paid
    assert (_balance(), units_of("bob")) == (1500 - 7 * paid, 7 * paid)


def test_eight_payers_in_and_out_of_two_hot_accounts_do_not_deadlock():
    other = account(kind=AccountKind.POOL, owner="pool:1", asset=AST)
    _fund(4000)
    transfer((issuance(), -4000), (other, 4000))

    def move(n):
        for step in range(12):
            units = 300 if step % 4 == 0 else 20
            there, here = (_escrow(), other) if (n + step) % 2 else (other, _escrow())
            transfer((here, -units), (there, units))
        return "moved"

    answers = at_once([lambda n=n: move(n) for n in range(8)])

    assert answers == ["moved"] * 8
    total = sum(
        selectors.balance(kind=kind, owner=owner, asset=AST)
        for kind, owner in (
            (AccountKind.ESCROW, "competition:1"),
            (AccountKind.POOL, "pool:1"),
        )
    )
    assert total == 8000


def test_a_waiting_payer_leaves_money_on_another_stripe_for_the_next():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one row an account: its writers take turns")
    _fund(8000)
    for n in range(8):
        wallet(f"user:{n}")

    def spend(n):
        for _ in range(20):
            _pay(f"user:{n}", 1)

    at_once([lambda n=n: spend(n) for n in range(8)])

    filled = selectors.stripes(_escrow()).filter(balance__gt=0).count()
    assert filled > 1


def _hold(units, key="h"):
    with transaction.atomic():
        return hold(
            caller="test",
            key=key,
            account=_escrow(),
            amount=units,
            reference="job:1",
            memo="",
            expires_at=None,
            now=NOON,
        )


def test_a_hold_larger_than_any_stripe_is_gathered_on_one():
    for _ in range(20):
        _fund(10)

    made = _hold(150)

    position = selectors.position(_escrow())
    assert (position.balance, position.available) == (200, 50)
    assert selectors.open_holds(_escrow()) == [made]
    with pytest.raises(InsufficientFunds) as refused:
        _pay("alice", 51)
    assert "2 AST, 1.5 of it held for other things, and 0.51" in str(refused.value)
    _pay("alice", 50)


def test_a_hold_on_a_hot_account_is_captured_and_released():
    for _ in range(20):
        _fund(10)
    spent, freed = _hold(50, "a"), _hold(60, "b")

    with transaction.atomic():
        capture(hold=spent, into=wallet("bob"), kind="fee", memo="", now=NOON)
        release(hold=freed, now=NOON)

    assert (_balance(), units_of("bob")) == (150, 50)
    assert selectors.position(_escrow()).held == 0


def test_more_than_all_stripes_have_cannot_be_held():
    for _ in range(20):
        _fund(10)

    with pytest.raises(InsufficientFunds):
        _hold(201)

    assert Hold.objects.count() == 0


def test_eight_clients_hold_no_more_than_there_is():
    for _ in range(10):
        _fund(10)

    answers = at_once([lambda n=n: _hold(30, f"h{n}") for n in range(8)])

    refused = [a for a in answers if isinstance(a, InsufficientFunds)]
    assert len(refused) == 5
    assert selectors.position(_escrow()).available == 10


def test_an_account_of_one_row_still_works_where_new_ones_have_stripes():
    old = Account.objects.create(kind="escrow", owner="competition:1", asset_id=AST)
    _fund(10)

    _pay("alice", 10)

    assert (_escrow(), _balance()) == (old, 0)
    assert Transfer.objects.count() == 2
    issue("bob", 1)
