"""Questions to the book give its figures, a page at a time."""

import pytest

from assay.protocol import money
from assay.protocol.errors import NotFound
from ledger import selectors
from ledger.models import AccountKind
from ledger.services import account, ensure_asset
from tests.ledger.book import issue, wallet

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def test_an_asset_is_found_by_symbol():
    assert selectors.asset("AST") == money.Asset("AST", 2)

    with pytest.raises(NotFound):
        selectors.asset("XYZ")


def test_the_balance_of_an_account_never_opened_is_zero():
    issue("alice", 5)

    def balance(owner):
        return selectors.balance(kind=AccountKind.WALLET, owner=owner, asset="AST")

    assert balance("alice") == 5
    assert balance("bob") == 0


def test_accounts_of_an_owner_are_theirs_only_and_in_order():
    ensure_asset("EUR", 2)
    wallet("bob")
    account(kind=AccountKind.WALLET, owner="alice", asset="EUR")
    wallet("alice")
    account(kind=AccountKind.ESCROW, owner="alice", asset="AST")

    found = [
        (p.account.asset_id, p.account.kind) for p in selectors.accounts_of("alice")
    ]

    assert found == [("AST", "escrow"), ("AST", "wallet"), ("EUR", "wallet")]
