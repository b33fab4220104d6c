"""Processes that post transfers, one after the other, until they are killed.

    python -m tests.faults.writers WALLETS.json FOLDER

A writer says in ``FOLDER/writer-N`` what was committed, after the commit. What it
posts under its n-th key follows from N and n alone, so its successor asks for the
last unanswered transfer again, with the same key and content.
"""

import json
import os
import random
import sys
import time
from pathlib import Path

import django

django.setup()

from django.db import DatabaseError, connection, transaction

from common.clock import now as clock_now
from ledger import services
from ledger.models import Account

WRITERS = 4


def content(writer: int, number: int, wallets: int) -> tuple[int, int, int]:
    """Which wallet pays which, and how many base units."""
    dice = random.Random(f"{writer}-{number}")
    payer, payee = dice.sample(range(wallets), 2)
    return payer, payee, dice.randint(1, 10**15)


def key(writer: int, number: int) -> str:
    """The idempotency key of a writer's n-th transfer."""
    return f"writer-{writer}-{number}"


def write(writer: int, accounts: list[Account], said: Path) -> None:
    """Post for ever; start after the last transfer that was answered."""
    number = len(said.read_text().splitlines()) if said.exists() else 0
    with said.open("a", buffering=1) as answered:
        while True:
            try:
                transfer = _post(writer, number, accounts)
            except DatabaseError:
                connection.close()  # the server is gone; ask again when it is back
                time.sleep(0.05)
                continue
            answered.write(f"{key(writer, number)} {transfer}\n")
            number += 1


def _post(writer: int, number: int, accounts: list[Account]) -> str:
    payer, payee, amount = content(writer, number, len(accounts))
    with transaction.atomic():
        made = services.post(
            caller="faults",
            key=key(writer, number),
            kind="faults",
            entries=[
                services.Entry(accounts[payer], -amount),
                services.Entry(accounts[payee], amount),
            ],
            reference="faults:writers",
            memo="",
            now=clock_now(),
        )
    return str(made.pk)


def main(wallets: Path, folder: Path) -> None:
    """Keep ``WRITERS`` children writing; a killed one gets a successor at once."""
    accounts = _accounts(json.loads(wallets.read_text()))
    connection.close()  # each child opens its own
    children: dict[int, int] = {}
    for writer in range(WRITERS):
        children[_fork(writer, accounts, folder)] = writer
    while True:
        pid, _ = os.wait()
        writer = children.pop(pid)
        children[_fork(writer, accounts, folder)] = writer


def _accounts(ids: list[str]) -> list[Account]:
    found = Account.objects.select_related("asset").in_bulk(ids)
    by_text = {str(pk): account for pk, account in found.items()}
    return [by_text[one] for one in ids]


def _fork(writer: int, accounts: list[Account], folder: Path) -> int:
    pid = os.fork()
    if pid == 0:
        write(writer, accounts, folder / f"writer-{writer}")
    return pid


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
