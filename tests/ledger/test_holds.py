"""What is held cannot be spent by anything else, and each hold ends once."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.transaction import TransactionManagementError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.protocol.errors import Conflict, InsufficientFunds, Invalid
from assay.protocol.money import MAX_UNITS
from ledger import selectors
from ledger.holds import Hold, capture, expire_due, hold, release
from ledger.models import Account, AccountKind, Transfer
from ledger.services import Entry, account
from ledger.tasks import expire_holds
from ledger.verification import verify
from tests.ledger.book import (
    AST,
    NOON,
    issuance,
    issue,
    pay,
    transfer,
    units_of,
    wallet,
)
from tests.services.threads import at_once

pytestmark = [pytest.mark.database, pytest.mark.django_db]

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _the_book_is_right_afterwards(ast):
    yield
    assert [check.name for check in verify() if not check.ok] == []


def _hold(owner, amount, *, key="h", expires_at=None, memo="", now=NOON):
    with transaction.atomic():
        return hold(
            caller="test",
            key=key,
            account=wallet(owner),
            amount=amount,
            reference="job:1",
            memo=memo,
            expires_at=expires_at,
            now=now,
        )


def _capture(made, *, now=NOON, **parts):
    with transaction.atomic():
        return capture(hold=made, kind="fee", memo="", now=now, **parts)


def _release(made):
    with transaction.atomic():
        return release(hold=made, now=NOON)


def _available(owner):
    return selectors.available(kind=AccountKind.WALLET, owner=owner, asset=AST)


def test_what_is_held_stays_in_the_balance_and_is_not_available():
    issue("alice", 100)

    made = _hold("alice", 60)

    assert (units_of("alice"), _available("alice")) == (100, 40)
    assert selectors.open_holds(wallet("alice")) == [made]


def test_what_is_held_cannot_be_spent_and_the_refusal_says_so():
    issue("alice", 150)
    _hold("alice", 60)

    with pytest.raises(InsufficientFunds) as refused:
        pay("alice", "bob", 91)
    pay("alice", "bob", 90)

    assert refused.value.sentence == (
        "The wallet holds 1.5 AST, 0.6 of it held for other things,"
        " and 0.91 are needed."
    )
    assert _available("alice") == 0


def test_money_can_come_into_an_account_that_is_held_in_full():
    issue("alice", 50)
    _hold("alice", 50)

    issue("alice", 1)

    assert _available("alice") == 1


def test_more_than_is_available_cannot_be_held():
    issue("alice", 100)
    _hold("alice", 60)

    with pytest.raises(InsufficientFunds):
        _hold("alice", 41, key="second")

    assert _hold("alice", 40, key="second").amount == 40


def test_the_same_request_is_the_same_hold_whatever_became_of_it():
    issue("alice", 100)
    made = _hold("alice", 60, expires_at=NOON + HOUR)

    assert _hold("alice", 60, expires_at=NOON + 2 * HOUR) == made
    _release(made)
    again = _hold("alice", 60)

    assert (again.pk, again.status) == (made.pk, "released")
    assert _available("alice") == 100


@pytest.mark.parametrize("other", [{"amount": 59}, {"memo": "m"}, {"owner": "bob"}])
def test_a_key_of_another_hold_is_refused(other):
    issue("alice", 100)
    issue("bob", 100)
    _hold("alice", 60)

    with pytest.raises(Conflict) as refused:
        _hold(**{"owner": "alice", "amount": 60, **other})

    assert refused.value.code == "idempotency_key_reused"


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"amount": 0}, "hold_of_nothing"),
        ({"amount": -1}, "hold_of_nothing"),
        ({"key": ""}, "transfer_key_length"),
        ({"key": "k" * 201}, "transfer_key_length"),
        ({"expires_at": NOON}, "hold_expired_already"),
    ],
)
def test_a_hold_that_makes_no_sense_is_refused(request_, code):
    issue("alice", 100)

    with pytest.raises(Invalid) as refused:
        _hold(**{"owner": "alice", "amount": 60, **request_})

    assert refused.value.code == code
    assert _available("alice") == 100


@pytest.mark.parametrize("kind", [AccountKind.ISSUANCE, AccountKind.FEES])
def test_some_kinds_carry_no_holds(kind):
    target = account(kind=kind, owner="platform", asset=AST)

    with pytest.raises(Invalid) as refused, transaction.atomic():
        hold(
            caller="test",
            key="h",
            account=target,
            amount=1,
            reference="",
            memo="",
            expires_at=None,
            now=NOON,
        )

    assert refused.value.code == "account_holds_nothing"
    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.filter(pk=target.pk).update(held=1)


def test_a_captured_hold_becomes_a_transfer_and_the_rest_is_free():
    issue("alice", 100)
    made = _hold("alice", 60)

    paid = _capture(made, into=wallet("bob"), amount=25)

    assert (units_of("alice"), units_of("bob")) == (75, 25)
    assert _available("alice") == 75
    kept = Hold.objects.get(pk=made.pk)
    assert (kept.status, kept.captured, kept.transfer) == ("captured", 25, paid)
    assert (paid.reference, paid.kind) == ("job:1", "fee")


def test_a_hold_can_be_captured_into_several_accounts():
    issue("alice", 100)
    made = _hold("alice", 60)

    _capture(made, entries_to=[Entry(wallet("bob"), 40), Entry(wallet("charlie"), 20)])

    assert [units_of(o) for o in ("alice", "bob", "charlie")] == [40, 40, 20]


def test_a_capture_repeated_is_the_same_transfer():
    issue("alice", 100)
    made = _hold("alice", 60)
    first = _capture(made, into=wallet("bob"), amount=25)

    assert _capture(made, into=wallet("bob"), amount=25) == first
    with pytest.raises(Conflict, match="used for another request"):
        _capture(made, into=wallet("bob"), amount=26)

    assert Transfer.objects.filter(kind="fee").count() == 1
    assert (units_of("alice"), _available("alice")) == (75, 75)


@pytest.mark.parametrize("amount", [0, -1, 61])
def test_a_capture_takes_something_and_no_more_than_is_held(amount):
    issue("alice", 100)
    made = _hold("alice", 60)

    with pytest.raises(Invalid) as refused:
        _capture(made, into=wallet("bob"), amount=amount)

    assert refused.value.code == "hold_capture_amount"
    assert _available("alice") == 40


def test_entries_of_a_capture_are_all_positive_and_sum_to_its_amount():
    issue("alice", 100)
    issue("bob", 5)
    made = _hold("alice", 60)
    crooked = [Entry(wallet("bob"), -5), Entry(wallet("charlie"), 65)]

    with pytest.raises(Invalid):
        _capture(made, entries_to=crooked)
    with pytest.raises(Invalid):
        _capture(made, entries_to=[Entry(wallet("bob"), 5)], amount=6)
    with pytest.raises(TypeError):
        _capture(made)


def test_a_capture_that_is_refused_leaves_the_hold_open():
    issue("alice", 100)
    made = _hold("alice", 60)
    other = account(kind=AccountKind.ISSUANCE, owner="reserve", asset=AST)
    full = wallet("bob")
    transfer((other, -MAX_UNITS), (full, MAX_UNITS))

    with pytest.raises(Conflict) as refused:
        _capture(made, into=full)

    assert refused.value.code == "balance_too_large"
    assert Hold.objects.get(pk=made.pk).status == "open"
    assert _available("alice") == 40


def test_a_released_hold_is_free_and_cannot_be_captured():
    issue("alice", 100)
    made = _hold("alice", 60)

    _release(made)
    _release(made)

    assert _available("alice") == 100
    with pytest.raises(Conflict) as refused:
        _capture(made, into=wallet("bob"))
    assert refused.value.code == "hold_closed"


def test_a_captured_hold_cannot_be_released():
    issue("alice", 100)
    made = _hold("alice", 60)
    _capture(made, into=wallet("bob"))

    with pytest.raises(Conflict) as refused:
        _release(made)

    assert refused.value.code == "hold_captured"
    assert _available("alice") == 40


def test_holds_expire_when_they_are_due_and_once():
    issue("alice", 100)
    _hold("alice", 10, key="soon", expires_at=NOON + HOUR)
    _hold("alice", 20, key="later", expires_at=NOON + 2 * HOUR)
    _hold("alice", 30, key="never")

    assert expire_due(now=NOON + HOUR - timedelta(seconds=1)) == 0
    assert expire_due(now=NOON + HOUR) == 1
    assert expire_due(now=NOON + HOUR) == 0

    assert _available("alice") == 50
    assert Hold.objects.get(key="soon").status == "expired"


def test_a_hold_whose_time_is_over_cannot_be_captured_even_before_the_clock_ran():
    issue("alice", 100)
    made = _hold("alice", 10, expires_at=NOON + HOUR)

    with pytest.raises(Conflict) as refused:
        _capture(made, into=wallet("bob"), now=NOON + HOUR)

    assert refused.value.code == "hold_closed"


def test_the_clock_expires_holds():
    issue("alice", 100)
    _hold("alice", 10, expires_at=NOON + HOUR)

    expire_holds()

    assert _available("alice") == 100


@pytest.mark.django_db(transaction=True)
def test_money_is_held_and_captured_only_inside_a_transaction():
    issue("alice", 100)
    made = _hold("alice", 60)

    with pytest.raises(TransactionManagementError):
        release(hold=made, now=NOON)
    with pytest.raises(TransactionManagementError):
        capture(hold=made, into=wallet("bob"), kind="fee", memo="", now=NOON)


def test_the_database_keeps_holds_as_they_were_made():
    issue("alice", 100)
    _hold("alice", 60)

    for change in (
        lambda: Hold.objects.update(amount=59),
        lambda: Hold.objects.update(account=wallet("bob")),
        lambda: Hold.objects.update(status="captured"),
        lambda: Hold.objects.all()._raw_delete("default"),
        lambda: Account.objects.filter(owner="alice").update(held=101),
        lambda: Account.objects.filter(owner="alice").update(held=-1),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_a_closed_hold_is_never_opened_again():
    issue("alice", 100)
    _release(_hold("alice", 60))

    with pytest.raises(IntegrityError), transaction.atomic():
        Hold.objects.update(status="open", closed_at=None)


@pytest.mark.django_db(transaction=True)
def test_eight_clients_cannot_hold_more_than_there_is():
    issue("alice", 100)

    answers = at_once([lambda n=n: _hold("alice", 30, key=f"h{n}") for n in range(8)])

    refused = [a for a in answers if isinstance(a, InsufficientFunds)]
    assert len(refused) == 5
    assert _available("alice") == 10


@pytest.mark.django_db(transaction=True)
def test_a_hold_that_is_captured_released_and_expired_at_once_ends_once():
    issue("alice", 100)
    issue("bob", 100)
    for n in range(6):
        made = _hold("alice", 10, key=f"h{n}", expires_at=NOON + HOUR)
        copies = [Hold.objects.get(pk=made.pk) for _ in range(4)]

        answers = at_once(
            [
                lambda one=copies[0]: _capture(one, into=wallet("bob"), amount=4),
                lambda one=copies[1]: _capture(one, into=wallet("bob"), amount=4),
                lambda one=copies[2]: _release(one),
                lambda: expire_due(now=NOON + HOUR),
            ]
        )

        kept = Hold.objects.get(pk=made.pk)
        paid = {a for a in answers if isinstance(a, Transfer)}
        assert len(paid) == (kept.status == "captured")
        assert all(isinstance(a, Transfer | Conflict | Hold | int) for a in answers)
    assert selectors.open_holds(wallet("alice")) == []
    assert units_of("alice") + units_of("bob") == 200


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["hold", "capture", "release", "pay"]), st.integers(1, 40)
    ),
    max_size=12,
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
def test_any_sequence_keeps_balances_and_holds_in_step(steps):
    with transaction.atomic():
        issue("alice", 100)
        balance, held, spent = 100, [], 0
        for n, (step, units) in enumerate(steps):
            free = balance - sum(one.amount for one in held)
            if step == "hold" and units <= free:
                held.append(_hold("alice", units, key=f"h{n}"))
            elif step == "pay" and units <= free:
                transfer((wallet("alice"), -units), (issuance(), units))
                balance -= units
            elif step == "capture" and held:
                one = held.pop(units % len(held))
                part = min(units, one.amount)
                _capture(one, into=wallet("bob"), amount=part)
                balance, spent = balance - part, spent + part
            elif step == "release" and held:
                _release(held.pop(units % len(held)))
        kept = wallet("alice")

        assert (kept.balance, kept.held) == (balance, sum(one.amount for one in held))
        assert units_of("bob") == spent
        assert all(check.ok for check in verify())
        transaction.set_rollback(True)
