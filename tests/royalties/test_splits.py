"""A royalty reaches every contributor up the lineage, to the last base unit."""

from datetime import datetime
from fractions import Fraction

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from catalogue.models import Model
from ledger import verification, wallets
from royalties import selectors, services
from royalties.models import Licence, Royalty, RoyaltyPart
from tests.builders import models, world
from tests.builders.world import UNIT

pytestmark = [pytest.mark.database, pytest.mark.django_db]

in_a_world = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def lineage(
    alice: User, bob: User, now: datetime, *, price: str, percents, parts
) -> Model:
    """Alice's base, Bob's model on it, and both's model on that, which is sold."""
    base = models.published(
        alice, "base", models.terms("Allowed", share_of(percents[0])), now
    )
    middle = models.published(
        bob,
        "middle",
        models.terms("Allowed", share_of(percents[1])),
        now,
        parents=[base],
    )
    return models.published(
        bob,
        "sold",
        models.terms(f"Allowed-With-Fee-One-Time-{price}"),
        now,
        shares=[(alice, parts[0]), (bob, parts[1])],
        parents=[middle],
    )


def share_of(percent: int) -> str:
    return f"Allowed-With-RevenueShare-{percent}%" if percent else "Allowed"


def buy(licensee: User, model: Model, now: datetime) -> Licence:
    offer = services.quote(licensee=licensee, model=model, use="commercial", now=now)
    return services.accept(
        quote_id=str(offer.id), licensee=licensee, key=str(offer.id), now=now
    )


def exactly_owed(percents, parts) -> dict[tuple[str, str], Fraction]:
    """The fractions of ``lineage``, worked out by hand."""
    to_middle = Fraction(percents[1], 100)
    to_base = to_middle * Fraction(percents[0], 100)
    kept = 1 - to_middle
    whole = sum(parts)
    owed = {
        ("alice", "base"): to_base,
        ("bob", "middle"): to_middle - to_base,
        ("alice", "sold"): kept * Fraction(parts[0], whole),
        ("bob", "sold"): kept * Fraction(parts[1], whole),
    }
    return {key: fraction for key, fraction in owed.items() if fraction}


@given(
    units=st.integers(1, 99 * UNIT) | st.sampled_from([1, 2, 3, 33 * UNIT + 1]),
    percents=st.tuples(st.integers(0, 100), st.integers(0, 100)),
    parts=st.tuples(st.integers(1, 997), st.integers(1, 997)),
)
@in_a_world
def test_every_base_unit_of_a_royalty_arrives_where_it_is_owed(
    alice: User, bob: User, charlie: User, now: datetime, units: int, percents, parts
):
    with transaction.atomic():
        world.fund(charlie, 99, now)
        whole, rest = divmod(units, UNIT)
        sold = lineage(
            alice, bob, now, price=f"{whole}.{rest:018}", percents=percents, parts=parts
        )

        licence = buy(charlie, sold, now)

        owed = exactly_owed(percents, parts)
        found = {
            (part.payee.username, part.model.name): part
            for part in RoyaltyPart.objects.select_related("payee", "model")
        }
        assert found.keys() == owed.keys()
        for key, part in found.items():
            told = Fraction(int(part.numerator), int(part.denominator))
            assert told == owed[key]
            assert abs(part.amount - units * owed[key]) < 1
        assert sum(part.amount for part in found.values()) == units
        assert licence.royalties.get().amount == units
        assert wallets.balance_of(charlie) == 99 * UNIT - units
        for person in (alice, bob):
            earned = wallets.balance_of(person)
            assert earned == selectors.earnings(person)
        assert sum(wallets.balance_of(p) for p in (alice, bob)) == units
        transaction.set_rollback(True)


def test_an_amount_that_does_not_divide_goes_to_the_earliest(
    alice: User, bob: User, charlie: User, now: datetime
):
    """Seven base units over three equal shares are 3, 2 and 2."""
    model = models.published(
        alice,
        "thirds",
        models.terms("Allowed-With-Fee-One-Time-0.000000000000000007"),
        now,
        shares=[(alice, 1), (bob, 1), (charlie, 1)],
    )
    dave = User.objects.create(username="dave")
    world.fund(dave, 1, now)

    buy(dave, model, now)

    balances = [wallets.balance_of(person) for person in (alice, bob, charlie)]
    assert balances == [3, 2, 2]
    assert wallets.balance_of(dave) == UNIT - 7


def test_one_unit_over_two_shares_pays_one_and_records_both(
    alice: User, bob: User, charlie: User, now: datetime
):
    model = models.published(
        alice,
        "unit",
        models.terms("Allowed-With-Fee-One-Time-0.000000000000000001"),
        now,
        shares=[(alice, 1), (bob, 1)],
    )
    world.fund(charlie, 1, now)

    buy(charlie, model, now)

    parts = selectors.split_of(Royalty.objects.get())
    assert [(p.payee, p.amount) for p in parts] == [(alice, 1), (bob, 0)]


def test_a_licensee_who_also_contributes_pays_the_difference(
    alice: User, bob: User, now: datetime
):
    model = models.published(
        alice,
        "shared",
        models.terms("Allowed-With-Fee-One-Time-10"),
        now,
        shares=[(alice, 1), (bob, 1)],
    )
    world.fund(bob, 10, now)

    buy(bob, model, now)

    assert wallets.balance_of(alice) == 5 * UNIT
    assert wallets.balance_of(bob) == 5 * UNIT
    assert Royalty.objects.get().amount == 10 * UNIT


def test_royalties_page_from_the_newest_and_name_their_licence(
    alice: User, bob: User, now: datetime
):
    terms = models.terms("Allowed-With-Fee-One-Time-3")
    model = models.published(alice, "m", terms, now)
    world.fund(bob, 100, now)
    licences = [buy(bob, model, now) for _ in range(3)]

    first = selectors.royalty_parts_of(alice, limit=2)
    second = selectors.royalty_parts_of(alice, limit=2, cursor=first.next_cursor)

    shown = [part.royalty.licence for part in (*first.items, *second.items)]
    assert shown == licences[::-1]
    assert second.next_cursor is None
    assert selectors.earnings(alice) == 9 * UNIT
    assert all(check.ok for check in verification.verify())
