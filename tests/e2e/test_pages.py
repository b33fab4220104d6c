"""The pages in a real browser: what it complains of, and whether they fit."""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, sync_playwright

from accounts.models import User
from accounts.services import sign_up
from catalogue.models import Model
from common import clock
from competitions.models import Competition, Stake
from tests.builders import world
from tests.builders.world import UNIT
from tests.conftest import PASSWORD
from tests.services.chromium import find_chromium

CHROMIUM = find_chromium()
ARGUMENTS = [
    "--no-sandbox",  # as root Chromium refuses to start with it
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        CHROMIUM is None and not os.environ.get("CI"),
        reason="there is no Chromium: apt-get install chromium",
    ),
]


@pytest.fixture(scope="session", autouse=True)
def _collected_files_have_a_folder() -> None:
    """Whitenoise warns, and a warning fails, when it is not there."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture(scope="module", autouse=True)
def _database_calls_beside_a_browsers_loop() -> Iterator[None]:
    """Playwright runs a loop in this thread, which Django takes for async code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture(scope="session")
def broker(valkey: str) -> None:
    """A real broker where the settings expect it: transactions here do commit."""
    place = Path(settings.REDIS_URL.removeprefix("redis+socket://"))
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    place.symlink_to(valkey.removeprefix("redis+socket://"))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for all tests."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=ARGUMENTS
        )
        yield browser
        browser.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser's console said, CSP violations among it."""
    return []


@pytest.fixture(params=["light", "dark"])
def page(
    request: pytest.FixtureRequest,
    chromium: Browser,
    live_server,
    complaints: list[str],
) -> Iterator[Page]:
    """A narrow window whose complaints are kept."""
    context = chromium.new_context(
        base_url=live_server.url,
        color_scheme=request.param,
        viewport={"width": 360, "height": 740},
    )
    page = context.new_page()
    page.on("console", lambda said: complaints.append(f"{page.url}: {said.text}"))
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    yield page
    context.close()


@pytest.fixture
def at() -> datetime:
    """The server reads the real clock."""
    return clock.now()


@pytest.fixture
def stocked(alice: User, bob: User, at: datetime, broker: None) -> Competition:
    """An open competition of alice's with one scored entry of bob's, and a draft."""
    steward = sign_up(handle="steward", email="", password="weights for everybody 1")
    base: Model = world.base_model(steward, at)
    opened = world.open_competition(alice, base, at - timedelta(hours=1))
    entry = world.submit(bob, opened, at, seed=1)
    world.score(entry.evaluations.get(), right=25, now=at)
    world.drafting.create_competition(
        sponsor=alice, spec=world.spec(alice, base, at, slug="drafted"), now=at
    )
    return opened


def log_in(page: Page, handle: str) -> None:
    """By the form."""
    page.goto("/login")
    page.get_by_label("Handle").fill(handle)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("button", name="Log out").wait_for()


def looked_at(page: Page, address: str) -> dict[str, object]:
    """Open a page; what a person with eyes or a reader would trip over."""
    response = page.goto(address)
    assert response is not None
    return {
        "status": response.status,
        "wider than the window": page.evaluate(
            "document.documentElement.scrollWidth > window.innerWidth"
        ),
        "first headings": page.locator("h1").count(),
        "fields without a name": page.evaluate(
            """[...document.querySelectorAll('input, select, textarea')]
               .filter(f => f.type !== 'hidden' && !f.labels.length).length"""
        ),
        "twice the same id": page.evaluate(
            """(() => { const ids = [...document.querySelectorAll('[id]')]
               .map(e => e.id); return ids.length - new Set(ids).size })()"""
        ),
    }


SOUND = {
    "status": 200,
    "wider than the window": False,
    "first headings": 1,
    "fields without a name": 0,
    "twice the same id": 0,
}


def test_every_public_page_is_sound_and_quiet(
    page: Page, stocked: Competition, complaints: list[str]
):
    one = f"/competitions/{stocked.slug}"
    tabs = [f"{one}{tab}" for tab in ("/data", "/leaderboard", "/stakes", "/history")]
    entry = f"/submissions/{stocked.submissions.get().id}"
    for address in [
        *("/", "/signup", "/login", "/competitions", "/models", "/verify"),
        *("/models/steward/tiny-bert", entry, one, *tabs),
    ]:
        assert looked_at(page, address) == SOUND, address
    assert complaints == []


def test_every_page_of_a_sponsor_is_sound_and_quiet(
    page: Page, stocked: Competition, complaints: list[str]
):
    log_in(page, "alice")
    for address in [
        *("/wallet", "/wallet/royalties", "/wallet/licences", "/tokens"),
        *("/new-competition", "/competitions/drafted"),
        *("/competitions/drafted/stake", "/competitions/drafted/open"),
        *("/competitions/drafted/deadline", "/competitions/drafted/cancel"),
        f"/competitions/{stocked.slug}/submissions",
    ]:
        assert looked_at(page, address) == SOUND, address
    assert complaints == []


def test_a_sponsor_stakes_with_keyboard_and_mouse(
    page: Page, stocked: Competition, complaints: list[str]
):
    log_in(page, "alice")
    page.goto("/competitions/drafted")
    page.get_by_role("link", name="Stake 100 AST").click()
    amount = page.get_by_label("Amount in AST")
    assert amount.input_value() == "100"
    amount.fill("120.5")
    amount.press("Enter")

    page.get_by_text("120.5 AST are staked.").wait_for()
    stake = Stake.objects.get(competition__slug="drafted")
    assert stake.amount == 120 * UNIT + UNIT // 2
    assert complaints == []


def test_the_skip_link_is_the_first_stop_and_leads_to_the_content(
    page: Page, stocked: Competition
):
    page.goto("/competitions")
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.url.endswith("#content")


def test_the_policy_stops_an_inline_script(
    page: Page, stocked: Competition, complaints: list[str]
):
    page.goto("/")
    page.evaluate(
        """() => { const s = document.createElement('script');
           s.textContent = 'window.ran = true'; document.body.append(s) }"""
    )

    assert page.evaluate("window.ran") is None
    assert any("Content Security Policy" in said for said in complaints)


def test_the_chart_of_the_prizes_follows_what_is_typed(
    page: Page, stocked: Competition, complaints: list[str]
):
    log_in(page, "alice")
    page.goto("/new-competition")
    told = page.get_by_role("region", name="What each rank would get").first
    told.locator("svg").wait_for()

    page.get_by_label("Each of the first places earns a fixed share").check()
    told.get_by_text("There is no chart yet").wait_for()
    page.get_by_label("Shares").fill("3, 1")
    told.get_by_text("75.0 %").wait_for()
    told.get_by_text("Try it on other scores").click()
    page.get_by_label("Scores to try it on").fill(
        "time,entrant,score\n2026-05-01,zoe,0.9\n"
    )
    told.get_by_text("1. zoe/1").wait_for()

    assert complaints == []


def test_without_scripts_a_button_draws_the_chart(
    chromium: Browser, live_server, stocked: Competition
):
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    log_in(page, "alice")
    page.goto("/new-competition")
    page.get_by_label("Title").fill("Half a form")
    page.get_by_label("Each of the first places earns a fixed share").check()
    page.get_by_label("Shares").fill("3, 1")
    page.get_by_role("button", name="Draw it again").click()

    page.get_by_text("75.0 %").wait_for()
    assert page.get_by_label("Title").input_value() == "Half a form"
    context.close()
