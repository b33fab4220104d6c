"""The same transfers by django-hordak, as its documentation does them.

python -m benchmarks.ledger.hordak MEASURE SECONDS
"""

import json
import os
import random
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import django

from benchmarks.ledger.clients import at_once
from benchmarks.timing import Timing, timed

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.ledger.hordak_settings")
django.setup()

from django.core.management import call_command  # the settings must be named first
from django.db import connection, transaction
from hordak.models import Account
from moneyed import Money

PEOPLE = 500
BATCH = 100
CENT = Money("0.01", "EUR")


def prepare() -> None:
    """Accounts like ours; hordak keeps no balances, so nothing need be in them."""
    call_command("migrate", verbosity=0)
    if Account.objects.exists():
        return
    for n in range(PEOPLE):
        Account.objects.create(name=f"user:{n}", type="AS", currencies=["EUR"])
    escrow = Account.objects.create(name="escrow", type="AS", currencies=["EUR"])
    with transaction.atomic():
        _people()[0].transfer_to(escrow, Money("1000000000", "EUR"))


def single(seconds: float) -> Timing:
    """One transfer a transaction, one client; nothing is checked."""

    def pay() -> None:
        payer, payee = random.sample(people, 2)
        with transaction.atomic():
            payer.transfer_to(payee, CENT, description="A payment")

    return timed(pay, seconds=seconds)


def batch(seconds: float) -> Timing:
    """A hundred transfers a transaction, one client; nothing is checked."""

    def pay() -> None:
        with transaction.atomic():
            for _ in range(BATCH):
                payer, payee = random.sample(people, 2)
                payer.transfer_to(payee, CENT, description="A payment")

    return timed(pay, seconds=seconds, units=BATCH)


def hot(seconds: float) -> Timing:
    """Eight clients pay out of one account that must not be overdrawn."""
    connection.close()
    return at_once(hot_client, seconds)


def hot_client(number: int) -> Callable[[], object]:
    """One client's payment: hordak leaves the lock and the check to its user."""
    payees = _people()[number * 60 : number * 60 + 60]
    escrow_id = Account.objects.get(name="escrow").pk

    def pay() -> None:
        with transaction.atomic():
            escrow = Account.objects.select_for_update().get(pk=escrow_id)
            balance: Any = escrow.get_balance()
            assert balance["EUR"] >= CENT
            escrow.transfer_to(random.choice(payees), CENT, description="A payment")

    return pay


def _people() -> list[Any]:
    return list(Account.objects.filter(name__startswith="user:").order_by("pk"))


MEASURES = {"single": single, "batch": batch, "hot": hot}
people: list[Any] = []

if __name__ == "__main__":
    prepare()
    people = _people()
    print(json.dumps(asdict(MEASURES[sys.argv[1]](float(sys.argv[2])))))
