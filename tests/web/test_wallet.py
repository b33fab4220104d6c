"""Balance, faucet, statement, royalties."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from django.db import transaction
from django.test import Client

from accounts.models import User
from catalogue.models import Model
from ledger import wallets
from ledger.holds import hold
from royalties import services as royalties
from tests.builders import world
from tests.builders.amounts import EXACT, EXACT_UNITS, HOSTILE
from tests.builders.world import UNIT
from tests.web.conftest import as_person
from tests.web.test_licences import paid  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(alice: User, base: Model, now: datetime) -> Client:
    """Alice's browser."""
    world.ensure_asset("AST", 18)
    return as_person(alice)


def ask(client: Client, amount: str) -> dict[str, str]:
    """The faucet's form as the page gave it."""
    key = client.get("/wallet").context["form"]["key"].value()
    return {"amount": amount, "key": key}


def test_the_faucet_gives_once_for_one_form(client: Client, alice: User):
    sent = ask(client, "250.5")

    client.post("/wallet", sent)
    client.post("/wallet", sent)

    assert wallets.balance_of(alice) == 250 * UNIT + UNIT // 2
    page = client.get("/wallet").content.decode()
    assert page.count("+250.5") == 1


def test_an_amount_is_read_to_the_last_decimal(client: Client, alice: User):
    client.post("/wallet", ask(client, EXACT))

    assert wallets.balance_of(alice) == EXACT_UNITS


@pytest.mark.parametrize(("text", "code"), [pair for pair in HOSTILE if pair[0]])
def test_no_trick_passes_for_an_amount(
    client: Client, alice: User, text: str, code: str
):
    response = client.post("/wallet", ask(client, text))

    assert response.status_code == 422
    assert response.context["form"].has_error("amount", code)
    assert wallets.balance_of(alice) == 0


def test_the_faucets_daily_limit_is_told_in_the_form(client: Client, alice: User):
    response = client.post("/wallet", ask(client, "10001"))

    assert response.status_code == 429
    assert b"a day" in response.content
    assert wallets.balance_of(alice) == 0


def test_a_closed_faucet_is_neither_shown_nor_open(
    client: Client, alice: User, settings
):
    settings.FAUCET = False

    assert b"Faucet" not in client.get("/wallet").content
    assert client.post("/wallet", {"amount": "1", "key": "k"}).status_code == 403
    assert wallets.balance_of(alice) == 0


def test_the_statement_pages_with_a_running_balance(client: Client):
    for _ in range(30):
        client.post("/wallet", ask(client, "1"))

    first = client.get("/wallet")
    second = client.get("/wallet", {"cursor": first.context["page"]["next_cursor"]})

    running = [
        line.running // UNIT
        for page in (first, second)
        for line, _ in page.context["lines"]
    ]
    assert running == list(range(30, 0, -1))


def test_the_statement_takes_a_bounded_number_of_queries(
    client: Client, django_assert_max_num_queries
):
    for _ in range(25):
        client.post("/wallet", ask(client, "1"))

    with django_assert_max_num_queries(14):
        client.get("/wallet")


def test_a_period_is_shown_with_its_balances_and_as_a_file(client: Client):
    client.post("/wallet", ask(client, "2.5"))
    today = datetime.now(UTC).date()

    page = client.get("/wallet", {"from": today, "to": today}).content.decode()
    file = client.get("/wallet/statement.csv", {"from": today})
    rows = list(csv.DictReader(io.StringIO(file.getvalue().decode())))
    document = client.get("/wallet/statement.json").getvalue()

    assert "at the end" in page
    assert f"statement.csv?from={today}&amp;to={today}" in page
    assert [(row["amount"], row["running"]) for row in rows] == [("2.5", "2.5")]
    assert [row["amount"] for row in json.loads(document)] == ["2.5"]


def test_an_earlier_period_is_empty(client: Client):
    client.post("/wallet", ask(client, "2.5"))

    page = client.get("/wallet", {"to": "2001-01-01"}).content
    document = client.get("/wallet/statement.json", {"to": "2001-01-01"}).getvalue()

    assert b"Nothing moved in this period" in page
    assert json.loads(document) == []


def test_a_statement_is_of_two_forms_and_of_a_period_that_can_be_read(client: Client):
    assert client.get("/wallet/statement.exe").status_code == 404
    assert client.get("/wallet", {"from": "soon"}).status_code == 422
    assert client.get("/wallet", {"cursor": "9" * 40}).status_code == 200


def test_a_cell_is_never_a_formula(client: Client, alice: User, now: datetime):
    wallets.issue(
        user=alice,
        amount=UNIT,
        caller="test",
        key="k",
        kind="issuance",
        memo='=HYPERLINK("x")',
        now=now,
    )

    text = client.get("/wallet/statement.csv").getvalue().decode()

    assert "\"'=HYPERLINK" in text


def test_what_is_held_is_shown(client: Client, alice: User, now: datetime):
    client.post("/wallet", ask(client, "5"))
    with transaction.atomic():
        hold(
            caller="test",
            key="h",
            account=wallets.wallet(alice),
            amount=2 * UNIT,
            reference="job:1",
            memo="An evaluation",
            expires_at=None,
            now=now,
        )

    page = client.get("/wallet").content.decode()

    assert "An evaluation" in page
    assert "<dt>available</dt>" in page


def test_a_contributor_sees_each_royalty_with_its_whole_split(
    paid: Model,  # noqa: F811
    alice: User,
    charlie: User,
    now: datetime,
    django_assert_max_num_queries,
):
    world.fund(alice, 1000, now)
    for number in range(4):
        quote = royalties.quote(licensee=alice, model=paid, use="commercial", now=now)
        royalties.accept(
            quote_id=str(quote.id), licensee=alice, key=f"k{number}", now=now
        )

    client = as_person(charlie)
    with django_assert_max_num_queries(11):
        page = client.get("/wallet/royalties").content.decode()

    assert page.count("+7.5 ") == 4
    assert "Received in all: <strong>" in page
    assert '30 <span class="unit">' in page
    for handle in ("bob", "charlie", "steward"):
        assert handle in page
