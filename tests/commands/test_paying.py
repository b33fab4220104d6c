"""Entries that cost something: told, asked, agreed to, or paid by a pool."""

from collections.abc import Callable
from pathlib import Path

import pytest

from accounts.models import User
from competitions.models import Competition, Dues, Submission
from ledger.wallets import balance_of
from tests.builders.world import UNIT
from tests.commands.conftest import Shell

SUBMIT = ("-c", "bank-intents", "--name", "mine", "--terms", "open")


@pytest.fixture
def costly(contest: Competition) -> Competition:
    """A fee of 1 and a deposit of 2 an entry."""
    Competition.objects.filter(pk=contest.pk).update(
        submission_fee=UNIT, deposit=2 * UNIT
    )
    contest.refresh_from_db()
    return contest


@pytest.fixture
def run(as_user: Callable[[User], Shell], bob: User, costly: Competition) -> Shell:
    """Bob's shell; he has ten tokens and has accepted the rules."""
    shell = as_user(bob)
    shell("wallet", "faucet", "10")
    shell("competition", "rules", "accept", "bank-intents", "-y")
    return shell


def test_without_agreement_nothing_is_sent(run: Shell, entry: Path) -> None:
    ran = run("submit", entry, *SUBMIT)

    assert (ran.status, ran.code) == (3, "confirmation_needed")
    assert "a fee of 1 and a deposit of 2 AST" in ran.err
    assert "You have 10 AST" in ran.err
    assert not Submission.objects.exists()


@pytest.mark.parametrize("agreed", ["--pay", "-y"])
def test_agreeing_beforehand_pays(
    run: Shell, entry: Path, bob: User, agreed: str
) -> None:
    made = run("submit", entry, *SUBMIT, agreed)
    shown = run("submission", "show", made.out.strip())
    deposits = run("wallet", "deposits", "--json")

    assert made.status == 0
    assert balance_of(bob) == 9 * UNIT
    assert "by the miner; the deposit is held" in shown.out
    assert [dues["spent"] for dues in deposits.json] == ["3"]


def test_where_a_pool_pays_nobody_is_asked(
    run: Shell,
    entry: Path,
    as_user: Callable[[User], Shell],
    bob: User,
    charlie: User,
) -> None:
    friend = as_user(charlie)
    friend("wallet", "faucet", "20")
    opened = friend(
        *("pool", "open", "For beginners", "-c", "bank-intents"),
        *("--handle", "bob", "--user-cap", "5", "-q"),
    )
    pool = opened.out.strip()
    for _ in range(2):
        friend("pool", "fund", pool, "10", "--key", "once")
    made = run("submit", entry, *SUBMIT)
    payments = run("pool", "payments", pool, "--json")
    shown = run("pool", "show", pool, "--json")
    listed = run("pool", "list", "bank-intents", "-q")
    refused = run("pool", "close", pool, "-y")
    asked = friend("pool", "close", pool)
    closed = friend("pool", "close", pool, "-y", "--json")
    fundings = friend("pool", "fundings", pool, "--json")

    assert made.status == 0
    assert "“For beginners” pays it for you" in made.err
    assert Dues.objects.get().pool is not None
    assert balance_of(bob) == 10 * UNIT
    assert [paid["miner"] for paid in payments.json] == ["bob"]
    assert (shown.json["available"], shown.json["held"]) == ("7", "2")
    assert listed.out.strip() == pool
    assert (refused.status, refused.code) == (3, "not_the_pools_owner")
    assert asked.code == "confirmation_needed"
    assert closed.json["status"] == "closing"
    assert [funding["amount"] for funding in fundings.json] == ["10"]
