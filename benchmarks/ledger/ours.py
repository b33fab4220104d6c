"""The ledger itself, through its services. Prints one timing as JSON.

python -m benchmarks.ledger.ours MEASURE SECONDS
"""

import itertools
import json
import os
import random
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime

import django

from benchmarks.ledger.clients import at_once
from benchmarks.timing import Timing, durations, summary, timed

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection, transaction  # the settings must be named first

from benchmarks.ledger import raw, statements
from ledger.models import Account, AccountKind
from ledger.services import Entry, Request, account, ensure_asset, post, post_many

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PEOPLE = 500
PAYEES = 10_000
BATCH = 100
PLENTY = 10**15
_keys = itertools.count()


def prepare() -> None:
    """People with plenty of money each."""
    ensure_asset("AST", 2)
    source = account(kind=AccountKind.ISSUANCE, owner="platform", asset="AST")
    people = _people()
    if len(people) < PEOPLE:
        Account.objects.bulk_create(
            Account(kind="wallet", owner=f"user:{n}", asset_id="AST")
            for n in range(PEOPLE)
        )
        with transaction.atomic():
            post_many(requests=[_request(source, one, PLENTY) for one in _people()])


def single(seconds: float) -> Timing:
    """One transfer a transaction, one client."""
    return timed(lambda: post_in_one(_between_two(1)), seconds=seconds)


def batch(seconds: float) -> Timing:
    """A hundred transfers a transaction, one client."""

    def pay() -> None:
        with transaction.atomic():
            post_many(requests=[_between_two(1) for _ in range(BATCH)])

    return timed(pay, seconds=seconds, units=BATCH)


def raw_batch(seconds: float) -> Timing:
    """The same hundred as bare inserts of many rows."""
    write = raw.writer(people, BATCH)
    return timed(write, seconds=seconds, units=BATCH)


def hot(seconds: float) -> Timing:
    """Eight clients pay out of one escrow that was filled by one payment."""
    escrow = _escrow()
    with transaction.atomic():
        post_many(requests=[_request(people[0], escrow, 10**9)])
    connection.close()
    return at_once(hot_client, seconds)


def hot_client(number: int) -> Callable[[], object]:
    """One client's payment."""
    payees = _people()[number * 60 : number * 60 + 60]
    escrow = _escrow()

    def pay() -> None:
        post_in_one(_request(escrow, random.choice(payees), 1))

    return pay


def wide(seconds: float) -> Timing:
    """One transfer to ten thousand payees; counted in transfers."""
    payees = list(Account.objects.filter(owner__startswith="payee:"))
    if not payees:
        payees = Account.objects.bulk_create(
            Account(kind="wallet", owner=f"payee:{n}", asset_id="AST")
            for n in range(PAYEES)
        )

    def pay() -> None:
        entries = [Entry(people[1], -PAYEES), *(Entry(one, 1) for one in payees)]
        post_in_one(
            Request(
                caller="bench",
                key=_key(),
                kind="split",
                entries=tuple(entries),
                reference="competition:1",
                memo="",
                recorded_at=NOW,
            )
        )

    pay()
    return timed(pay, seconds=seconds)


def statement(seconds: float) -> Timing:
    """A page of 50 lines from the middle of a million, by one client."""
    count = int(os.environ.get("BENCH_POSTINGS", "1000000"))
    deep = statements.account_with(count)
    page = statements.page_of(deep, count)
    page()
    return summary(durations(page, seconds=seconds))


def post_in_one(request: Request) -> None:
    """Post in a transaction of its own."""
    with transaction.atomic():
        post(
            caller=request.caller,
            key=request.key,
            kind=request.kind,
            entries=request.entries,
            reference=request.reference,
            memo=request.memo,
            now=request.recorded_at,
        )


def _between_two(units: int) -> Request:
    payer, payee = random.sample(people, 2)
    return _request(payer, payee, units)


def _request(payer: Account, payee: Account, units: int) -> Request:
    return Request(
        caller="bench",
        key=_key(),
        kind="payment",
        entries=(Entry(payer, -units), Entry(payee, units)),
        reference="competition:1",
        memo="A payment",
        recorded_at=NOW,
    )


def _key() -> str:
    return f"{os.getpid()}-{time.time_ns()}-{next(_keys)}"


def _people() -> list[Account]:
    return list(Account.objects.filter(owner__startswith="user:").order_by("owner"))


def _escrow() -> Account:
    return account(kind=AccountKind.ESCROW, owner="competition:1", asset="AST")


MEASURES = {
    "single": single,
    "batch": batch,
    "raw": raw_batch,
    "hot": hot,
    "wide": wide,
    "statement": statement,
}
people: list[Account] = []

if __name__ == "__main__":
    prepare()
    people = _people()
    print(json.dumps(asdict(MEASURES[sys.argv[1]](float(sys.argv[2])))))
