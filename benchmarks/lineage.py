"""A deep lineage with many contributors, and purchases from its tip.

Run by ``benchmarks.royalties`` once Django is set up for an empty database.
"""

import json
import time
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise

from django.core.management import call_command
from django.db import connection

from accounts.models import User
from catalogue.models import Contributor, Model, Parent
from ledger import wallets
from ledger.services import AccountKind, account, ensure_asset
from royalties import services

UDL = "dE0rmDfl9_OWjkDznNEXHaSO_JohJkRolvMzaCroUdw"
LEVELS, CONTRIBUTORS = 20, 10_000
TERMS = {
    "License": UDL,
    "Commercial-Use": "Allowed-With-Fee-One-Time-1000",
    "Derivation": "Allowed-With-RevenueShare-10%",
    "Currency": "AST",
}


def prepared() -> tuple[User, datetime]:
    """Migrate an empty database; returns a licensee with money."""
    call_command("migrate", verbosity=0)
    ensure_asset("AST", 18)
    account(kind=AccountKind.ISSUANCE, owner="platform", asset="AST")
    licensee = User.objects.create(username="licensee")
    now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    wallets.issue(
        user=licensee,
        amount=10**6 * 10**18,
        caller="bench",
        key="fund",
        kind="faucet",
        memo="",
        now=now,
    )
    return licensee, now


def deep_model(*, levels: int, contributors: int, now: datetime) -> Model:
    """The tip of a chain; contributors are spread over its levels, all different."""
    people = User.objects.bulk_create(
        (User(username=f"maker-{number}") for number in range(contributors)),
        batch_size=1000,
    )
    models = Model.objects.bulk_create(
        Model(
            owner=people[level],
            name=f"level-{level}",
            kind="full",
            manifest_digest=f"{level:064x}",
            terms=TERMS,
            created_at=now,
            published_at=now,
        )
        for level in range(levels)
    )
    Contributor.objects.bulk_create(
        (
            Contributor(model=models[n % levels], user=one, parts=1 + n % 997)
            for n, one in enumerate(people)
        ),
        batch_size=1000,
    )
    Parent.objects.bulk_create(
        Parent(child=child, parent=parent, revenue_percent=Decimal(40))
        for child, parent in pairwise(models)
    )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return models[0]


def buy(licensee: User, model: Model, now: datetime) -> tuple[float, float]:
    """Seconds to the licence, all of it committed; and of them this process's CPU."""
    offer = services.quote(licensee=licensee, model=model, use="commercial", now=now)
    began, busy = time.perf_counter(), time.process_time()
    licence = services.accept(
        quote_id=str(offer.id), licensee=licensee, key=str(offer.id), now=now
    )
    took = time.perf_counter() - began, time.process_time() - busy
    assert licence.royalties.get().parts.count() > 9_000
    return took


def main() -> None:
    """Build the lineage, then pay five times; seconds of each, the best first.

    Beside the seconds on the clock stand those of this process's processor time: on a
    machine that others use, the clock says more of them than of us.
    """
    licensee, now = prepared()
    model = deep_model(levels=LEVELS, contributors=CONTRIBUTORS, now=now)
    seconds = sorted(buy(licensee, model, now) for _ in range(5))
    wall, busy = seconds[2]
    print(json.dumps({"seconds": seconds, "median": wall, "cpu": busy}))


if __name__ == "__main__":
    main()
