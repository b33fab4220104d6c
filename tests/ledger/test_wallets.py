"""The faucet gives so much a day, however it is asked; deposits are issued once."""

from datetime import datetime

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from assay.protocol.errors import LimitReached
from ledger import wallets
from ledger.services import AccountKind, account
from tests.services.threads import at_once

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

TOKEN = 10**2


def test_requests_at_once_get_no_more_than_the_daily_limit(
    alice: User, now: datetime, settings
):
    settings.ASSET_DECIMALS = 2  # of the asset that these tests share
    account(kind=AccountKind.ISSUANCE, owner="platform", asset="AST")
    wallets.wallet(alice)

    answers = at_once(
        [
            lambda key=key: wallets.faucet(
                user=alice, amount=4000 * TOKEN, key=f"k{key}", now=now
            )
            for key in range(6)
        ]
    )

    refused = [answer for answer in answers if isinstance(answer, LimitReached)]
    assert len(refused) == 4
    assert wallets.balance_of(alice) == 8000 * TOKEN


def test_a_deposit_is_issued_once_and_to_one_person(alice: User, bob: User, settings):
    settings.ASSET_DECIMALS = 2
    for _ in range(2):
        call_command("issue_tokens", "alice", "12.5", "--key", "deposit-7")
    with pytest.raises(CommandError):
        call_command("issue_tokens", "bob", "12.5", "--key", "deposit-7")

    assert (wallets.balance_of(alice), wallets.balance_of(bob)) == (1250, 0)


def test_nobody_can_use_up_the_key_of_a_deposit(alice: User, now: datetime, settings):
    settings.ASSET_DECIMALS = 2
    wallets.faucet(user=alice, amount=1, key="issue:deposit-7", now=now)

    call_command("issue_tokens", "alice", "12.5", "--key", "deposit-7")

    assert wallets.balance_of(alice) == 1251
