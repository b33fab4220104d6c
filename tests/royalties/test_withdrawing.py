"""A withdrawal holds its tokens until staff has decided, once."""

from datetime import datetime

import pytest
from django.core.management import call_command

from accounts.models import User
from assay.protocol.errors import (
    Conflict,
    Forbidden,
    InsufficientFunds,
    Invalid,
    LimitReached,
    NotFound,
)
from ledger import selectors as book
from ledger import wallets
from ledger.services import AccountKind
from royalties.models import Withdrawal
from royalties.services import withdrawing
from tests.builders import world
from tests.builders.world import UNIT
from tests.services.threads import at_once

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def staff(alice: User) -> User:
    alice.is_staff = True
    alice.save(update_fields=["is_staff"])
    return alice


def ask(user: User, tokens: int, now: datetime, key: str = "k") -> Withdrawal:
    return withdrawing.request_withdrawal(
        user=user, amount=tokens * UNIT, destination="DE00 1234", key=key, now=now
    )


def free(user: User) -> int:
    found = book.available(kind=AccountKind.WALLET, owner=user.owner_key, asset="AST")
    return found // UNIT


def test_a_request_holds_the_tokens_and_paying_takes_them_out(
    rich: User, staff: User, now: datetime
):
    made = ask(rich, 300, now)
    assert ask(rich, 300, now) == made
    assert (wallets.balance_of(rich) // UNIT, free(rich)) == (1000, 700)

    withdrawing.mark_paid(
        withdrawal_id=str(made.id), staff=staff, note="wired", now=now
    )

    assert (wallets.balance_of(rich) // UNIT, free(rich)) == (700, 700)
    with pytest.raises(Conflict):
        withdrawing.refuse(withdrawal_id=str(made.id), staff=staff, note="", now=now)
    call_command("verify_ledger")


def test_a_refused_request_gives_the_tokens_free_and_says_why(
    rich: User, staff: User, now: datetime
):
    made = ask(rich, 300, now)

    withdrawing.refuse(
        withdrawal_id=str(made.id), staff=staff, note="no such account", now=now
    )

    made.refresh_from_db()
    assert (made.status, made.note, free(rich)) == ("refused", "no such account", 1000)


def test_what_is_held_cannot_be_withdrawn_again(rich: User, now: datetime):
    ask(rich, 700, now)

    with pytest.raises(InsufficientFunds):
        ask(rich, 301, now, key="other")
    with pytest.raises(Conflict):
        ask(rich, 1, now)
    assert Withdrawal.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_eight_decisions_at_once_pay_or_refuse_once(
    rich: User, staff: User, now: datetime
):
    made = ask(rich, 300, now)

    def decide(verb) -> bool:
        try:
            verb(withdrawal_id=str(made.id), staff=staff, note="", now=now)
        except Conflict:
            return False
        return True

    verbs = [withdrawing.mark_paid, withdrawing.refuse] * 4
    answers = at_once([lambda verb=verb: decide(verb) for verb in verbs])

    made.refresh_from_db()
    assert sum(answers) == 1
    assert free(rich) == (700 if made.status == "paid" else 1000)


def test_only_staff_decides_and_only_five_wait(
    rich: User, bob: User, staff: User, now: datetime
):
    made = ask(rich, 1, now)
    with pytest.raises(Forbidden):
        withdrawing.mark_paid(withdrawal_id=str(made.id), staff=bob, note="", now=now)
    with pytest.raises(NotFound):
        withdrawing.refuse(withdrawal_id="x", staff=staff, note="", now=now)
    for number in range(4):
        ask(rich, 1, now, key=f"k{number}")
    with pytest.raises(LimitReached):
        ask(rich, 1, now, key="k9")


def test_nobody_decides_on_their_own(staff: User, now: datetime):
    world.fund(staff, 10, now)
    made = ask(staff, 10, now)

    with pytest.raises(Forbidden) as refusal:
        withdrawing.mark_paid(withdrawal_id=str(made.id), staff=staff, note="", now=now)

    assert refusal.value.code == "withdrawal_own"


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_is_not_withdrawn(rich: User, now: datetime, amount: int):
    with pytest.raises(Invalid):
        ask(rich, amount, now)
