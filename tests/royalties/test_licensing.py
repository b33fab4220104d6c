"""A price that was shown holds; a licence is paid once and can be checked offline."""

import copy
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from assay.protocol import signatures
from assay.protocol.canonical import digest
from assay.protocol.errors import (
    Conflict,
    Forbidden,
    InsufficientFunds,
    Invalid,
    NotFound,
)
from catalogue.models import Model
from catalogue.services import create_model
from ledger import wallets
from ledger.services import Transfer
from royalties import keys, selectors, services
from royalties.models import Licence, Quote, Royalty, RoyaltyPart
from tests.builders import models, world
from tests.builders.world import UNIT
from tests.services.threads import at_once

pytestmark = [pytest.mark.database, pytest.mark.django_db]

INSTANT = timedelta(microseconds=1)
ONCE = "Allowed-With-Fee-One-Time-25"


@pytest.fixture
def model(bob: User, now: datetime) -> Model:
    """Bob's; commercial use costs 25, once."""
    return models.published(bob, "paid", models.terms(ONCE, "Allowed"), now)


@pytest.fixture
def offer(charlie: User, model: Model, now: datetime) -> Quote:
    """To Charlie, who can pay it."""
    world.fund(charlie, 100, now)
    return ask(charlie, model, now)


def ask(licensee: User, model: Model, now: datetime, use: str = "commercial") -> Quote:
    return services.quote(licensee=licensee, model=model, use=use, now=now)


def accept(offer: Quote, licensee: User, now: datetime, key: str = "k") -> Licence:
    return services.accept(quote_id=str(offer.id), licensee=licensee, key=key, now=now)


def assert_nothing_was_sold() -> None:
    for model in (Licence, Royalty, RoyaltyPart):
        assert not model.objects.exists()
    assert not Transfer.objects.filter(kind="royalty").exists()


@pytest.mark.parametrize(
    ("commercial", "price", "period", "share"),
    [
        (ONCE, 25 * UNIT, "one-time", ""),
        ("Allowed-With-Fee-One-Time-0.000000000000000001", 1, "one-time", ""),
        ("Allowed-With-Fee-Monthly-2.5", 5 * UNIT // 2, "monthly", ""),
        ("Allowed-With-RevenueShare-12.5%", 0, "", "12.5"),
        ("Allowed", 0, "", ""),
    ],
)
def test_the_price_is_read_from_the_terms(
    bob: User, charlie: User, now: datetime, commercial: str, price, period, share
):
    model = models.published(bob, "m", models.terms(commercial), now)

    offer = ask(charlie, model, now)

    assert (offer.price, offer.period, offer.revenue_share) == (price, period, share)
    assert (offer.asset_id, offer.terms) == ("AST", model.terms)
    assert offer.terms_digest == digest(model.terms)


def test_a_use_that_the_terms_do_not_allow_has_no_price(
    charlie: User, model: Model, now: datetime
):
    for use in ("training", "distribution"):
        with pytest.raises(Forbidden) as refusal:
            ask(charlie, model, now, use=use)
        assert refusal.value.code == "use_not_allowed"
        assert "bob/paid" in refusal.value.sentence

    for use in ("juggling", "unknown"):  # nobody buys what nobody can name
        with pytest.raises(Invalid) as unknown:
            ask(charlie, model, now, use=use)
        assert unknown.value.code == "use_unknown"
    assert not Quote.objects.exists()


def test_a_model_that_is_not_published_has_no_price(
    bob: User, charlie: User, model: Model, now: datetime
):
    hidden = create_model(owner=bob, draft=models.draft(bob, "hidden"), now=now)

    with pytest.raises(Conflict) as refusal:
        ask(charlie, hidden, now)

    assert refusal.value.code == "model_not_published"


def test_a_price_finer_than_the_asset_is_refused_not_rounded(
    bob: User, charlie: User, now: datetime
):
    terms = models.terms("Allowed-With-Fee-One-Time-0.0000000000000000015")
    model = models.published(bob, "fine", terms, now)

    with pytest.raises(Invalid) as refusal:
        ask(charlie, model, now)

    assert refusal.value.code == "amount_too_precise"


def test_a_quote_holds_until_it_expires_and_not_a_moment_longer(
    charlie: User, offer: Quote, now: datetime, settings
):
    assert offer.expires_at == now + settings.QUOTE_VALIDITY

    with pytest.raises(Conflict) as refusal:
        accept(offer, charlie, offer.expires_at)
    assert refusal.value.code == "quote_expired"
    assert_nothing_was_sold()

    assert accept(offer, charlie, offer.expires_at - INSTANT)


def test_accepting_again_is_the_same_licence_even_after_the_quote_expired(
    bob: User, charlie: User, offer: Quote, now: datetime
):
    first = accept(offer, charlie, now)
    again = accept(offer, charlie, now, key="another")
    late = accept(offer, charlie, now + timedelta(days=9))

    assert first == again == late
    assert Royalty.objects.count() == 1
    assert wallets.balance_of(charlie) == 75 * UNIT
    assert wallets.balance_of(bob) == 25 * UNIT


@pytest.mark.django_db(transaction=True)
def test_a_quote_accepted_eight_times_at_once_is_paid_once(
    bob: User, charlie: User, offer: Quote, now: datetime
):
    answers = at_once(
        [lambda n=n: accept(offer, charlie, now, key=f"k{n}") for n in range(8)]
    )

    assert len(set(answers)) == 1
    assert wallets.balance_of(charlie) == 75 * UNIT
    assert wallets.balance_of(bob) == 25 * UNIT


def test_a_quote_is_for_its_licensee_alone(
    bob: User, alice: User, charlie: User, offer: Quote, now: datetime
):
    assert selectors.quote_by_id(quote_id=str(offer.id), viewer=charlie) == offer

    for person in (alice, bob):
        with pytest.raises(NotFound):
            accept(offer, person, now)
        with pytest.raises(NotFound):
            selectors.quote_by_id(quote_id=str(offer.id), viewer=person)
    with pytest.raises(NotFound):
        services.accept(quote_id="nonsense", licensee=charlie, key="k", now=now)
    assert_nothing_was_sold()


def test_who_cannot_pay_gets_nothing_and_can_try_again(
    alice: User, model: Model, now: datetime
):
    world.fund(alice, 24, now)
    offer = ask(alice, model, now)

    with pytest.raises(InsufficientFunds):
        accept(offer, alice, now)
    assert_nothing_was_sold()
    assert wallets.balance_of(alice) == 24 * UNIT

    world.fund(alice, 1, now)
    assert accept(offer, alice, now)
    assert wallets.balance_of(alice) == 0


def test_one_key_does_not_pay_two_quotes(
    charlie: User, model: Model, offer: Quote, now: datetime
):
    accept(offer, charlie, now, key="k")
    second = ask(charlie, model, now)

    with pytest.raises(Conflict) as refusal:
        accept(second, charlie, now, key="k")

    assert refusal.value.code == "idempotency_key_reused"
    assert Licence.objects.count() == 1
    assert accept(second, charlie, now, key="k2")


def test_who_alone_earns_from_a_model_is_told_that_no_licence_is_needed(
    bob: User, model: Model, now: datetime
):
    world.fund(bob, 100, now)

    with pytest.raises(Conflict) as refusal:
        accept(ask(bob, model, now), bob, now)

    assert refusal.value.code == "royalty_to_oneself"
    assert_nothing_was_sold()


def test_a_free_use_is_licensed_without_a_payment(
    bob: User, alice: User, now: datetime
):
    model = models.published(bob, "free", models.terms("Allowed"), now)

    licence = accept(ask(alice, model, now), alice, now)

    assert licence.certificate["document"]["price"] == "0"
    assert not Royalty.objects.exists()


def test_a_monthly_fee_buys_thirty_days_and_a_single_one_no_end(
    bob: User, charlie: User, offer: Quote, now: datetime
):
    terms = models.terms("Allowed-With-Fee-Monthly-1")
    monthly = accept(
        ask(charlie, models.published(bob, "monthly", terms, now), now),
        charlie,
        now,
        key="monthly",
    )
    forever = accept(offer, charlie, now)

    end = now + timedelta(days=30)
    assert monthly.valid_until == end
    assert monthly.certificate["document"]["valid_until"] == end.isoformat()
    assert (monthly.is_valid(end - INSTANT), monthly.is_valid(end)) == (True, False)
    assert forever.valid_until is None
    assert forever.certificate["document"]["valid_until"] == ""


def test_a_certificate_is_checked_with_the_public_keys_alone(
    charlie: User, model: Model, offer: Quote, now: datetime
):
    licence = accept(offer, charlie, now)
    licence.refresh_from_db()

    document = signatures.check_certificate(licence.certificate, keys.public_keys())

    assert document == licence.certificate["document"]
    expected = {
        "licensee": "charlie",
        "licensor": "bob",
        "model": "bob/paid",
        "model_digest": model.manifest_digest,
        "use": "commercial",
        "price": "25",
        "asset": "AST",
        "terms": model.terms,
        "issued_at": now.isoformat(),
    }
    assert {name: document[name] for name in expected} == expected


def test_a_certificate_of_which_anything_was_changed_does_not_pass(
    charlie: User, offer: Quote, now: datetime
):
    certificate = accept(offer, charlie, now).certificate
    changed: list[dict[str, Any]] = []
    for field, value in certificate["document"].items():
        other = copy.deepcopy(certificate)
        other["document"][field] = [*value, "x"] if isinstance(value, list) else "x"
        changed.append(other)
        without = copy.deepcopy(certificate)
        del without["document"][field]
        changed.append(without)
    foreign = signatures.issue_certificate(
        signatures.generate_key(), certificate["document"]
    )
    changed += [{**foreign, "key_id": certificate["key_id"]}, foreign]

    for other in changed:
        with pytest.raises(Invalid):
            signatures.check_certificate(other, keys.public_keys())


def test_a_licence_is_seen_by_its_licensee_and_the_models_owner_alone(
    alice: User, bob: User, charlie: User, now: datetime
):
    """A contributor who does not own the model sees what they earned, not to whom."""
    shares = [(bob, 1), (alice, 1)]
    model = models.published(bob, "shared", models.terms(ONCE), now, shares=shares)
    world.fund(charlie, 100, now)
    licence = accept(ask(charlie, model, now), charlie, now)

    for person in (charlie, bob):
        found = selectors.licence_by_id(licence_id=str(licence.id), viewer=person)
        assert found == licence
    for licence_id in (str(licence.id), "nonsense"):
        with pytest.raises(NotFound):
            selectors.licence_by_id(licence_id=licence_id, viewer=alice)
    assert list(selectors.licences_of(charlie).items) == [licence]
    assert [list(selectors.licences_of(p).items) for p in (alice, bob)] == [[], []]
    assert selectors.earnings(alice) == 25 * UNIT // 2


def test_the_signing_key_is_made_once_by_eight_at_the_same_moment(tmp_path, settings):
    settings.KEYS_PATH = tmp_path / "keys"

    seeds = at_once([keys.seed] * 8)

    assert len(set(seeds)) == 1
    (kept,) = (tmp_path / "keys").iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
