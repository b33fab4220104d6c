"""A payment: fee, waterfall, refund window, and a record that anybody can repeat."""

from datetime import datetime, timedelta
from fractions import Fraction

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from assay.protocol import payments
from assay.protocol.errors import Conflict, Forbidden, Invalid, NotFound
from catalogue.models import Model
from ledger import wallets
from ledger.selectors import balance
from ledger.services import AccountKind
from royalties import selectors, services
from royalties.models import Invoice, Licence, Royalty, RoyaltyPart
from royalties.services import licensing, paying
from tests.builders.world import UNIT
from tests.royalties.conftest import ONCE, buy, newest, sold
from tests.services.threads import at_once

pytestmark = [pytest.mark.database, pytest.mark.django_db]
WINDOW = timedelta(days=14)


def tokens(user: User) -> Fraction:
    return Fraction(wallets.balance_of(user), UNIT)


def fees() -> int:
    return balance(kind=AccountKind.FEES, owner="platform", asset="AST")


def test_the_fee_comes_off_first_and_the_rest_goes_up_the_lineage(
    model: Model, alice: User, bob: User, rich: User, now: datetime, settings
):
    settings.ROYALTY_FEE_BPS = 400

    licence = buy(rich, model, now)

    assert fees() == UNIT
    assert tokens(alice) == Fraction("2.4") + Fraction("5.4")
    assert tokens(bob) == Fraction("16.2")
    assert newest(licence).fee == UNIT
    assert tokens(rich) == 975


def test_a_later_fee_does_not_touch_a_price_that_was_shown(
    model: Model, rich: User, now: datetime, settings
):
    offer = services.quote(licensee=rich, model=model, use="commercial", now=now)
    settings.ROYALTY_FEE_BPS = 5000

    services.accept(quote_id=str(offer.id), licensee=rich, key="k", now=now)

    assert fees() == 0


def test_a_refundable_payment_waits_and_is_paid_out_once(
    model: Model, alice: User, bob: User, rich: User, now: datetime, settings
):
    settings.REFUND_WINDOW, settings.ROYALTY_FEE_BPS = WINDOW, 400
    royalty = newest(buy(rich, model, now))
    assert (royalty.status, tokens(rich), tokens(bob), fees()) == ("held", 975, 0, 0)
    assert (selectors.awaited(bob), selectors.earnings(bob)) == (162 * UNIT // 10, 0)

    assert paying.due_for_release(now + WINDOW - timedelta(seconds=1)) == []
    (due,) = paying.due_for_release(now + WINDOW)
    paid = [paying.release(royalty=due, now=now + WINDOW) for _ in range(2)]

    assert paid == [True, False]
    assert tokens(bob) == Fraction("16.2")
    assert selectors.earnings(bob) == wallets.balance_of(bob)
    assert (selectors.awaited(bob), fees()) == (0, UNIT)
    call_command("verify_ledger")


def test_a_refund_reverses_the_whole_waterfall_and_ends_the_licence(
    model: Model, alice: User, bob: User, rich: User, now: datetime, settings
):
    settings.REFUND_WINDOW = WINDOW
    licence = buy(rich, model, now)

    licensing.refund(licence=licence, licensee=rich, reason="not needed", now=now)

    royalty = newest(licence)
    licence.refresh_from_db()
    assert (royalty.status, licence.status) == ("refunded", "revoked")
    assert not licence.is_valid(now)
    assert (tokens(rich), tokens(alice), tokens(bob)) == (1000, 0, 0)
    assert royalty.payout is not None
    assert royalty.payout.reverses_id == royalty.transfer_id
    assert [selectors.awaited(one) for one in (alice, bob)] == [0, 0]
    assert paying.due_for_release(now + WINDOW) == []
    with pytest.raises(Conflict):
        licensing.refund(licence=licence, licensee=rich, reason="again", now=now)
    call_command("verify_ledger")


def test_after_the_window_or_without_one_nothing_is_refunded(
    model: Model, rich: User, now: datetime, settings
):
    at_once_paid = buy(rich, model, now)
    settings.REFUND_WINDOW = WINDOW
    held = buy(rich, model, now)

    for licence, moment in ((at_once_paid, now), (held, now + WINDOW)):
        with pytest.raises(Conflict) as refusal:
            licensing.refund(
                licence=licence, licensee=rich, reason="too late", now=moment
            )
        assert refusal.value.code == "refund_window_over"
    held.refresh_from_db()
    assert held.status == "active"


def test_files_that_were_bought_cannot_be_given_back(
    alice: User, bob: User, base: Model, rich: User, now: datetime, settings
):
    settings.REFUND_WINDOW = WINDOW
    model = sold(alice, bob, base, now, ONCE, **{"Access-Fee": "One-Time-10"})
    offer = services.quote(licensee=rich, model=model, use="access", now=now)
    licence = services.accept(
        quote_id=str(offer.id), licensee=rich, key="files", now=now
    )
    assert selectors.may_download(model, rich, now)

    with pytest.raises(Conflict) as refusal:
        licensing.refund(licence=licence, licensee=rich, reason="had it all", now=now)

    assert refusal.value.code == "refund_window_over"
    assert newest(licence).status == "paid"


def test_only_the_licensee_refunds_and_says_why(
    model: Model, bob: User, rich: User, now: datetime, settings
):
    settings.REFUND_WINDOW = WINDOW
    licence = buy(rich, model, now)

    with pytest.raises(Forbidden):
        licensing.refund(licence=licence, licensee=bob, reason="mine now", now=now)
    with pytest.raises(Invalid):
        licensing.refund(licence=licence, licensee=rich, reason=" ", now=now)
    assert newest(licence).status == "held"


@pytest.mark.django_db(transaction=True)
def test_refund_and_payout_at_the_same_moment_move_the_money_once(
    model: Model, bob: User, rich: User, now: datetime, settings
):
    settings.REFUND_WINDOW = WINDOW
    licence = buy(rich, model, now)
    royalty = newest(licence)

    def refund() -> object:
        return licensing.refund(licence=licence, licensee=rich, reason="why", now=now)

    def release() -> object:
        return paying.release(royalty=newest(licence), now=now + WINDOW)

    at_once([quietly(one) for one in (refund, release) * 3])

    royalty.refresh_from_db()
    given_back = royalty.status == "refunded"
    assert royalty.status in {"paid", "refunded"}
    assert tokens(rich) == (1000 if given_back else 975)
    assert (tokens(bob) > 0) is not given_back


def quietly(verb):
    def call():
        try:
            return verb()
        except Conflict as refusal:
            return refusal.code

    return call


def test_a_stranger_repeats_every_part_from_the_public_record_alone(
    model: Model, rich: User, now: datetime, settings
):
    settings.ROYALTY_FEE_BPS = 123
    royalty = newest(buy(rich, model, now))
    found = selectors.payment_by_id(str(royalty.id))

    record = payments.read_record(found.record)
    settled = payments.settle(record)

    assert record.digest() == royalty.record_digest
    assert royalty.record_digest in royalty.transfer.memo
    told = {(p.payee.username, str(p.model_id)): p.amount for p in royalty.parts.all()}
    assert {(p.payee, p.model): p.amount for p in settled.parts} == told
    assert settled.fee == royalty.fee
    assert settled.fee + sum(told.values()) == royalty.amount


def test_random_distribution_pays_one_holder_by_a_seed_that_was_committed_to(
    alice: User, bob: User, base: Model, rich: User, now: datetime
):
    tags = {"Payment-Mode": "Random-Distribution"}
    model = sold(alice, bob, base, now, "Allowed-With-Fee-One-Time-1", **tags)
    offers = [
        services.quote(licensee=rich, model=model, use="commercial", now=now)
        for _ in range(24)
    ]
    commitments = [offer.draw_commitment for offer in offers]

    winners = []
    for offer, commitment in zip(offers, commitments, strict=True):
        licence = services.accept(
            quote_id=str(offer.id), licensee=rich, key=f"mine-{offer.id}", now=now
        )
        royalty = newest(licence)
        record = payments.read_record(royalty.record)
        assert record.seed.commitment == commitment
        assert record.seed.chosen == f"mine-{offer.id}"
        (part,) = royalty.parts.filter(model=model)
        assert part.amount == 9 * UNIT // 10
        winners.append(part.payee.username)

    assert set(winners) == {"alice", "bob"}  # 3 to 1: all alike once in a thousand


def test_invoices_are_numbered_without_a_gap_even_when_payments_fail(
    model: Model, bob: User, alice: User, rich: User, now: datetime, settings
):
    settings.REFUND_WINDOW, settings.VAT_PERCENT = WINDOW, "19"
    first = buy(rich, model, now)
    with pytest.raises(Conflict):  # nothing in the wallet
        buy(User.objects.create(username="poor"), model, now)
    second = buy(rich, model, now)
    licensing.refund(licence=first, licensee=rich, reason="not needed", now=now)

    numbers = [one.number for one in Invoice.objects.order_by("sequence")]
    note = Invoice.objects.get(corrects__royalty__licence=first)

    assert numbers == ["2026-000001", "2026-000002", "2026-000003"]
    invoice = second.royalties.get().invoices.get().document
    assert (invoice["gross"], invoice["vat_percent"]) == ("25", "19")
    assert Fraction(invoice["net"]) + Fraction(invoice["vat"]) == 25
    assert abs(Fraction(invoice["vat"]) - Fraction(25 * 19, 119)) < Fraction(1, UNIT)
    assert (note.document["kind"], note.document["gross"]) == ("credit note", "-25")
    assert note.document["corrects"] == "2026-000001"


@pytest.mark.django_db(transaction=True)
def test_eight_payments_at_once_have_eight_numbers_in_a_row(
    model: Model, rich: User, now: datetime
):
    offers = [
        services.quote(licensee=rich, model=model, use="commercial", now=now)
        for _ in range(8)
    ]
    at_once(
        [
            lambda one=one: services.accept(
                quote_id=str(one.id), licensee=rich, key=str(one.id), now=now
            )
            for one in offers
        ]
    )

    numbers = Invoice.objects.order_by("sequence").values_list("sequence", flat=True)
    assert list(numbers) == list(range(1, 9))


def test_seats_cost_each_and_need_an_organisation(
    model: Model, rich: User, now: datetime
):
    firm = {"name": "Acme GmbH", "country": "DE", "vat_id": "DE123456789"}
    licence = buy(rich, model, now, seats=4, organisation=firm)

    document = licence.certificate["document"]
    assert newest(licence).amount == 100 * UNIT
    assert (document["seats"], document["organisation"]) == (4, firm)
    assert newest(licence).invoices.get().document["buyer"] == firm
    for seats, named, code in (
        (2, {}, "seats_without_organisation"),
        (0, firm, "seats_invalid"),
        (10**6, firm, "seats_invalid"),
        (2, {**firm, "vat_id": "12"}, "organisation_invalid"),
        (2, {**firm, "name": "A\x00"}, "organisation_invalid"),
        (1, {"country": "DE"}, "organisation_invalid"),
    ):
        with pytest.raises(Invalid) as refusal:
            buy(rich, model, now, seats=seats, organisation=named)
        assert refusal.value.code == code
    assert Licence.objects.count() == 1


@given(
    amount=st.integers(1, 10**6) | st.integers(1, 900 * UNIT),
    fee=st.integers(0, 5000),
    window=st.sampled_from([timedelta(0), WINDOW]),
)
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_fee_and_parts_sum_to_the_price_whatever_it_is(
    alice: User, bob: User, base: Model, rich: User, now: datetime, amount, fee, window
):
    whole, rest = divmod(amount, UNIT)
    price = f"Allowed-With-Fee-One-Time-{whole}.{rest:018}"
    with (
        override_settings(ROYALTY_FEE_BPS=fee, REFUND_WINDOW=window),
        transaction.atomic(),
    ):
        before = wallets.balance_of(rich)
        royalty = newest(buy(rich, sold(alice, bob, base, now, price), now))
        if window:
            assert paying.release(royalty=royalty, now=now + window)

        parts = RoyaltyPart.objects.filter(royalty=royalty)
        assert royalty.fee == fees() == amount * fee // 10_000
        assert sum(part.amount for part in parts) + royalty.fee == amount
        gained = wallets.balance_of(alice) + wallets.balance_of(bob)
        assert gained + fees() == amount
        assert before - wallets.balance_of(rich) == amount
        transaction.set_rollback(True)


def test_a_payment_that_is_not_there_is_not_found(db: None):
    for name in ("nonsense", "00000000-0000-0000-0000-000000000000"):
        with pytest.raises(NotFound) as refusal:
            selectors.payment_by_id(name)
        assert refusal.value.code == "payment_not_found"
    assert not Royalty.objects.exists()
