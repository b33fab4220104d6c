"""The faucet: so much a day, however it is asked."""

from datetime import datetime

import pytest

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
