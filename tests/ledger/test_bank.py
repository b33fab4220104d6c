"""The bank: eight clients move money for a while, and somebody counts all the time."""

import random
import threading
import time
from dataclasses import dataclass, field

import pytest
from django.db import transaction
from django.db.utils import OperationalError

from assay.protocol.errors import InsufficientFunds
from ledger import services
from ledger.models import Account, AccountKind, Transfer
from ledger.services import Entry, post
from ledger.verification import verify
from tests.ledger.book import NOON, issuance, transfer, wallet
from tests.services.stepping import is_nightly
from tests.services.threads import at_once

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

CLIENTS = 8
PAYMENTS = 400 if is_nightly() else 40
LONGEST_WAIT = 2.0  # seconds, for one payment of one client
EACH = 50


@dataclass
class Client:
    """What one client did, by its own count."""

    number: int
    moved: dict[str, int] = field(default_factory=dict)
    paid: int = 0
    refused: int = 0
    broken_off: int = 0
    longest: float = 0.0


def pool() -> Account:
    """A hot account: several rows on PostgreSQL."""
    return services.account(kind=AccountKind.POOL, owner="pool", asset="AST")


@pytest.fixture
def bank(ast) -> dict[str, Account]:
    """Six accounts with fifty each; one of them hot."""
    accounts = {f"user:{n}": wallet(f"user:{n}") for n in range(5)}
    accounts["pool"] = pool()
    for account in accounts.values():
        transfer((issuance(), -EACH), (account, EACH))
    return accounts


def work(client: Client, accounts: dict[str, Account]) -> Client:
    """Pay between two or three accounts at random, now and then more than there is."""
    chance = random.Random(client.number)
    for number in range(PAYMENTS):
        payer, *payees = chance.sample(sorted(accounts), chance.choice([2, 3]))
        units = chance.randint(1, 30)
        amounts = {payer: -units * len(payees), **dict.fromkeys(payees, units)}
        began = time.monotonic()
        try:
            attempt(client, number, accounts, amounts)
        except InsufficientFunds:
            client.refused += 1
            continue
        finally:
            client.longest = max(client.longest, time.monotonic() - began)
        client.paid += 1
        for name, part in amounts.items():
            client.moved[name] = client.moved.get(name, 0) + part
    return client


def attempt(client, number, accounts, amounts) -> None:
    """Once more where the database broke a deadlock: the key makes that safe."""
    for _ in range(3):
        try:
            with transaction.atomic():
                post(
                    caller=f"client:{client.number}",
                    key=str(number),
                    kind="payment",
                    entries=[Entry(accounts[n], part) for n, part in amounts.items()],
                    reference="bank",
                    memo="",
                    now=NOON,
                )
        except OperationalError:
            client.broken_off += 1
        else:
            return
    raise AssertionError("A payment was broken off three times.")


def count_until(done: threading.Event) -> list[tuple[int, int]]:
    """Sum and lowest balance of all accounts, read over and over, each in one go."""
    seen = []
    while not done.is_set():
        rows = list(Account.objects.values_list("kind", "balance"))
        others = [balance for kind, balance in rows if kind != AccountKind.ISSUANCE]
        seen.append((sum(balance for _, balance in rows), min(others)))
        done.wait(0.005)
    return seen


def test_the_total_is_the_same_at_every_moment_and_no_client_waits_long(
    bank: dict[str, Account], request: pytest.FixtureRequest
):
    done = threading.Event()
    still_working = threading.Semaphore(0)
    clients = [Client(number) for number in range(CLIENTS)]

    def run(client: Client) -> Client:
        try:
            return work(client, bank)
        finally:
            still_working.release()

    def wait_for_all() -> None:
        for _ in clients:
            still_working.acquire()
        done.set()

    *worked, seen, _ = at_once(
        [
            *(lambda c=c: run(c) for c in clients),
            lambda: count_until(done),
            wait_for_all,
        ]
    )

    assert worked == clients
    assert {total for total, _ in seen} == {0}
    assert min(lowest for _, lowest in seen) >= 0
    assert len(seen) > 10
    assert [client.broken_off for client in clients] == [0] * CLIENTS
    # Nothing was lost: what every client remembers is what the book says.
    for name, account in bank.items():
        kept = sum(row.balance for row in rows_of(account))
        assert kept == EACH + sum(client.moved.get(name, 0) for client in clients)
    paid = sum(client.paid for client in clients)
    assert Transfer.objects.filter(reference="bank").count() == paid > 0
    assert sum(client.refused for client in clients) > 0
    assert [check.name for check in verify() if not check.ok] == []
    longest = max(client.longest for client in clients)
    told = f"{longest:.2f} s at most for one of {CLIENTS * PAYMENTS}"
    request.node.user_properties.append(("waited", told))
    assert longest < LONGEST_WAIT


def rows_of(account: Account) -> list[Account]:
    return [*Account.objects.filter(pk=account.pk), *account.stripes.all()]
