"""A competition kept in files: begun, checked, pushed, launched, exported."""

import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from accounts.models import User
from assay.client import Client
from assay.commands.opening import Opening, open_when_measured
from assay.commands.session import Session
from assay.commands.starting import TASK_TYPES
from catalogue.models import Model
from common import clock
from competitions.models import Competition
from tests.builders import world
from tests.client.conftest import Connect
from tests.commands.conftest import Shell


@pytest.fixture
def run(as_user: Callable[[User], Shell], alice: User, base: Model) -> Shell:
    """Alice's shell, where a base model is there to build on."""
    world.fund(alice, 500, clock.now())
    return as_user(alice)


@pytest.fixture
def folder(run: Shell, home: Path) -> Path:
    """A competition that was begun, with the base model and the labels that exist."""
    run("competition", "init", "bank")
    spec = home / "bank" / "competition.toml"
    text = spec.read_text().replace("open-models/minilm-l6", "charlie/tiny-bert")
    spec.write_text(text.replace('["card", "loan", "refund"]', str(world.LABELS)))
    for split in ("sample", "public", "private"):
        rows = world.lines(world.rows(split, 6))
        (home / "bank" / "data" / f"{split}.jsonl").write_bytes(rows)
    return home / "bank"


@pytest.mark.parametrize("task_type", TASK_TYPES)
def test_what_is_begun_is_valid_as_it_is(shell: Shell, task_type: str) -> None:
    begun = shell("competition", "init", "My Task!", "--task-type", task_type)
    ran = shell("competition", "validate", "My Task!", "--json")

    assert begun.status == ran.status == 0
    assert ran.json["slug"] == "my-task"
    assert ran.json["task_type"] == task_type


def test_a_task_of_the_harness_becomes_a_valid_competition(
    shell: Shell, home: Path
) -> None:
    rows = [{"q": f"What is {n} + 1?", "a": str(n + 1)} for n in range(40)]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (home / "rows.jsonl").write_text(text, "utf-8")
    (home / "sums.yaml").write_text(
        "dataset_path: rows.jsonl\n"
        "output_type: generate_until\n"
        "doc_to_text: 'Q: {{ q }} A:'\n"
        "doc_to_target: a\n"
        "metric_list: [{metric: exact_match}]\n"
        "generation_kwargs: {until: ['.'], max_gen_toks: 4}\n",
        "utf-8",
    )

    begun = shell("competition", "init", "sums", "--from", "sums.yaml")
    ran = shell("competition", "validate", "sums", "--json")

    assert begun.status == ran.status == 0
    assert (ran.json["task_type"], ran.json["metric"]) == ("generation", "exact_match")
    assert ran.json["splits"] == {"sample": 4, "public": 12, "private": 24}


def test_nothing_that_is_there_is_written_over(shell: Shell) -> None:
    shell("competition", "init", "bank")

    again = shell("competition", "init", "bank")

    assert (again.status, again.code) == (3, "draft_exists")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("accuracy", "bleu"), "metric_not_for_task"),
        (("shares_by_rank", "dice"), "prize_rule_unknown"),
        (("[5, 3, 2]", "[]"), "prize_options"),
        (("slug =", "colour ="), "spec_field_missing"),
        (("public.jsonl", "sample.jsonl"), "benchmark_leak"),
    ],
)
def test_validate_finds_what_the_server_would_refuse(
    shell: Shell, home: Path, change: tuple[str, str], code: str
) -> None:
    shell("competition", "init", "bank")
    spec = home / "bank" / "competition.toml"
    spec.write_text(spec.read_text().replace(*change, 1))

    ran = shell("competition", "validate", "bank")

    assert (ran.status, ran.code) == (3, code)


def test_validate_names_row_and_field(shell: Shell, home: Path) -> None:
    shell("competition", "init", "bank")
    (home / "bank" / "data" / "public.jsonl").write_text('{"id": "1", "text": "x"}\n')

    ran = shell("competition", "validate", "bank")

    assert ran.status == 3
    assert "public:1:label" in ran.err.replace(" ", "") or "label" in ran.err


def test_pushing_makes_a_draft_and_pushing_again_changes_it(
    run: Shell, folder: Path
) -> None:
    first = run("competition", "push", folder, "--json").json
    spec = folder / "competition.toml"
    spec.write_text(spec.read_text().replace("margin = 0.01", "margin = 0.02"))
    again = run("competition", "push", folder, "--json").json

    assert (first["status"], first["margin"]) == ("draft", 0.01)
    assert (again["id"], again["margin"]) == (first["id"], 0.02)


def test_a_competition_that_has_opened_is_not_pushed_to(
    run: Shell, folder: Path
) -> None:
    run("competition", "push", folder)
    Competition.objects.update(status="open")

    ran = run("competition", "push", folder)

    assert (ran.status, ran.code) == (3, "draft_is_over")


def test_launching_stakes_waits_for_the_baseline_and_opens(
    run: Shell, folder: Path
) -> None:
    waiting = run("competition", "launch", folder, "-y", "--timeout", "0")
    for evaluation in Competition.objects.get(slug="bank").evaluations.all():
        world.score(evaluation, right=2, now=clock.now())
    done = run("competition", "launch", folder, "-y", "--json")

    assert (waiting.status, waiting.code) == (5, "wait_timed_out")
    assert done.json["status"] == "open"
    assert done.json["staked"] == "100"


def test_the_wait_ends_when_the_base_model_is_scored(
    run: Shell, folder: Path, connect: Connect, alice: User
) -> None:
    run("competition", "push", folder)
    run("stake", "add", "bank", "100", "-y")
    client: Client = connect(alice)

    def meanwhile(_: float) -> None:
        for evaluation in Competition.objects.get(slug="bank").evaluations.all():
            world.score(evaluation, right=2, now=clock.now())

    opened = open_when_measured(
        Session(quiet=True), client, "bank", Opening(60.0, sleep=meanwhile)
    )

    assert opened.status == "open"


def test_an_export_of_ones_own_can_be_pushed_as_it_is(
    run: Shell, folder: Path, home: Path
) -> None:
    before = run("competition", "push", folder, "--json").json

    run("competition", "export", "bank", "copy")
    after = run("competition", "push", "copy", "--json").json

    assert after == before
    assert (home / "copy" / "data" / "private.jsonl").read_bytes() == (
        folder / "data" / "private.jsonl"
    ).read_bytes()
    assert Competition.objects.get(slug="bank").history.count() == 1


def test_an_export_of_anothers_holds_only_what_is_public(
    as_user: Callable[[User], Shell], bob: User, contest: Competition, home: Path
) -> None:
    world.accept(bob, contest, clock.now())

    ran = as_user(bob)("competition", "export", contest.slug, "copy")

    spec = tomllib.loads((home / "copy" / "competition.toml").read_text())
    assert ran.status == 0
    assert spec["metric"] == contest.metric
    assert (home / "copy" / "data" / "sample.jsonl").is_file()
    assert not (home / "copy" / "data" / "private.jsonl").exists()


def test_hidden_splits_are_their_sponsors_alone(
    connect: Connect, alice: User, bob: User, contest: Competition
) -> None:
    assert len(connect(alice).competitions.splits(contest.slug)) == 3
    assert connect(bob).competitions.splits(contest.slug) == ()
