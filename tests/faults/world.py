"""Who takes part, as a program of its own: the harness never opens the database.

    python -m tests.faults.world --settlements 120 --seconds 300

prints JSON: tokens of stakers, the slug they stake on, wallets to move tokens
between, and the competitions that the clock will settle within those seconds.
"""

import argparse
import json
import sys
from datetime import datetime, timedelta
from typing import Any

import django

django.setup()

from accounts.models import User  # Django is set up above
from accounts.services import issue_token, sign_up
from catalogue.models import Model
from common.clock import now as clock_now
from competitions.models import Competition
from competitions.services import lifecycle
from ledger.services import ensure_asset
from ledger.wallets import issue, wallet
from tests.builders import world
from tests.conftest import PASSWORD

STAKERS, WALLETS, CONTRIBUTORS = 6, 12, 40
TOKENS = 1000
DAY = timedelta(days=1)


def person(handle: str) -> User:
    """Somebody who has signed up."""
    return sign_up(handle=handle, email=f"{handle}@example.org", password=PASSWORD)


def make(settlements: int, seconds: int) -> dict[str, Any]:
    """Make everything; competitions settle evenly over the coming seconds."""
    now = clock_now()
    past = now - 9 * DAY
    base = world.base_model(person("base-owner"), past)
    sponsor, miner = person("sponsor"), person("miner")
    team = {person(f"contributor-{n}").username: n + 1 for n in range(CONTRIBUTORS)}
    _endow(sponsor, settlements, past)
    open_to = world.open_competition(
        sponsor, base, now, slug="open-to-stakes", deadline=now + DAY
    )
    for number in range(settlements):
        wait = timedelta(seconds=seconds * (number + 1) / settlements)
        _provisional(sponsor, miner, team, base, number, past=past, due=now + wait)
    return {
        "slug": open_to.slug,
        "tokens": [_token(f"staker-{n}", now) for n in range(STAKERS)],
        "wallets": [_wallet(f"holder-{n}", now) for n in range(WALLETS)],
        "settlements": [f"settles-{number}" for number in range(settlements)],
    }


def _provisional(
    sponsor: User,
    miner: User,
    team: dict[str, int],
    base: Model,
    number: int,
    *,
    past: datetime,
    due: datetime,
) -> Competition:
    """A competition that has been judged; its challenge window ends when it is due."""
    closing = past + 7 * DAY
    competition = world.open_competition(
        sponsor,
        base,
        past,
        slug=f"settles-{number}",
        deadline=closing,
        challenge_window=due - closing,
    )
    submission = world.submit(
        miner, competition, past, seed=number, name=f"model-{number}", shares=team
    )
    for evaluation in submission.evaluations.filter(status="queued"):
        world.score(evaluation, right=20, now=past)
    lifecycle.advance(competition=competition, now=closing)
    for evaluation in submission.evaluations.filter(status="queued"):
        world.score(evaluation, right=20, now=closing)
    lifecycle.advance(competition=competition, now=closing)
    world.repeat(competition, now=closing)
    competition.refresh_from_db()
    if competition.status != Competition.Status.PROVISIONAL:
        raise RuntimeError(f"{competition} is {competition.status}, not provisional.")
    return competition


def _endow(sponsor: User, settlements: int, now: datetime) -> None:
    """Enough for every stake; the faucet gives less in a day."""
    ensure_asset("AST", 18)
    issue(
        user=sponsor,
        amount=world.UNIT * 100 * (settlements + 1),
        caller="faults",
        key="endowment",
        kind="endowment",
        memo="",
        now=now,
    )


def _token(handle: str, now: datetime) -> str:
    user = person(handle)
    world.fund(user, TOKENS, now)
    return issue_token(user=user, name="faults")[1]


def _wallet(handle: str, now: datetime) -> str:
    user = person(handle)
    world.fund(user, TOKENS, now)
    return str(wallet(user).pk)


def main() -> None:
    """Make the world and print what there is."""
    parser = argparse.ArgumentParser("python -m tests.faults.world")
    parser.add_argument("--settlements", type=int, required=True)
    parser.add_argument("--seconds", type=int, required=True)
    chosen = parser.parse_args()
    sys.stdout.write(json.dumps(make(chosen.settlements, chosen.seconds)))


if __name__ == "__main__":
    main()
