"""A small world for the book: issue to wallets, pay between them."""

from datetime import UTC, datetime
from uuid import uuid4

from django.db import transaction

from ledger.models import AccountKind
from ledger.services import Entry, account, post

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
AST = "AST"


def wallet(owner):
    return account(kind=AccountKind.WALLET, owner=owner, asset=AST)


def issuance(asset=AST):
    return account(kind=AccountKind.ISSUANCE, owner="platform", asset=asset)


def transfer(*entries, key=None, caller="test", kind="payment", memo=""):
    """Post in a transaction of its own; ``entries`` are pairs (account, amount)."""
    with transaction.atomic():
        return post(
            caller=caller,
            key=key or str(uuid4()),
            kind=kind,
            entries=[Entry(*pair) for pair in entries],
            reference="competition:1",
            memo=memo,
            now=NOON,
        )


def issue(owner, units, **request):
    transfer((issuance(), -units), (wallet(owner), units), **request)
    return wallet(owner)


def pay(payer, payee, units, **request):
    return transfer((wallet(payer), -units), (wallet(payee), units), **request)


def units_of(owner):
    return wallet(owner).balance
