"""The sales desk on pages: organisations, refunds, declarations, income, staff."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from assay.protocol import signatures
from catalogue.models import Model
from ledger import wallets
from royalties.models import Licence, Royalty, ShareTransfer, Withdrawal
from royalties.services import metering
from tests.builders import models, world
from tests.builders.world import UNIT
from tests.web.conftest import as_person

pytestmark = pytest.mark.django_db
ONCE = "Allowed-With-Fee-One-Time-25"


def publish(owner: User, commercial: str, now: datetime, **more: Any) -> Model:
    return models.published(owner, "sold", models.terms(commercial), now, **more)


@pytest.fixture
def buyer(alice: User, now: datetime) -> Client:
    """Alice's browser; she has a hundred tokens."""
    world.fund(alice, 100, now)
    return as_person(alice)


def buy(client: Client, **asked: Any) -> str:
    """Ask, accept; returns the licence's address."""
    form = {"use": "commercial", **asked}
    where = client.post("/models/bob/sold/quote", form).headers["Location"]
    key = client.get(where).context["form"]["key"].value()
    return str(client.post(where, {"key": key}).headers["Location"])


def test_an_organisation_sees_its_seats_papers_and_invoice(
    bob: User, buyer: Client, now: datetime
):
    publish(bob, ONCE, now)
    where = buy(
        buyer, seats="2", name="Acme GmbH", address="Am Markt 1\r\nBerlin", country="DE"
    )

    page = buyer.get(where).content.decode()

    assert "Acme GmbH, 2 seats" in page
    assert "ssh-keygen -Y verify" in page
    number = Royalty.objects.get().invoices.get().number
    assert f"/invoices/{number}" in page
    assert buyer.get(f"/invoices/{number}").content.startswith(b"%PDF")
    pdf = buyer.get(f"{where}/files/certificate.pdf")
    assert pdf["Content-Disposition"].startswith("attachment")
    assert pdf.content.startswith(b"%PDF")


def test_seats_without_an_organisation_are_refused_beside_the_field(
    bob: User, buyer: Client, now: datetime
):
    publish(bob, ONCE, now)

    response = buyer.post("/models/bob/sold/quote", {"use": "commercial", "seats": "2"})

    assert response.status_code == 422
    assert response.context["form"].errors["name"]


def test_a_payment_is_taken_back_and_the_public_page_says_so(
    alice: User, bob: User, buyer: Client, now: datetime, settings
):
    settings.REFUND_WINDOW = timedelta(days=14)
    publish(bob, ONCE, now)
    where = buy(buyer)
    assert b"take the payment back" in buyer.get(where).content
    licence = Licence.objects.get()
    assert b"In force" in Client().get(f"/verify/{licence.id}").content

    response = buyer.post(f"{where}/refund", {"reason": "not needed"})

    assert response.headers["Location"] == where
    assert wallets.balance_of(alice) == 100 * UNIT
    page = Client().get(f"/verify/{licence.id}").content
    assert b"Revoked" in page
    assert b"alice" not in page
    text = json.dumps(licence.certificate)
    checked = Client().post("/verify", {"certificate": text})
    assert checked.status_code == 409
    assert b"Genuine" not in checked.content


def test_a_monthly_licence_is_cancelled_by_a_button(
    bob: User, buyer: Client, now: datetime
):
    publish(bob, "Allowed-With-Fee-Monthly-10", now)
    where = buy(buyer)
    assert b"Do not renew" in buyer.get(where).content

    buyer.post(f"{where}/cancel")
    again = buyer.post(f"{where}/cancel", follow=True)

    assert b"Do not renew" not in again.content
    assert b"Cancelled" in again.content


def test_revenue_is_declared_on_a_page_and_its_owner_reads_along(
    alice: User, bob: User, buyer: Client, now: datetime
):
    publish(bob, "Allowed-With-RevenueShare-20%", now)
    where = f"{buy(buyer)}/revenue"
    key = buyer.get(where).context["form"]["key"].value()
    form = {"key": key, "period": "1", "revenue": "50", "note": "March"}

    for _ in range(2):
        assert buyer.post(where, form).status_code == 302
    wrong = buyer.post(where, {**form, "key": "other", "period": "2"})

    assert wallets.balance_of(alice) == 90 * UNIT
    assert wrong.context["form"].errors["period"]
    page = as_person(bob).get(where).content
    assert b"March" in page
    assert b"Declare and pay" not in page
    assert as_person(bob).post(where, {**form, "key": "b"}).status_code == 403


def test_a_dropped_file_is_verified_like_a_pasted_one(
    bob: User, buyer: Client, now: datetime
):
    publish(bob, "Allowed", now)
    content = buyer.get(f"{buy(buyer)}/certificate.json").content

    dropped = Client().post("/verify", {"file": SimpleUploadedFile("c.json", content)})
    forged = content.replace(b'"alice"', b'"eve"')
    refused = Client().post("/verify", {"file": SimpleUploadedFile("c.json", forged)})
    large = SimpleUploadedFile("c.json", b"1" * 300_000)

    assert b"Genuine" in dropped.content
    assert b"in force" in dropped.content
    assert (forged != content, refused.status_code) == (True, 422)
    assert Client().post("/verify", {"file": large}).status_code == 422


def test_a_genuine_signature_over_something_else_is_no_licence(db: None, settings):
    from royalties import keys  # noqa: PLC0415

    other = signatures.issue_certificate(keys.signing_seed(), {"hello": "world"})

    response = Client().post("/verify", {"certificate": json.dumps(other)})

    assert response.status_code == 422


def test_income_is_filtered_summed_and_exported(
    bob: User, buyer: Client, now: datetime
):
    publish(bob, ONCE, now)
    buy(buyer)
    desk = as_person(bob)

    page = desk.get("/wallet/royalties?by=payer").content.decode()
    none = desk.get("/wallet/royalties?model=bob/other").content.decode()
    csv = desk.get("/wallet/royalties.csv").content.decode().splitlines()
    rows = desk.get("/wallet/royalties.json?payer=alice").json()["royalties"]

    assert "Totals by payer" in page
    assert "No royalties yet" in none
    assert csv[0].startswith("at,payment,kind,status,payer")
    assert csv[1].endswith(",25,AST")
    assert [(row["payer"], row["amount"]) for row in rows] == [("alice", "25")]
    assert desk.get("/wallet/royalties.exe").status_code == 404


def test_the_public_page_of_a_payment_shows_all_that_it_depends_on(
    bob: User, buyer: Client, now: datetime
):
    publish(bob, ONCE, now)
    buy(buyer)
    royalty = Royalty.objects.get()

    page = Client().get(f"/payments/{royalty.id}").content.decode()

    for shown in (royalty.record_digest, "bob/sold", "assay royalties verify"):
        assert shown in page
    assert "alice" not in page


def test_a_withdrawal_is_asked_for_and_decided_by_staff(
    alice: User, buyer: Client, charlie: User
):
    key = buyer.get("/wallet/withdrawals").context["form"]["key"].value()
    form = {"key": key, "amount": "30", "destination": "DE00 1234"}
    for _ in range(2):
        buyer.post("/wallet/withdrawals", form)
    made = Withdrawal.objects.get()
    decision = {"withdrawal": str(made.id), "verb": "paid", "note": "wired"}
    assert as_person(charlie).post("/staff/withdrawals", decision).status_code == 403
    User.objects.filter(pk=charlie.pk).update(is_staff=True)
    office = as_person(User.objects.get(pk=charlie.pk))

    assert b"DE00 1234" in office.get("/staff/withdrawals").content
    first = office.post("/staff/withdrawals", decision)
    second = office.post("/staff/withdrawals", decision)

    assert (first.status_code, second.status_code) == (302, 409)
    assert wallets.balance_of(alice) == 70 * UNIT
    assert b"wired" in buyer.get("/wallet/withdrawals").content


def test_a_share_is_offered_and_accepted_on_pages(
    alice: User, bob: User, buyer: Client, now: datetime
):
    publish(bob, ONCE, now, shares=[(bob, 3)])
    place = "/models/bob/sold/shares"
    assert b"Pass on" not in Client().get(place).content
    desk = as_person(bob)
    assert b"Pass on of your 3" in desk.get(place).content

    missing = desk.post(place, {"taker": "nobody", "parts": "1"})
    desk.post(place, {"taker": "alice", "parts": "1"})
    offer = ShareTransfer.objects.get()
    assert b"Accept" in buyer.get("/wallet/shares").content
    buyer.post(f"/wallet/shares/{offer.id}/accept")

    assert missing.context["form"].errors["taker"]
    page = Client().get(place).content
    assert b"bob gave 1 to alice" in page


def test_pages_of_a_payment_take_a_bounded_number_of_queries(
    bob: User, buyer: Client, now: datetime, django_assert_max_num_queries
):
    publish(bob, ONCE, now)
    where = buy(buyer)
    royalty, desk = Royalty.objects.get(), as_person(bob)

    with django_assert_max_num_queries(4):
        Client().get(f"/payments/{royalty.id}")
    with django_assert_max_num_queries(12):
        buyer.get(where)
    with django_assert_max_num_queries(12):
        desk.get("/wallet/royalties")


def test_the_catalogue_is_narrowed_by_its_address(
    bob: User, charlie: User, now: datetime
):
    publish(bob, ONCE, now)
    models.published(charlie, "free", models.terms("Allowed"), now)

    cheap = Client().get("/models?max_price=10&uses=commercial").content
    nonsense = Client().get("/models?max_price=abc&sort=colour&min_score=x&task=?")
    nothing = Client().get("/models?query=chess").content

    assert b'href="/models/charlie/free"' in cheap
    assert b'href="/models/bob/sold"' not in cheap
    assert nonsense.status_code == 200
    assert b"bob/sold" in nonsense.content
    assert b"Nothing fits" in nothing


def test_a_models_page_draws_its_lineage(alice: User, bob: User, now: datetime):
    base = models.published(
        alice, "base", models.terms("Allowed", "Allowed-With-RevenueShare-10%"), now
    )
    publish(bob, ONCE, now, parents=[base])

    page = Client().get("/models/bob/sold").content.decode()

    assert 'class="lineage"' in page
    assert "10 %" in page
    assert 'href="/models/alice/base"' in page


def test_a_metered_licence_shows_its_meter_and_closes_it(
    alice: User, bob: User, buyer: Client, now: datetime
):
    model = publish(bob, ONCE, now)
    metering.set_tariff(model=model, owner=bob, price=UNIT // 100, now=now)
    assert b"0.01" in Client().get("/models/bob/sold").content
    meter = metering.open_meter(
        licensee=alice,
        model=model,
        public_key=signatures.public_key(bytes(32)),
        deposit=UNIT,
        key="k",
        now=now,
    )
    where = f"/licences/{meter.licence_id}"

    shown = buyer.get(where).content
    stranger = as_person(bob).post(f"{where}/close-meter")
    closed = buyer.post(f"{where}/close-meter", follow=True).content

    assert b"Close it and get the rest back" in shown
    assert stranger.status_code == 403
    assert b"last vouchers are taken" in closed


def test_a_buyer_adds_words_of_theirs_to_a_draw(
    bob: User, buyer: Client, now: datetime
):
    terms = models.terms(ONCE, **{"Payment-Mode": "Random-Distribution"})
    models.published(bob, "sold", terms, now)
    form = {"use": "commercial"}
    where = buyer.post("/models/bob/sold/quote", form).headers["Location"]
    page = buyer.get(where)

    buyer.post(where, {"key": page.context["form"]["key"].value(), "words": "my own"})

    assert b"Words of yours for the draw" in page.content
    assert Royalty.objects.get().record["seed"]["chosen"].endswith(":my own")
