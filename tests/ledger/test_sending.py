"""Tokens go from one wallet to another, once a key."""

from datetime import datetime
from typing import Any

import pytest

from accounts.models import User
from assay.protocol.errors import Conflict, InsufficientFunds, Invalid
from ledger.models import Transfer
from ledger.sending import send
from ledger.services import AccountKind, account
from ledger.wallets import balance_of, faucet

pytestmark = pytest.mark.database


@pytest.fixture
def _funded(alice: User, now: datetime, settings: Any) -> None:
    settings.FAUCET = True
    settings.ASSET_DECIMALS = 2  # of the asset that these tests share
    account(kind=AccountKind.ISSUANCE, owner="platform", asset="AST")
    faucet(user=alice, amount=100, key="gift", now=now)


def sent(alice: User, bob: User, now: datetime, **rest: Any) -> Transfer:
    words = {"amount": 40, "memo": "for lunch", "key": "lunch"} | rest
    return send(sender=alice, receiver=bob, now=now, **words)


@pytest.mark.usefixtures("_funded")
def test_what_one_loses_the_other_gets(alice: User, bob: User, now: datetime):
    transfer = sent(alice, bob, now)

    assert (balance_of(alice), balance_of(bob)) == (60, 40)
    assert transfer.memo == "for lunch"


@pytest.mark.usefixtures("_funded")
def test_the_same_key_sends_once(alice: User, bob: User, now: datetime):
    assert sent(alice, bob, now) == sent(alice, bob, now)
    assert balance_of(bob) == 40


@pytest.mark.usefixtures("_funded")
def test_the_same_key_for_another_amount_is_refused(
    alice: User, bob: User, now: datetime
):
    sent(alice, bob, now)

    with pytest.raises(Conflict) as refused:
        sent(alice, bob, now, amount=41)

    assert refused.value.code == "idempotency_key_reused"
    assert balance_of(bob) == 40


@pytest.mark.usefixtures("_funded")
def test_nobody_sends_more_than_they_have(alice: User, bob: User, now: datetime):
    with pytest.raises(InsufficientFunds):
        sent(alice, bob, now, amount=101)

    assert (balance_of(alice), balance_of(bob)) == (100, 0)


@pytest.mark.usefixtures("_funded")
@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_and_less_cannot_be_sent(
    alice: User, bob: User, now: datetime, amount: int
):
    with pytest.raises(Invalid) as refused:
        sent(alice, bob, now, amount=amount)

    assert refused.value.code == "amount_not_positive"


@pytest.mark.usefixtures("_funded")
def test_sending_to_oneself_is_refused(alice: User, now: datetime):
    with pytest.raises(Invalid) as refused:
        sent(alice, alice, now)

    assert refused.value.code == "receiver_is_sender"
