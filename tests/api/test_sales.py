"""Licences over the API: organisations, files, invoices, revenue, income, meters."""

import io
import json
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import KeySet
from pypdf import PdfReader

from accounts.models import User
from assay.protocol import payments, signatures, vouchers
from assay.protocol.certificates import SSH_IDENTITY, SSH_NAMESPACE
from catalogue.models import Model
from royalties.models import Royalty
from tests.api.world import Door, door_of, error
from tests.builders import models, world

pytestmark = [pytest.mark.django_db]
SEED = bytes(range(32))
FIRM = {
    "name": "Łódź Modelle GmbH & Söhne 模型",
    "address": "Am Markt 1\n10115 Berlin",
    "country": "DE",
    "vat_id": "DE123456789",
}


def publish(
    owner: User, name: str, commercial: str, now: datetime, **more: Any
) -> Model:
    return models.published(
        owner, name, models.terms(commercial, "Allowed"), now, **more
    )


@pytest.fixture
def licensee(bob: User, now: datetime) -> Door:
    world.fund(bob, 1000, now)
    return door_of(bob)


def bought(door: Door, reference: str, **asked: Any) -> dict[str, Any]:
    quote = door.post(
        f"/api/models/{reference}/quotes", {"use": "commercial", **asked}
    ).json()
    answer = door.pay(f"/api/quotes/{quote['id']}/accept")
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def pdf_text(content: bytes) -> str:
    return "\n".join(
        page.extract_text() for page in PdfReader(io.BytesIO(content)).pages
    )


def test_an_organisation_buys_seats_and_gets_certificate_and_invoice_on_paper(
    alice: User, licensee: Door, now: datetime, settings
):
    settings.VAT_PERCENT, settings.INVOICE_SELLER = "19", "Assay AG\nZürich"
    publish(alice, "paid", "Allowed-With-Fee-One-Time-25", now)
    licence = bought(licensee, "alice/paid", seats=4, organisation=FIRM)
    place = f"/api/licences/{licence['id']}"

    certificate = licensee.get(f"{place}/files/certificate.pdf")
    (invoice,) = licensee.get(f"{place}/invoices").json()
    paper = licensee.get(f"/api/invoices/{invoice['number']}")

    assert (licence["royalty"]["amount"], licence["seats"]) == ("100", 4)
    assert certificate["Content-Type"] == "application/pdf"
    text = pdf_text(certificate.content)
    for shown in (licence["id"], "GmbH & Söhne", "模型", "alice/paid", "Berlin"):
        assert shown in text
    text = pdf_text(paper.content)
    for shown in (invoice["number"], "100 AST", "Zürich", "DE123456789", "VAT, 19 %"):
        assert shown in text
    assert invoice["document"]["buyer"] == FIRM


def test_ssh_keygen_and_a_jose_library_check_what_the_api_hands_out(
    alice: User, licensee: Door, now: datetime, tmp_path: Path
):
    publish(alice, "paid", "Allowed-With-Fee-One-Time-25", now)
    licence = bought(licensee, "alice/paid")
    place = f"/api/licences/{licence['id']}/files"
    for name in ("licence.json", "licence.json.sig", "licence.jws"):
        (tmp_path / name).write_bytes(licensee.get(f"{place}/{name}").content)
    (tmp_path / "signers").write_bytes(Door().get("/api/allowed-signers").content)
    command = ["ssh-keygen", "-Y", "verify", "-f", "signers", "-I", SSH_IDENTITY]
    command += ["-n", SSH_NAMESPACE, "-s", "licence.json.sig"]

    def ssh(message: bytes) -> int:
        return subprocess.run(
            command, cwd=tmp_path, input=message, capture_output=True, check=False
        ).returncode

    message = (tmp_path / "licence.json").read_bytes()
    keys = KeySet.import_key_set(Door().get("/api/jwks").json())
    token = (tmp_path / "licence.jws").read_text()
    read = jws.deserialize_compact(token, keys, algorithms=["Ed25519"])

    assert ssh(message) == 0
    assert ssh(message.replace(b'"bob"', b'"eve"')) != 0
    assert json.loads(read.payload) == licence["certificate"]["document"]
    assert read.payload == message
    assert licensee.get(f"{place}/x").status_code == 404


def test_a_refund_within_the_window_ends_the_licence_and_says_so_in_public(
    alice: User, licensee: Door, now: datetime, settings
):
    settings.REFUND_WINDOW = settings.QUOTE_VALIDITY
    publish(alice, "paid", "Allowed-With-Fee-One-Time-25", now)
    licence = bought(licensee, "alice/paid")
    assert licence["royalty"]["status"] == "held"

    place = f"/api/licences/{licence['id']}"
    refunded = licensee.post(f"{place}/refund", {"reason": "not needed"}).json()

    status = Door().get("/api/licence-status").json()
    assert (refunded["status"], refunded["royalty"]["status"]) == (
        "revoked",
        "refunded",
    )
    entry = status["document"]["entries"][licence["id"]]
    assert (entry["state"], entry["reason"]) == ("revoked", "refunded: not needed")
    assert licensee.get("/api/me").json()["balance"]["total"] == "1000"
    kinds = [
        one["document"]["kind"] for one in licensee.get(f"{place}/invoices").json()
    ]
    assert kinds == ["credit note", "invoice"]
    assert "revoked" in licensee.get("/api/me/notices").json()["items"][0]["text"]


def test_a_monthly_licence_is_cancelled(alice: User, licensee: Door, now: datetime):
    publish(alice, "monthly", "Allowed-With-Fee-Monthly-2", now)
    licence = bought(licensee, "alice/monthly")

    ended = licensee.post(f"/api/licences/{licence['id']}/cancel").json()

    assert (licence["kind"], licence["renews"]) == ("monthly", True)
    assert (ended["renews"], ended["status"]) == (False, "active")


def test_revenue_is_declared_once_and_both_sides_see_the_statement(
    alice: User, licensee: Door, now: datetime
):
    publish(alice, "shared", "Allowed-With-RevenueShare-20%", now)
    licence = bought(licensee, "alice/shared")
    place = f"/api/licences/{licence['id']}/revenue"
    body = {"period": 1, "revenue": "50", "note": "March"}

    first = licensee.pay(place, body, key="k").json()
    again = licensee.pay(place, body, key="k").json()
    other = licensee.pay(place, {**body, "revenue": "51"}, key="k")
    statement = door_of(alice).get(place).json()

    assert first == again
    assert (first["owed"], error(other)["code"]) == ("10", "idempotency_key_reused")
    assert statement["revenue_share"] == "20"
    assert [one["revenue"] for one in statement["declarations"]] == ["50"]
    assert door_of(alice).pay(place, body).status_code == 403


def test_income_is_filtered_summed_and_repeated_from_the_public_record(
    alice: User, bob: User, charlie: User, licensee: Door, now: datetime
):
    base = models.published(
        alice, "base", models.terms("Allowed", "Allowed-With-RevenueShare-10%"), now
    )
    publish(charlie, "one", "Allowed-With-Fee-One-Time-10", now, parents=[base])
    publish(charlie, "two", "Allowed-With-Fee-One-Time-30", now)
    for name in ("one", "two"):
        bought(licensee, f"charlie/{name}")
    door = door_of(charlie)

    one = door.get("/api/me/royalties?model=charlie/one").json()["items"]
    late = door.get("/api/me/royalties?since=2999-01-01T00:00:00Z").json()["items"]
    totals = door.get("/api/me/royalties/totals?by=model").json()["totals"]
    payers = door.get("/api/me/royalties/totals?by=payer").json()["totals"]
    record = Door().get(f"/api/payments/{one[0]['payment']}").json()

    assert [(row["amount"], row["payer"]) for row in one] == [("9", "bob")]
    assert late == []
    assert [(t["name"], t["paid"]) for t in totals] == [
        ("charlie/two", "30"),
        ("charlie/one", "9"),
    ]
    assert [(t["name"], t["paid"], t["payments"]) for t in payers] == [("bob", "39", 2)]
    read = payments.read_record(record["record"])
    settled = payments.settle(read)
    assert read.digest() == record["record_digest"]
    assert record["record_digest"] in record["transfer_memo"]
    assert {(p.payee, p.model, str(p.amount)) for p in settled.parts} == {
        (p["payee"], p["model"], p["amount"]) for p in record["parts"]
    }
    assert "bob" not in json.dumps(record)
    wrong = door.get("/api/me/royalties/totals?by=colour")
    assert error(wrong)["code"] == "totals_group"


def test_a_withdrawal_is_asked_for_once(licensee: Door):
    body = {"amount": "10", "destination": "DE00 1234"}

    first, again = (licensee.pay("/api/me/withdrawals", body, key="k") for _ in "ab")

    assert first.json() == again.json()
    assert len(licensee.get("/api/me/withdrawals").json()["items"]) == 1
    assert first.json()["status"] == "requested"


def test_a_share_passes_on_and_its_history_is_public(
    alice: User, bob: User, now: datetime
):
    publish(alice, "paid", "Allowed", now, shares=[(alice, 4)])
    place = "/api/models/alice/paid/shares"

    offer = door_of(alice).post(place, {"taker": "bob", "parts": 1}).json()
    waiting = door_of(bob).get("/api/me/share-offers").json()
    taken = door_of(bob).post(f"/api/share-offers/{offer['id']}/accept").json()
    shares = Door().get(place).json()

    assert [one["id"] for one in waiting] == [offer["id"]]
    assert taken["status"] == "accepted"
    assert shares["shares"] == {"alice": 3, "bob": 1}
    assert [one["taker"] for one in shares["history"]] == ["bob"]
    missing = door_of(alice).post(place, {"taker": "nobody", "parts": 1})
    assert error(missing)["code"] == "person_not_found"


def test_calls_are_paid_by_vouchers_over_the_api(
    alice: User, licensee: Door, now: datetime
):
    publish(alice, "paid", "Allowed", now)
    door = door_of(alice)
    door.post("/api/models/alice/paid/tariff", {"price": "0.01"})
    meter = licensee.pay(
        "/api/models/alice/paid/meters",
        {"public_key": signatures.public_key(SEED), "deposit": "1"},
    ).json()
    price = int(meter["price_units"])
    voucher = vouchers.sign_voucher(
        SEED, vouchers.Voucher(meter["id"], 0, 30, 30 * price)
    ).to_json()
    place = f"/api/meters/{meter['id']}"

    first = door.post(f"{place}/vouchers", voucher).json()
    again = door.post(f"{place}/vouchers", voucher).json()
    forged = door.post(f"{place}/vouchers", {**voucher, "calls": 31})
    closing = licensee.post(f"{place}/close").json()

    assert first["amount"] == again["amount"] == "0.3"
    assert first["payment"] == again["payment"]
    assert error(forged)["code"] == "voucher_amount"
    assert (closing["status"], closing["spent"]) == ("closing", "0.3")
    assert closing["lanes"][0]["voucher"] == voucher
    assert Royalty.objects.count() == 1
    assert Door().get("/api/models/alice/paid/tariff").json()["price"] == "0.01"


def test_keys_are_published_with_their_periods(db: None):
    keys = Door().get("/api/keys").json()

    (name,) = keys["keys"]
    assert keys["periods"][name]["until"] is None
    assert Door().get("/api/jwks").json()["keys"][0]["kid"] == name
