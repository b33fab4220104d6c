"""Where one stands in a competition, and what happens in it."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

from accounts.models import User
from assay.client import Client
from assay.commands.watching import Look, events
from competitions.models import Competition
from competitions.services import lifecycle
from tests.client.conftest import Connect
from tests.commands.conftest import Shell


def test_limits_say_what_may_still_be_sent_today(
    as_user: Callable[[User], Shell], bob: User, contest: Competition
) -> None:
    ran = as_user(bob)("competition", "limits", contest.slug, "--json")

    assert ran.json["used"] == 0
    assert ran.json["limit"] == contest.daily_submissions
    assert ran.json["max_bytes"] == contest.max_bytes


def test_history_is_listed_oldest_first_with_its_hashes(
    anyone: Shell, contest: Competition
) -> None:
    rows = anyone("competition", "history", contest.slug, "--json").json

    assert [row["number"] for row in rows] == list(range(1, len(rows) + 1))
    assert rows[0]["kind"] == "draft"
    assert rows[-1]["head"] == contest.history.latest("number").head


def test_rules_are_shown_and_accepted_by_their_digest(
    as_user: Callable[[User], Shell], bob: User, contest: Competition
) -> None:
    run = as_user(bob)

    before = run("competition", "rules", "show", contest.slug, "--json").json
    accepted = run("competition", "rules", "accept", contest.slug, "-y", "--json").json
    after = run("competition", "rules", "show", contest.slug, "--json").json

    assert (before["rules_accepted"], after["rules_accepted"]) == (False, True)
    assert accepted["rules_digest"] == before["rules_digest"] == contest.rules_digest


def test_watching_prints_what_happens_until_it_has_ended(
    connect: Connect,
    contest: Competition,
    alice: User,
    now: datetime,
) -> None:
    client: Client = connect()

    def meanwhile(_: float) -> None:
        lifecycle.cancel(
            competition=contest, actor=alice, now=now + timedelta(minutes=1)
        )

    seen = events(client, contest.slug, Look(1.0, meanwhile), from_start=False)

    assert [event.kind for event in seen][-1] == "cancelled"


def test_each_event_is_one_line_of_json(
    as_user: Callable[[User], Shell], alice: User, contest: Competition
) -> None:
    run = as_user(alice)
    run("competition", "cancel", contest.slug, "-y")

    ran = run("competition", "watch", contest.slug, "--from-start", "--json")

    kinds = [json.loads(line)["kind"] for line in ran.out.splitlines()]
    assert kinds[0] == "draft"
    assert kinds[-1] == "cancelled"


def test_tokens_are_sent_to_somebody_by_handle(
    as_user: Callable[[User], Shell], alice: User, bob: User
) -> None:
    run = as_user(alice)
    run("wallet", "faucet", "10")

    sent = run("wallet", "send", "bob", "2.5", "-m", "thanks", "-y", "--json")
    line = as_user(bob)("wallet", "statement", "--json").json[0]

    assert (sent.json["amount"], sent.json["available"]) == ("2.5", "7.5")
    assert (line["kind"], line["amount"], line["memo"]) == ("sent", "2.5", "thanks")
    assert run("wallet", "send", "nobody", "1", "-y").code == "person_not_found"


def test_sending_asks_first(as_user: Callable[[User], Shell], alice: User) -> None:
    ran = as_user(alice)("wallet", "send", "bob", "1")

    assert (ran.status, ran.code) == (3, "confirmation_needed")
