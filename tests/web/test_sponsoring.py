"""Creating, staking, opening, moving, cancelling: by form."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from catalogue.models import Model
from competitions.models import Competition, Stake
from ledger import wallets
from tests.builders import world
from tests.builders.weights import LABELS
from tests.builders.world import UNIT
from tests.web.conftest import Office, as_person

pytestmark = pytest.mark.django_db


def split(name: str, content: bytes | None = None) -> SimpleUploadedFile:
    """A benchmark file as a browser sends it."""
    rows = world.lines(world.rows(name, 30))
    return SimpleUploadedFile(f"{name}.jsonl", rows if content is None else content)


def described(now: datetime, **changes: Any) -> dict[str, Any]:
    """A whole form, its three splits included."""
    fields = {
        "title": "Bank intents",
        "slug": "bank-intents",
        "summary": "Route a question.",
        "description": "",
        "base_model": "steward/tiny-bert",
        "task_type": "text_classification",
        "labels": "\n".join(LABELS),
        "metric": "accuracy",
        "sample": split("sample"),
        "public": split("public"),
        "private": split("private"),
        "attachments": [SimpleUploadedFile("kit.zip", b"starter")],
        "minimum_stake": "12.5",
        "prize_rule": "shares_by_rank",
        "shares": "5, 3, 2",
        "margin": "1.5",
        "required_uses": ["commercial"],
        "deadline": f"{now + timedelta(days=7):%Y-%m-%dT%H:%M}",
        "challenge_hours": "24",
        "daily_submissions": "3",
        "max_seconds": "600",
        "budget_percent": "12.5",
        "submission_fee": "0.25",
        "deposit": "5",
    }
    return {**fields, **changes}


@pytest.fixture
def sponsor(alice: User, base: Model, now: datetime) -> Client:
    """Alice's browser; she has a thousand tokens."""
    world.fund(alice, 1000, now)
    return as_person(alice)


def errors_of(response: Any) -> dict[str, list[str]]:
    """Errors by field."""
    return dict(response.context["form"].errors)


def test_a_described_competition_becomes_a_draft_with_all_that_was_said(
    sponsor: Client, now: datetime
):
    response = sponsor.post("/new-competition", described(now))

    assert response.headers["Location"] == "/competitions/bank-intents"
    made = Competition.objects.get()
    assert made.status == "draft"
    assert made.minimum_stake == 12 * UNIT + UNIT // 2
    assert made.prize_options == {"shares": [5, 3, 2]}
    assert made.margin == pytest.approx(0.015)
    assert made.task_options == {"labels": LABELS}
    assert made.challenge_window == timedelta(hours=24)
    assert made.budget_points == 1250
    assert (made.submission_fee, made.deposit) == (UNIT // 4, 5 * UNIT)
    assert {a.path for a in made.attachments.all()} == {"kit.zip", "sample.jsonl"}
    assert {s.name: s.count for s in made.splits.all()} == {
        "sample": 30,
        "public": 30,
        "private": 30,
    }


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"prize_rule": "winner_takes_all", "shares": ""}, ""),
        ({"required_uses": []}, ""),
        ({"slug": "Bank Intents"}, "slug"),
        ({"minimum_stake": "-1"}, "minimum_stake"),
        ({"minimum_stake": "1.0000000000000000001"}, "minimum_stake"),
        ({"shares": "3, 5"}, "shares"),
        ({"shares": "half"}, "shares"),
        ({"metric": "accuracy_normalised"}, "metric"),
        ({"labels": "card"}, "labels"),
        ({"deadline": "2020-01-01T00:00"}, "deadline"),
        ({"base_model": "nobody/nothing"}, "base_model"),
        ({"title": ""}, "title"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    changes: dict[str, Any], field: str, sponsor: Client, now: datetime
):
    response = sponsor.post("/new-competition", described(now, **changes))

    if not field:
        assert response.status_code == 302
        return
    assert response.status_code == 422
    assert list(errors_of(response)) == [field]
    assert not Competition.objects.exists()


def test_a_bad_row_is_named_with_its_number(sponsor: Client, now: datetime):
    rows = world.rows("public", 30)
    rows[11]["label"] = "mortgage"

    response = sponsor.post(
        "/new-competition", described(now, public=split("public", world.lines(rows)))
    )

    assert response.status_code == 422
    assert "Row 12 of the public split" in errors_of(response)["public"][0]


def test_a_split_that_arrived_need_not_be_sent_again(sponsor: Client, now: datetime):
    first = sponsor.post("/new-competition", described(now, title=""))
    held = {
        name: first.context["form"][name].value()
        for name in ("held_sample", "held_public", "held_private")
    }
    again = described(now, **held)
    for name in ("sample", "public", "private"):
        del again[name]

    response = sponsor.post("/new-competition", again)

    assert response.status_code == 302
    assert Competition.objects.get().splits.count() == 3


def test_a_missing_split_is_asked_for(sponsor: Client, now: datetime):
    sent = described(now)
    del sent["private"]

    assert list(errors_of(sponsor.post("/new-competition", sent))) == ["private"]


def test_somebody_elses_digest_is_no_upload(
    sponsor: Client, charlie: User, now: datetime
):
    other = world.stored(charlie, {"x": world.lines(world.rows("private", 9))})["x"]
    sent = described(now, held_private=other)
    del sent["private"]

    response = sponsor.post("/new-competition", sent)

    assert "not uploaded" in errors_of(response)["private"][0]


def stake_form(client: Client, slug: str, amount: str) -> dict[str, str]:
    """The stake form as the page gave it."""
    form = client.get(f"/competitions/{slug}/stake").context["form"]
    return {"amount": amount, "key": form["key"].value()}


def test_a_form_sent_twice_stakes_once(sponsor: Client, alice: User, now: datetime):
    sponsor.post("/new-competition", described(now))
    sent = stake_form(sponsor, "bank-intents", "12.5")

    for _ in range(2):
        response = sponsor.post("/competitions/bank-intents/stake", sent)
        assert response.status_code == 302

    assert Stake.objects.get().amount == 12 * UNIT + UNIT // 2
    assert wallets.balance_of(alice) == 987 * UNIT + UNIT // 2
    assert Competition.objects.get().status == "funded"


def test_the_stake_page_suggests_what_is_missing(sponsor: Client, now: datetime):
    sponsor.post("/new-competition", described(now))

    page = sponsor.get("/competitions/bank-intents/stake")

    assert page.context["form"]["amount"].value() == "12.5"


@pytest.mark.parametrize(
    ("amount", "status"),
    [("5000", 402), ("0", 422), ("1e3", 422), ("1,000", 422), ("", 422)],
)
def test_an_amount_that_cannot_be_staked_moves_nothing(
    amount: str, status: int, sponsor: Client, alice: User, now: datetime
):
    sponsor.post("/new-competition", described(now))

    response = sponsor.post(
        "/competitions/bank-intents/stake", stake_form(sponsor, "bank-intents", amount)
    )

    assert response.status_code == status
    assert errors_of(response)
    assert wallets.balance_of(alice) == 1000 * UNIT


def test_opening_waits_for_the_baseline_and_then_opens(sponsor: Client, now: datetime):
    sponsor.post("/new-competition", described(now))
    sent = stake_form(sponsor, "bank-intents", "12.5")
    sponsor.post("/competitions/bank-intents/stake", sent)

    early = sponsor.post("/competitions/bank-intents/open")
    for evaluation in Competition.objects.get().evaluations.all():
        world.score(evaluation, right=10, now=now)
    late = sponsor.post("/competitions/bank-intents/open")

    assert early.status_code == 409
    assert b"still being scored" in early.content
    assert late.status_code == 302
    assert Competition.objects.get().status == "open"


def test_the_deadline_moves_by_form(office: Office, bob: User, now: datetime):
    later = (now + timedelta(days=30)).replace(second=0, microsecond=0)

    as_person(bob).post(
        "/competitions/bank-intents/deadline", {"deadline": f"{later:%Y-%m-%dT%H:%M}"}
    )

    assert Competition.objects.get(slug="bank-intents").deadline == later


def test_cancelling_gives_the_stake_back(alice: User, base: Model, now: datetime):
    world.open_competition(alice, base, now)
    client = as_person(alice)

    shown = client.get("/competitions/bank-intents/cancel")
    client.post("/competitions/bank-intents/cancel")

    assert b"Cancel and return 100 AST" in shown.content
    assert Competition.objects.get().status == "cancelled"
    assert wallets.balance_of(alice) == 1000 * UNIT


def test_a_stake_is_withdrawn_by_its_staker_until_the_opening(
    alice: User, charlie: User, base: Model, now: datetime
):
    competition = world.funded_competition(alice, base, now)
    stake = competition.stakes.get()
    where = f"/competitions/bank-intents/stakes/{stake.pk}/withdraw"
    client = as_person(alice)

    assert where.encode() in client.get("/competitions/bank-intents/stakes").content
    assert as_person(charlie).post(where).status_code == 403
    assert b"Withdraw 100 AST" in client.get(where).content
    shown = client.post(where, follow=True)

    assert b"100 AST are back in your wallet" in shown.content
    assert b"withdrawn" in shown.content
    assert where.encode() not in shown.content
    assert Competition.objects.get().status == "draft"
    assert wallets.balance_of(alice) == 1000 * UNIT
    assert client.get(where).status_code == 200


def test_a_stake_on_an_open_competition_is_not_withdrawn(
    alice: User, base: Model, now: datetime
):
    stake = world.open_competition(alice, base, now).stakes.get()
    where = f"/competitions/bank-intents/stakes/{stake.pk}/withdraw"
    client = as_person(alice)

    response = client.post(where)

    assert response.status_code == 409
    assert where.encode() not in client.get("/competitions/bank-intents/stakes").content


def test_a_competition_with_entries_cannot_be_cancelled(office: Office, bob: User):
    response = as_person(bob).post("/competitions/bank-intents/cancel")

    assert response.status_code == 409
    assert b"it will be judged" in response.content
