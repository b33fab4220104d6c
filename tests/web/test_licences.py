"""From a model's page to a certificate that anybody can check."""

import json
from datetime import datetime, timedelta

import pytest
from django.test import Client

from accounts.models import User
from catalogue.models import Model
from catalogue.services import ModelDraft, create_model, publish
from ledger import wallets
from royalties.models import Licence, Quote
from storage.services import store_bytes
from tests.builders import world
from tests.builders.weights import bert_files
from tests.builders.world import UNIT
from tests.web.conftest import Office, as_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid(bob: User, charlie: User, base: Model, now: datetime) -> Model:
    """Bob's and charlie's published model: 25 AST for commercial use."""
    blobs = {
        path: store_bytes(owner=bob, content=content)
        for path, content in bert_files(seed=7).items()
    }
    draft = ModelDraft(
        name="router",
        kind="full",
        files=blobs,
        terms=world.PAID_TERMS,
        shares=[(bob, 2), (charlie, 1)],
        parents=[base],
        card="# Router\n\n<script>x</script>",
    )
    model = create_model(owner=bob, draft=draft, now=now)
    publish(model=model, now=now)
    return model


@pytest.fixture
def buyer(alice: User, now: datetime) -> Client:
    """Alice's browser; she has a hundred tokens."""
    world.fund(alice, 100, now)
    return as_person(alice)


def ask(client: Client, use: str = "commercial") -> str:
    """Ask for a price; returns where it stands."""
    response = client.post("/models/bob/router/quote", {"use": use})
    return str(response.headers["Location"])


def accept(client: Client, where: str) -> str:
    """Press the button; returns where the licence is."""
    key = client.get(where).context["form"]["key"].value()
    return str(client.post(where, {"key": key}).headers["Location"])


def test_the_model_page_says_terms_makers_and_lineage(paid: Model):
    page = Client().get("/models/bob/router").content.decode()

    assert "Commercial use: 25 AST once" in page
    assert "You may use it commercially for 25 AST, paid once." in page
    assert "steward/tiny-bert" in page
    assert "owed 10 % of its child" in page
    assert "<script" not in page
    assert "bob/router" in Client().get("/models/steward/tiny-bert").content.decode()


def test_the_catalogue_finds_by_name(paid: Model):
    assert b"bob/router" in Client().get("/models?query=rout").content
    assert b"bob/router" not in Client().get("/models?query=chess").content


def test_lists_of_models_take_a_bounded_number_of_queries(
    paid: Model, django_assert_max_num_queries
):
    with django_assert_max_num_queries(4):
        Client().get("/models")
    with django_assert_max_num_queries(12):
        Client().get("/models/bob/router")


def test_a_buyer_sees_the_exact_price_pays_it_and_holds_a_certificate(
    paid: Model, buyer: Client, alice: User, bob: User, charlie: User, steward: User
):
    where = ask(buyer)
    assert b"Pay 25 AST and get the licence" in buyer.get(where).content

    page = buyer.get(accept(buyer, where)).content.decode()

    assert wallets.balance_of(alice) == 75 * UNIT
    assert wallets.balance_of(steward) == UNIT * 5 // 2
    assert wallets.balance_of(bob) == 15 * UNIT
    assert wallets.balance_of(charlie) == UNIT * 15 // 2
    for shown in ("alice", "bob/router", "2.5", "7.5", "Ed25519"):
        assert shown in page


def test_pressing_the_button_twice_pays_once(paid: Model, buyer: Client, alice: User):
    where = ask(buyer)
    key = buyer.get(where).context["form"]["key"].value()

    places = {buyer.post(where, {"key": key}).headers["Location"] for _ in range(2)}

    assert len(places) == 1
    assert Licence.objects.count() == 1
    assert wallets.balance_of(alice) == 75 * UNIT


def test_a_use_that_the_terms_forbid_gets_reasons_and_no_price(
    paid: Model, buyer: Client
):
    response = buyer.post("/models/bob/router/quote", {"use": "training"})

    assert response.status_code == 403
    assert b"do not allow training" in response.content
    assert not Quote.objects.exists()


def test_an_expired_quote_has_no_button(paid: Model, buyer: Client, now: datetime):
    where = ask(buyer)
    Quote.objects.update(expires_at=now - timedelta(minutes=1))

    assert b"This price has expired" in buyer.get(where).content
    assert buyer.post(where, {"key": "k"}).status_code == 409


def test_whoever_has_too_little_is_told_and_keeps_it(
    paid: Model, steward: User, now: datetime
):
    world.ensure_asset("AST", 18)
    poor = as_person(steward)
    where = ask(poor)

    response = poor.post(where, {"key": "k"})

    assert response.status_code == 402
    assert not Licence.objects.exists()


def test_the_downloaded_certificate_verifies_and_a_changed_one_does_not(
    office: Office, alice: User
):
    where = f"/licences/{office.licence.id}/certificate.json"
    text = as_person(alice).get(where).content.decode()
    forged = text.replace('"licensee": "alice"', '"licensee": "mallory"')
    assert forged != text

    genuine = Client().post("/verify", {"certificate": text})
    refused = Client().post("/verify", {"certificate": forged})

    assert genuine.status_code == 200
    assert b"Genuine" in genuine.content
    assert refused.status_code == 422
    assert b"Genuine" not in refused.content


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "1" * 5000,
        "[" * 90_000,
        '{"document": {}, "key_id": "x", "signature": "y"}',
        json.dumps({"document": None, "key_id": None, "signature": None}),
    ],
)
def test_nonsense_is_refused_by_the_verifier_with_a_sentence(text: str, db: None):
    response = Client().post("/verify", {"certificate": text})

    assert response.status_code == 422
    assert response.context["form"].errors


def test_a_model_file_is_sent_as_a_download(paid: Model):
    response = Client().get("/models/bob/router/files/config.json")

    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert b"BertForSequenceClassification" in b"".join(response.streaming_content)
    assert Client().get("/models/bob/router/files/none").status_code == 404
