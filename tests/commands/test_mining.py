"""A miner's road: check, submit, wait for the score."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from accounts.models import User
from catalogue.services import AddFile, commit, create_repository
from common import clock
from competitions.models import Competition, Evaluation, Submission
from competitions.services import evaluating
from storage.models import Blob, Upload
from storage.services import store_bytes
from tests.builders import world
from tests.builders.weights import bert_files
from tests.client.conftest import token_of
from tests.commands.conftest import Shell, saved

PICKLE = b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94."


@pytest.fixture
def run(as_user: Callable[[User], Shell], bob: User, contest: Competition) -> Shell:
    """Bob's shell, where a competition is open whose rules he has accepted."""
    world.accept(bob, contest, clock.now())
    return as_user(bob)


@pytest.fixture
def evil(home: Path) -> Path:
    """A pickle in disguise, and a config that asks for code."""
    files = bert_files(seed=3)
    config = {
        **json.loads(files["config.json"]),
        "auto_map": {"AutoModel": "evil.Evil"},
    }
    files |= {"model.safetensors": PICKLE, "config.json": json.dumps(config).encode()}
    return saved(home / "evil", files)


def test_a_sound_model_has_nothing_to_refuse(run: Shell, entry: Path) -> None:
    ran = run("check", entry, "-c", "bank-intents", "--terms", "paid-commercial")

    assert (ran.status, ran.out) == (0, "")
    assert "nothing to refuse" in ran.err


def test_check_finds_everything_with_its_fix(run: Shell, evil: Path) -> None:
    ran = run("check", evil, "-c", "bank-intents", "--terms", "research-only", "--json")

    found = {finding["code"]: finding for finding in ran.json}
    assert ran.status == 3
    assert {finding["path"] for finding in ran.json} >= {
        "config.json",
        "model.safetensors",
    }
    assert "terms_break_licence_rule" in found
    assert all(finding["sentence"] for finding in ran.json)


def test_check_counts_classes_as_the_server_will(run: Shell, home: Path) -> None:
    wrong = saved(home / "wrong", bert_files(labels=5))

    ran = run("check", wrong, "-c", "bank-intents", "-q")

    assert ran.status == 3
    assert ran.out


def test_a_submission_prints_its_id_and_is_accepted_with_all_that_was_said(
    run: Shell, entry: Path, charlie: User
) -> None:
    (entry / "README.md").write_text("# Mine")
    ran = run(
        *("submit", entry, "-c", "bank-intents", "--name", "mine", "-m", "first try"),
        *("--terms", "paid-commercial", "--parent", "charlie/tiny-bert"),
        *("--contributor", "bob=3", "--contributor", "charlie=1"),
    )

    made = Submission.objects.get()
    assert ran.status == 0
    assert ran.out == f"{made.id}\n"
    assert made.message == "first try"
    assert made.model.reference == "bob/mine"
    assert made.model.kind == "full"
    assert made.model.card == "# Mine"
    assert {c.user.username: c.parts for c in made.model.contributors.all()} == {
        "bob": 3,
        "charlie": 1,
    }
    assert made.model.terms["Commercial-Use"] == "Allowed-With-Fee-One-Time-100"


def test_a_commit_of_a_repository_is_entered_without_sending_bytes_again(
    run: Shell, bob: User
) -> None:
    repository = create_repository(owner=bob, name="router", now=clock.now())
    changes = [
        AddFile(path, store_bytes(owner=bob, content=content).sha256)
        for path, content in bert_files(seed=8).items()
    ]
    made = commit(
        repository=repository,
        author=bob,
        changes=changes,
        title="Try",
        now=clock.now(),
    )

    source = f"bob/router@{made.digest}"
    ran = run("submit", "--repo", source, "-c", "bank-intents", "--terms", "open")

    entered = Submission.objects.get()
    assert ran.status == 0, ran.err
    assert ran.out == f"{entered.id}\n"
    assert entered.model.reference == f"bob/router-{made.digest[:8]}"
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), "source_unclear"),
        (("--repo", "router", "PATH"), "source_unclear"),
        (("PATH",), "name_missing"),
        (("--repo", "none"), "repository_not_found"),
    ],
)
def test_a_submission_says_what_it_is_of(
    run: Shell, entry: Path, words: tuple[str, ...], code: str
) -> None:
    given = [entry if word == "PATH" else word for word in words]

    ran = run("submit", *given, "-c", "bank-intents", "--terms", "open")

    assert ran.code == code
    assert not Submission.objects.exists()


def test_what_would_be_refused_is_not_even_sent(run: Shell, evil: Path) -> None:
    blobs = Blob.objects.count()

    ran = run(
        *("submit", evil, "-c", "bank-intents", "--name", "evil", "--terms", "open")
    )

    assert (ran.status, ran.code) == (3, "submission_refused")
    assert "auto_map" in ran.err
    assert "model.safetensors" in ran.err
    assert Blob.objects.count() == blobs


def test_the_server_refuses_it_too_with_the_same_findings(
    run: Shell, evil: Path
) -> None:
    words = ("submit", evil, "-c", "bank-intents", "--name", "evil", "--terms", "open")

    here = run(*words, "--json")
    there = run(*words, "--json", "--no-check")

    findings = [
        json.loads(ran.err[ran.err.index("{") :])["error"] for ran in (here, there)
    ]
    assert here.status == there.status == 3
    assert findings[0]["findings"] == findings[1]["findings"]
    assert Submission.objects.count() == 0


def test_without_terms_the_presets_are_offered(run: Shell, entry: Path) -> None:
    ran = run("submit", entry, "-c", "bank-intents", "--name", "mine")

    assert (ran.status, ran.code) == (3, "terms_missing")
    assert "paid-commercial" in ran.err


@pytest.mark.parametrize("given", ["bob", "bob=", "=3", "bob=-1", "bob=1.5"])
def test_shares_are_integer_parts(run: Shell, entry: Path, given: str) -> None:
    ran = run(
        *("submit", entry, "-c", "bank-intents", "--name", "m", "--terms", "open"),
        *("--contributor", given),
    )

    assert (ran.status, ran.code) == (3, "contributor_malformed")


def test_a_second_entry_of_the_same_weights_is_refused_and_nothing_is_sent_twice(
    run: Shell, entry: Path
) -> None:
    words = ("submit", entry, "-c", "bank-intents", "--terms", "open", "--name")
    run(*words, "mine")

    again = run(*words, "other")

    assert (again.status, again.code) == (3, "weights_known")
    assert "Sent 0 B" in again.err


class Running:
    """``assay submit --wait`` in a process of its own."""

    def __init__(self, server: str, token: str, entry: Path, *more: str) -> None:
        words = ("submit", str(entry), "-c", "bank-intents", "--name", "mine")
        root = str(Path(__file__).parents[2])
        self.process = subprocess.Popen(
            [sys.executable, "-m", "assay", *words, "--terms", "open", "--wait", *more],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "ASSAY_ENDPOINT": server,
                "ASSAY_TOKEN": token,
                "PYTHONPATH": root,
            },
        )

    def first_line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def end(self) -> tuple[int, str]:
        _, err = self.process.communicate(timeout=60)
        return self.process.returncode, err


def evaluation_of(submission_id: str) -> Evaluation:
    return Evaluation.objects.get(submission=submission_id)


@pytest.mark.usefixtures("contest", "home")
def test_waiting_prints_the_id_at_once_and_ends_with_the_score(
    server: str, bob: User, entry: Path
) -> None:
    world.accept(bob, Competition.objects.get(), clock.now())
    running = Running(server, token_of(bob), entry)
    made = running.first_line()
    world.score(evaluation_of(made), right=24, now=clock.now())

    status, err = running.end()

    assert status == 0
    assert "Scored 0.8000, rank 1." in err


@pytest.mark.usefixtures("contest", "home")
def test_waiting_for_what_fails_ends_with_4_and_the_reason(
    server: str, bob: User, entry: Path
) -> None:
    world.accept(bob, Competition.objects.get(), clock.now())
    running = Running(server, token_of(bob), entry)
    evaluation = evaluation_of(running.first_line())
    evaluator = User.objects.get(username="evaluator")
    job = evaluating.lease(
        evaluation_id=str(evaluation.id), evaluator=evaluator, now=clock.now()
    )
    evaluating.record_failure(
        evaluation_id=job.evaluation,
        lease=job.lease,
        fault="model",
        code="weights_incomplete",
        sentence="The weights lack a layer.",
        usage={},
        now=clock.now(),
    )

    status, err = running.end()

    assert status == 4
    assert "The weights lack a layer." in err
    assert "weights_incomplete" in err


def test_waiting_too_long_ends_with_5_and_says_how_to_look_again(
    run: Shell, entry: Path
) -> None:
    ran = run(
        *("submit", entry, "-c", "bank-intents", "--name", "mine", "--terms", "open"),
        *("--wait", "--timeout", 0),
    )

    made = Submission.objects.get()
    assert (ran.status, ran.code) == (5, "wait_timed_out")
    assert ran.out == f"{made.id}\n"
    assert f"assay submission show {made.id}" in ran.err


def test_submissions_are_listed_and_shown(run: Shell, entry: Path) -> None:
    submit = run(
        *("submit", entry, "-c", "bank-intents", "--name", "mine", "--terms", "open")
    )
    made = submit.out.strip()
    waiting = run("submission", "show", made)
    world.score(evaluation_of(made), right=24, now=clock.now())

    rows = run("submission", "list", "bank-intents", "--json").json
    shown = run("submission", "show", made)

    assert "queued, 0 of 30 examples" in waiting.out
    assert [(row["id"], row["score"], row["rank"]) for row in rows] == [(made, 0.8, 1)]
    assert "0.8000" in shown.out


def test_a_strangers_submission_is_not_shown_before_it_is_scored(
    run: Shell, entry: Path, as_user: Callable[[User], Shell], charlie: User
) -> None:
    made = run(
        *("submit", entry, "-c", "bank-intents", "--name", "mine", "--terms", "open")
    ).out.strip()

    mine = as_user(charlie)("submission", "list", "-q")

    assert made
    assert mine.out == ""


def test_an_entry_without_files_is_refused(run: Shell, home: Path) -> None:
    (home / "nothing").mkdir()

    ran = run("check", home / "nothing", "-c", "bank-intents")

    assert (ran.status, ran.code) == (3, "folder_unusable")


def test_terms_files_of_both_shapes_are_read(shell: Shell, home: Path) -> None:
    flat, table = home / "flat.toml", home / "table.json"
    flat.write_text('License = "x"\nDerivation = "Allowed"\n')
    table.write_text(json.dumps({"terms": world.PAID_TERMS}))

    wrong = shell("terms", "check", flat, "--json")
    right = shell("terms", "check", table)
    words = shell("terms", "explain", table)

    assert wrong.status == 3
    assert any(remark["severity"] == "error" for remark in wrong.json)
    assert right.status == 0
    assert "25 AST, paid once" in words.out


def test_tags_that_are_no_text_are_refused(home: Path, shell: Shell) -> None:
    path = home / "terms.toml"
    path.write_text("Expires = 3\n")

    ran = shell("terms", "explain", path)

    assert (ran.status, ran.code) == (3, "terms_not_text")


def test_nothing_is_sent_before_the_rules_are_accepted(
    as_user: Callable[[User], Shell], bob: User, contest: Competition, entry: Path
) -> None:
    run, blobs = as_user(bob), Blob.objects.count()
    words = ("submit", entry, "-c", "bank-intents", "--name", "m", "--terms", "open")

    early = run(*words)
    accepted = run("competition", "rules", "accept", "bank-intents", "--yes", "--json")
    late = run(*words)

    assert (early.status, early.code) == (3, "rules_not_accepted")
    assert "assay competition rules accept bank-intents" in early.err
    assert accepted.json["rules_digest"] == contest.rules_digest
    assert late.status == 0
    assert Submission.objects.count() == 1
    assert Blob.objects.count() > blobs


def test_a_parent_elsewhere_is_registered_declared_and_shown(
    run: Shell, entry: Path
) -> None:
    stated = run(
        *("model", "register-external", "bert", "--licence", "Apache-2.0"),
        *("--source", "https://models.example/bert", "--digest", "a" * 64),
    )
    parents = ("--parent", "charlie/tiny-bert", "--parent", "ext:bert:distilled")

    foretold = run(
        *("check", entry, "-c", "bank-intents", "--terms", "paid-commercial", *parents),
    )
    made = run(
        *(
            "submit",
            entry,
            "-c",
            "bank-intents",
            "--name",
            "mine",
            "--terms",
            "paid-commercial",
        ),
        *parents,
    )
    shown = run("model", "show", "bob/mine")

    assert (stated.status, foretold.status, made.status) == (0, 0, 0), made.err
    assert "It owes charlie/tiny-bert 10 % of its income." in foretold.err
    assert "Whoever uses it owes ext:bert: indicate-changes." in foretold.err
    assert "distilled of ext:bert (Apache-2.0, not verified)" in shown.out
    assert "fine-tune of charlie/tiny-bert (10 %)" in shown.out
    assert "ext:bert" in run("model", "externals", "-q").out


def test_what_parents_forbid_is_found_before_anything_is_sent(
    run: Shell, entry: Path
) -> None:
    run(
        *("model", "register-external", "closed", "--licence", "CC-BY-NC-4.0"),
        *("--source", "https://models.example/closed", "--digest", "a" * 64),
    )
    said = ("-c", "bank-intents", "--terms", "open", "--parent", "ext:closed")

    foretold = run("check", entry, *said, "--json")
    refused = run("submit", entry, *said, "--name", "mine", "--no-check")

    codes = [finding["code"] for finding in foretold.json]
    assert "parent_breaks_licence_rule" in codes
    assert foretold.status == refused.status == 3
    assert refused.code in codes
    assert not Submission.objects.exists()
