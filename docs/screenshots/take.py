"""Take the screenshots of the documents again, from a stack that runs.

    python docs/screenshots/take.py http://127.0.0.1:8000 --password PASSWORD

after ``make run`` has played the demo story, which prints the password. A picture
whose page is not there yet is named and left as it is; the exit code is 1 then.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).parent
ARGUMENTS = ("--no-sandbox", "--hide-scrollbars", "--disable-quic")  # root needs it
SIZE = {"width": 1180, "height": 860}
PATIENCE_MS = 15_000


@dataclass(frozen=True)
class Shot:
    """One picture.

    Attributes:
        path: of its page; ``{slug}`` is the competition.
        person: who is logged in; nobody when empty.
        follow: a selector of the link to be followed from there.
        scroll: a selector of what stands at the top; the page's own top when empty.
    """

    name: str
    path: str
    person: str = ""
    follow: str = ""
    scroll: str = ""


SHOTS = (
    Shot("competition", "/competitions/{slug}"),
    Shot("leaderboard", "/competitions/{slug}/leaderboard"),
    Shot("model", "/models", follow="main a[href^='/models/']"),
    Shot("create", "/new-competition", person="sofia"),
    Shot(
        "licence",
        "/wallet/licences",
        person="lena",
        follow="main a[href^='/licences/']",
    ),
    Shot(
        "split",
        "/wallet/licences",
        person="lena",
        follow="main a[href^='/licences/']",
        scroll="main h2:has-text('Who was paid')",
    ),
    Shot("royalties", "/wallet/royalties", person="maya"),
)


@click.command()
@click.argument("url")
@click.option("--password", default="", help="Of the demo's people.")
@click.option("--competition", "slug", default="intent-routing", show_default=True)
@click.option("--only", multiple=True, type=click.Choice([s.name for s in SHOTS]))
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=HERE,
    help="Where the pictures go; beside this script by default.",
)
@click.option("--chromium", default="/usr/bin/chromium", show_default=True)
def main(
    *,
    url: str,
    password: str,
    slug: str,
    only: tuple[str, ...],
    out: Path,
    chromium: str,
) -> None:
    """Take the documents' screenshots from the stack at URL."""
    out.mkdir(parents=True, exist_ok=True)
    wanted = [shot for shot in SHOTS if not only or shot.name in only]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=list(ARGUMENTS)
        )
        missing = [
            shot.name
            for shot in wanted
            if not take(browser, url, shot, slug, password, out)
        ]
    if missing:
        click.echo(f"Not there yet: {', '.join(missing)}.", err=True)
        sys.exit(1)


def take(  # noqa: PLR0917 - from where, of what, to where
    browser: Browser, url: str, shot: Shot, slug: str, password: str, out: Path
) -> bool:
    """Take one picture; False when its page cannot be reached."""
    with _page(browser, url) as page:
        if shot.person and not _log_in(page, shot.person, password):
            return False
        answer = page.goto(shot.path.format(slug=slug))
        if answer is None or not answer.ok or not _follow(page, shot.follow):
            return False
        if shot.scroll:
            page.locator(shot.scroll).first.evaluate("e => e.scrollIntoView()")
        page.screenshot(path=out / f"{shot.name}.png")
    click.echo(f"{shot.name}.png")
    return True


@contextmanager
def _page(browser: Browser, url: str) -> Iterator[Page]:
    """A page of a fresh browser context: nobody is logged in."""
    context = browser.new_context(
        base_url=url.rstrip("/"),
        viewport={"width": SIZE["width"], "height": SIZE["height"]},
        color_scheme="light",
    )
    context.set_default_timeout(PATIENCE_MS)
    try:
        yield context.new_page()
    finally:
        context.close()


def _log_in(page: Page, handle: str, password: str) -> bool:
    page.goto("/login")
    page.fill("main input[name=username]", handle)
    page.fill("main input[name=password]", password)
    page.click("main form button")
    return not page.url.endswith("/login")


def _follow(page: Page, selector: str) -> bool:
    """Go where the first such link leads; True when there is nothing to follow."""
    if not selector:
        return True
    link = page.locator(selector).first
    if link.count() == 0:
        return False
    address = link.get_attribute("href") or "/"
    answer = page.goto(address)
    return answer is not None and answer.ok


if __name__ == "__main__":
    main()
