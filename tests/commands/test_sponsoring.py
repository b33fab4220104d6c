"""A sponsor's road: a file, a stake, an open competition."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from catalogue.models import Model
from common import clock
from competitions.models import Competition
from ledger.wallets import balance_of
from tests.builders import world
from tests.builders.amounts import EXACT, EXACT_UNITS, HOSTILE
from tests.builders.weights import LABELS
from tests.commands.conftest import Shell

SPEC = """
slug = "my-intents"
title = "My intents"
summary = "Route a customer's question."
task_type = "text_classification"
task_options = {{ labels = {labels} }}
metric = "accuracy"
base_model = "charlie/tiny-bert"
minimum_stake = "12.5"
prize_rule = "shares_by_rank"
prize_options = {{ shares = [3, 1] }}
margin = 0.01
deadline = "+7d"
challenge_hours = 0
{more}
[splits]
sample = "data/sample.jsonl"
public = "data/public.jsonl"
private = "data/private.jsonl"

[attachments]
starter = "kit"
"NOTICE.md" = "notice.md"
"""


@pytest.fixture
def run(as_user: Callable[[User], Shell], alice: User, base: Model) -> Shell:
    """Alice's shell, where a base model is there to build on."""
    return as_user(alice)


@pytest.fixture
def spec(home: Path) -> Path:
    """A competition's file with all that it names."""
    (home / "data").mkdir()
    (home / "kit" / "deep").mkdir(parents=True)
    for split in ("sample", "public", "private"):
        content = world.lines(world.rows(split, 6))
        (home / "data" / f"{split}.jsonl").write_bytes(content)
    (home / "kit" / "train.py").write_text("print('train')")
    (home / "kit" / "deep" / "more.txt").write_text("more")
    (home / "kit" / ".hidden").write_text("hidden")
    (home / "notice.md").write_text("CC-BY")
    return written(home)


def written(home: Path, more: str = "") -> Path:
    path = home / "competition.toml"
    path.write_text(SPEC.format(labels=json.dumps(LABELS), more=more))
    return path


def test_a_competition_goes_from_a_file_to_open(
    run: Shell, spec: Path, alice: User
) -> None:
    run("wallet", "faucet", "100")
    created = run("competition", "create", spec, "--json")
    staked = run("stake", "add", "my-intents", "12.5", "-q")
    for evaluation in Competition.objects.get().evaluations.all():
        world.score(evaluation, right=2, now=clock.now())
    opened = run("competition", "open", "my-intents", "--json")
    stakes = run("stake", "list", "my-intents", "--json")

    assert created.status == staked.status == opened.status == 0
    assert created.json["prize_options"] == {"shares": [3, 1]}
    assert created.json["splits"]["private"] == 6
    assert created.json["margin"] == 0.01
    assert opened.json["status"] == "open"
    assert [stake["amount"] for stake in stakes.json] == ["12.5"]
    assert stakes.json[0]["id"] == staked.out.strip()
    assert balance_of(alice) == 875 * world.UNIT // 10


def test_folders_of_attachments_become_public_files_without_hidden_ones(
    run: Shell, spec: Path, home: Path
) -> None:
    created = run("competition", "create", spec, "-q")
    fetched = run("competition", "data", created.out.strip(), "got", "--base", "-q")

    assert fetched.status == 0
    assert {
        str(p.relative_to("got")) for p in Path("got").rglob("*") if p.is_file()
    } == {
        "NOTICE.md",
        "sample.jsonl",
        "starter/train.py",
        "starter/deep/more.txt",
        "base/config.json",
        "base/model.safetensors",
    }
    sample = Path("got/sample.jsonl").read_bytes()
    assert sample == (home / "data/sample.jsonl").read_bytes()


def test_a_relative_deadline_counts_from_now(run: Shell, spec: Path) -> None:
    before = clock.now()

    created = run("competition", "create", spec, "--json").json

    late = datetime.fromisoformat(created["deadline"]) - before
    assert timedelta(days=7) <= late < timedelta(days=7, minutes=5)


def test_a_deadline_is_moved(run: Shell, spec: Path) -> None:
    run("competition", "create", spec)

    soon = f"{clock.now() + timedelta(days=300):%FT%R:00Z}"

    moved = run("competition", "deadline", "my-intents", soon, "--json")
    far = run("competition", "deadline", "my-intents", "2999-01-01T12:00:00Z")

    assert moved.json["deadline"] == soon
    assert far.code == "deadline_too_far"


def test_a_stake_repeated_with_its_key_is_one_stake(
    run: Shell, spec: Path, alice: User
) -> None:
    run("wallet", "faucet", "100")
    run("competition", "create", spec)

    first, again = (
        run("stake", "add", "my-intents", "20", "--key", "k1", "-q") for _ in range(2)
    )

    assert first.out == again.out
    assert balance_of(alice) == 80 * world.UNIT


def test_cancelling_asks_first_and_gives_the_stake_back(
    run: Shell, spec: Path, alice: User
) -> None:
    run("wallet", "faucet", "100")
    run("competition", "create", spec)
    run("stake", "add", "my-intents", "50")

    asked = run("competition", "cancel", "my-intents")
    done = run("competition", "cancel", "my-intents", "-y", "--json")

    assert (asked.status, asked.code) == (3, "confirmation_needed")
    assert done.json["status"] == "cancelled"
    assert balance_of(alice) == 100 * world.UNIT


def test_a_wrong_row_is_found_before_anything_is_sent(
    run: Shell, spec: Path, home: Path
) -> None:
    rows = world.rows("public", 3)
    rows[1]["label"] = "no such label"
    (home / "data" / "public.jsonl").write_bytes(world.lines(rows))

    ran = run("competition", "create", spec)

    assert (ran.status, ran.code) == (3, "benchmark_row")
    assert "Row 2 of the public split" in ran.err
    assert "Sent" not in ran.err


@pytest.mark.parametrize(
    ("more", "code"),
    [("prise = 1", "spec_field_unknown"), ("slug = 1", "spec_unreadable")],
)
def test_a_file_that_cannot_be_read_says_where(
    run: Shell, spec: Path, home: Path, more: str, code: str
) -> None:
    ran = run("competition", "create", written(home, more))

    assert (ran.status, ran.code) == (3, code)


def test_a_file_that_is_named_and_not_there_is_named(
    run: Shell, spec: Path, home: Path
) -> None:
    (home / "data" / "private.jsonl").unlink()

    ran = run("competition", "create", spec)

    assert (ran.status, ran.code) == (3, "file_unusable")
    assert "private.jsonl" in ran.err


def test_a_stake_is_taken_back_before_the_opening(
    run: Shell, spec: Path, alice: User, now: datetime
) -> None:
    world.fund(alice, 100, now)
    run("competition", "create", str(spec))
    stake = run("stake", "add", "my-intents", "50", "-q").out.strip()

    first, again = (
        run("stake", "withdraw", "my-intents", stake, "--json") for _ in range(2)
    )

    assert first.json == again.json
    assert first.json["returned"] == "50"
    assert first.json["withdrawn_at"]
    assert "50 AST are back in your wallet." in first.err
    assert balance_of(alice) == 100 * world.UNIT
    assert run("competition", "show", "my-intents", "--json").json["staked"] == "0"


def test_a_stake_beyond_the_wallet_is_refused_with_both_amounts(
    run: Shell, spec: Path
) -> None:
    run("wallet", "faucet", "10")
    run("competition", "create", spec)

    ran = run("stake", "add", "my-intents", "11")

    assert (ran.status, ran.code) == (3, "insufficient_funds")
    assert "10" in ran.err
    assert "11" in ran.err


def test_a_shown_competition_names_the_king_and_what_it_has_earned(
    run: Shell, spec: Path, alice: User, bob: User
) -> None:
    streaming = 'prize_rule = "king_of_the_hill"\nprize_options = { lead = "0.1" }'
    text = spec.read_text()
    start, end = text.index("prize_rule"), text.index("\n", text.index("prize_options"))
    spec.write_text(text[:start] + streaming + text[end:])
    run("wallet", "faucet", "100")
    assert run("competition", "create", spec).status == 0
    run("stake", "add", "my-intents", "12.5")
    competition = Competition.objects.get()
    for evaluation in competition.evaluations.all():
        world.score(evaluation, right=2, now=clock.now())
    run("competition", "open", "my-intents")

    before = run("competition", "show", "my-intents").out
    competition.refresh_from_db()
    made = world.submit(bob, competition, clock.now(), seed=5)
    world.score(made.evaluations.get(), right=5, now=clock.now())
    after = run("competition", "show", "my-intents")
    as_json = run("competition", "show", "my-intents", "--json").json

    assert "nobody yet" in before
    assert "A challenger must lead by 0.1" in after.out
    king = next(line for line in after.out.splitlines() if line.startswith("king"))
    assert "bob (" in king
    assert "AST accrued) since " in king
    assert [seat["miner"] for seat in as_json["hill"]["seats"]] == ["bob"]


def test_an_amount_on_the_command_line_is_exact(run: Shell, alice: User):
    ran = run("wallet", "faucet", EXACT, "--json")

    assert ran.json["total"] == EXACT
    assert balance_of(alice) == EXACT_UNITS


def test_no_trick_passes_for_an_amount(run: Shell, alice: User):
    answers = {text: run("wallet", "faucet", "--", text) for text, _ in HOSTILE}

    codes = [(text, ran.code) for text, ran in answers.items()]
    assert codes == HOSTILE
    assert {ran.status for ran in answers.values()} == {3}
    assert balance_of(alice) == 0


@pytest.mark.parametrize("text", ["NaN", "1e3", "-1", "١٢٣", "12.5\u00a0"])
def test_tokens_are_issued_for_an_exact_amount_only(alice: User, text: str):
    with pytest.raises(CommandError):
        call_command("issue_tokens", "alice", f"--memo={text}", "--", text)

    assert balance_of(alice) == 0


def test_costs_are_told_before_staking_and_shown_afterwards(
    run: Shell, spec: Path, home: Path
) -> None:
    written(home, 'budget_points = 2000\nsubmission_fee = "0.5"')
    run("wallet", "faucet", "100")
    run("competition", "create", spec)
    staked = run("stake", "add", "my-intents", "50")
    for evaluation in Competition.objects.get().evaluations.all():
        world.score(evaluation, right=2, now=clock.now(), seconds=0)
    topped = run("stake", "add", "my-intents", "5", "--for", "budget", "--json")

    budget = run("competition", "budget", "my-intents", "--json")
    charges = run("competition", "charges", "my-intents", "--json")
    unknown = run("competition", "estimate", "my-intents", "--submissions", "10")
    nothing = run("competition", "estimate", "--submissions", "10")

    assert "40 AST go into the escrow" in staked.err
    assert "10 AST pay for evaluations" in staked.err
    assert topped.json["purpose"] == "budget"
    assert budget.json["left"] == "15"
    assert [charge["cost"] for charge in charges.json] == ["0", "0"]
    assert "not known yet" in unknown.err
    assert (nothing.status, nothing.code) == (3, "estimate_of_nothing")
