"""The list of competitions and the tabs of one."""

import re
from datetime import datetime, timedelta

import pytest
from django.test import Client

from accounts.models import User
from catalogue.models import Model
from competitions.services import evaluating, lifecycle
from tests.builders import world
from tests.builders.hill import KING, contested
from tests.web.conftest import Office, as_person

pytestmark = pytest.mark.django_db


def test_the_list_finds_by_words_and_status(office: Office):
    client = Client()

    def found(query: str) -> bool:
        return b"/competitions/bank-intents" in client.get(query).content

    assert found("/competitions")
    assert found("/competitions?query=BANK&status=open")
    assert not found("/competitions?query=chess")
    assert not found("/competitions?status=settled")


@pytest.mark.parametrize("address", ["/competitions?query=%00", "/models/a/%00"])
def test_an_address_with_a_nul_is_refused_as_on_the_api(office: Office, address: str):
    answer = Client().get(address)

    assert answer.status_code == 404
    assert b"holds a NUL" in answer.content


def test_a_draft_is_listed_to_its_sponsor_alone(office: Office, alice: User):
    assert b"/competitions/drafted" not in Client().get("/competitions").content
    assert b"/competitions/drafted" in as_person(alice).get("/competitions").content


def test_whatever_is_listed_can_be_opened(
    alice: User, bob: User, charlie: User, base: Model, now: datetime
):
    world.funded_competition(alice, base, now, slug="funded")
    world.open_competition(bob, base, now, slug="opened")
    cancelled = world.funded_competition(charlie, base, now, slug="cancelled")
    lifecycle.cancel(competition=cancelled, actor=charlie, now=now)

    for viewer in (None, alice, bob, charlie):
        client = as_person(viewer)
        listed = {c.slug for c in client.get("/competitions").context["page"].items}
        openable = {
            slug
            for slug in ("funded", "opened", "cancelled")
            if client.get(f"/competitions/{slug}").status_code == 200
        }
        assert listed == openable, viewer


def test_the_list_pages_through_all_of_them(alice: User, base: Model, now: datetime):
    for number in range(25):
        world.drafting.create_competition(
            sponsor=alice,
            spec=world.spec(alice, base, now, slug=f"task-{number}"),
            now=now - timedelta(minutes=number),
        )
    client = as_person(alice)

    first = client.get("/competitions")
    cursor = first.context["page"].next_cursor
    second = client.get("/competitions", {"cursor": cursor})

    slugs = [
        competition.slug
        for page in (first, second)
        for competition in page.context["page"].items
    ]
    assert slugs == [f"task-{number}" for number in range(25)]


def test_a_forged_cursor_is_a_page_that_says_so():
    response = Client().get("/competitions?cursor=zzz")

    assert response.status_code == 422
    assert b"cursor_invalid" in response.content


def test_the_list_takes_a_bounded_number_of_queries(
    alice: User, base: Model, now: datetime, django_assert_max_num_queries
):
    for number in range(20):
        world.drafting.create_competition(
            sponsor=alice,
            spec=world.spec(alice, base, now, slug=f"task-{number}"),
            now=now,
        )
    client = as_person(alice)

    with django_assert_max_num_queries(6):
        client.get("/competitions")


@pytest.mark.parametrize(
    "tab", ["", "/data", "/leaderboard", "/stakes", "/history", "/submissions"]
)
def test_a_tab_takes_a_bounded_number_of_queries(
    tab: str, office: Office, alice: User, django_assert_max_num_queries
):
    client = as_person(alice)

    with django_assert_max_num_queries(14):
        assert client.get(f"/competitions/bank-intents{tab}").status_code == 200


def test_a_sponsors_markdown_cannot_carry_markup_of_its_own(
    bob: User, base: Model, now: datetime
):
    text = (
        "# Why\n\n**bold** <script>alert(1)</script>\n\n"
        "[bad](javascript:alert(1)) ![pixel](https://spy.example/x.png)"
    )
    world.open_competition(bob, base, now, description=text)

    page = Client().get("/competitions/bank-intents").content.decode()

    assert "<strong>bold</strong>" in page
    assert "<h2>Why</h2>" in page
    assert "<script" not in page
    assert 'href="javascript' not in page
    assert "<img" not in page


def test_no_page_loads_or_runs_anything_inline(office: Office):
    response = Client().get("/competitions/bank-intents/leaderboard")

    policy = response.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert b"<script" not in response.content
    assert b" style=" not in response.content


def scored_board(office: Office, others: list[tuple[User, int]], now: datetime) -> None:
    """Alice's entry scores 25 of 30, those of the others as told."""
    world.score(office.submission.evaluations.get(), right=25, now=now)
    for seed, (miner, right) in enumerate(others, start=2):
        entry = world.submit(miner, office.open, now, seed=seed)
        world.score(entry.evaluations.get(), right=right, now=now)


def test_the_board_shows_ties_as_ties_and_the_baseline_in_its_place(
    office: Office, alice: User, charlie: User, steward: User, now: datetime
):
    scored_board(office, [(charlie, 25), (steward, 5)], now)

    response = as_person(alice).get("/competitions/bank-intents/leaderboard")

    lines = response.context["lines"]
    places = [(ln.row.rank, ln.row.tied) if ln.row else "baseline" for ln in lines]
    assert places == [(1, True), (1, True), "baseline", (3, False)]
    page = response.content.decode()
    assert page.count('<tr class="mine">') == 1
    assert "83.33" in page
    assert "33.33" in page
    assert "public split of 30 hidden examples" in page


def test_the_private_split_is_not_shown_before_the_final_board(
    office: Office, alice: User, now: datetime
):
    scored_board(office, [], now)
    later = now + timedelta(days=8)
    lifecycle.advance(competition=office.open, now=later)
    private = office.submission.evaluations.get(split="private")
    world.score(private, right=13, now=later)

    page = as_person(alice).get(f"/submissions/{office.submission.id}")
    assert b"43.33" not in page.content

    lifecycle.advance(competition=office.open, now=later)
    page = as_person(alice).get(f"/submissions/{office.submission.id}")
    assert b"43.33" in page.content


def test_a_settled_board_shows_what_each_place_earned(office: Office, now: datetime):
    scored_board(office, [], now)
    later = now + timedelta(days=8)
    lifecycle.advance(competition=office.open, now=later)
    world.score(office.submission.evaluations.get(split="private"), right=28, now=later)
    lifecycle.advance(competition=office.open, now=later)

    page = Client().get("/competitions/bank-intents/leaderboard").content.decode()

    assert "Final board" in page
    assert '100 <span class="unit">AST</span>' in page


def test_a_failed_entry_says_whose_fault_it_was_and_what_to_do(
    office: Office, alice: User, steward: User, now: datetime
):
    evaluation = office.submission.evaluations.get()
    job = evaluating.lease(evaluation_id=str(evaluation.id), evaluator=steward, now=now)
    evaluating.record_failure(
        evaluation_id=str(evaluation.id),
        lease=job.lease,
        fault="model",
        code="weights_missing",
        sentence="The weight classifier.bias is missing.",
        usage={},
        now=now,
    )

    page = as_person(alice).get(f"/submissions/{office.submission.id}").content

    assert b"The model failed" in page
    assert b"classifier.bias is missing" in page
    assert b"weights_missing" in page


def test_the_history_lists_every_event(office: Office):
    page = Client().get("/competitions/bank-intents/history").content.decode()

    for kind in ("draft", "staked", "funded", "open", "submitted"):
        assert f'<th scope="row">{kind}</th>' in page


def test_the_power_page_says_what_luck_would_do(
    alice: User, base: Model, now: datetime
):
    world.funded_competition(alice, base, now, slug="funded")

    page = as_person(alice).get("/competitions/funded/power").content.decode()

    assert "At least one of 30 does" in page
    assert "10.00 points" in page


def test_the_power_page_waits_for_the_baseline(office: Office, alice: User):
    office.draft.evaluations.update(status="queued")

    page = as_person(alice).get(f"/competitions/{office.draft.slug}/power")

    assert page.status_code == 200
    assert b"still being scored" in page.content


def test_the_page_names_the_king_since_when_and_what_has_accrued(
    alice: User, bob: User, charlie: User, steward: User, now: datetime
):
    yesterday = now - timedelta(days=1)
    base = world.base_model(steward, yesterday)
    contested(alice, base, (bob, charlie), yesterday)

    page = Client().get("/competitions/bank-intents").content.decode()

    assert "charlie/model-5</a> leads since" in page
    panel = page.partition('id="hill"')[2].partition("</section>")[0]
    rows = re.findall(r"<dt>(?:<a [^>]*>)?(\w+).*?</dt><dd>.*?>([\d.]+) <", panel)
    assert rows == [("charlie", "50"), ("bob", "30"), ("nobody", "20")]
    assert "by 0.1 on the score&#x27;s scale" in page


def test_before_anybody_leads_the_page_says_what_has_gone_by(
    alice: User, base: Model, now: datetime
):
    world.open_competition(alice, base, now, **KING)

    page = Client().get("/competitions/bank-intents").content.decode()

    assert "Nobody leads yet." in page
