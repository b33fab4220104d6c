"""``kaggle`` 2.2, from the package index, takes part in a competition here."""

import csv
import io
import json
import subprocess
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pytest

from accounts.models import User
from assay.protocol.terms import write_toml
from catalogue.services import AddFile, commit, create_repository
from common import clock
from competitions.models import Attachment, Competition, Evaluation, Submission
from storage.services import store_bytes
from tests.builders import world
from tests.builders.weights import bert_files
from tests.doors.conftest import Ended
from tests.doors.kaggle.conftest import Kaggle

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e]

Client = Callable[..., Kaggle]
TERMS = {"terms.toml": write_toml(world.PAID_TERMS, []).encode()}


def zipped(path: Path, files: dict[str, bytes], *, inside: str = "") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(inside + name, content)
    return path


def rows(told: Ended) -> list[dict[str, str]]:
    """What was printed as a table of CSV, after whatever was said before it."""
    lines = told.out.splitlines()
    first = next(i for i, line in enumerate(lines) if "," in line)
    return list(csv.DictReader(io.StringIO("\n".join(lines[first:]))))


def entered(running: "subprocess.Popen[str]") -> Evaluation:
    """The evaluation of the one entry, once the command has made it."""
    while not Submission.objects.exists():
        with suppress(subprocess.TimeoutExpired):
            running.wait(0.05)
            raise AssertionError(running.communicate()[0])
    return Submission.objects.get().evaluations.get()


def ended(running: "subprocess.Popen[str]") -> Ended:
    out, _ = running.communicate(timeout=60)
    return Ended(running.returncode, out, "")


def test_competitions_files_and_data_are_listed_and_fetched(
    kaggle: Client, contest: Competition, alice: User, bob: User, tmp_path: Path
):
    notes = store_bytes(owner=alice, content=b"# Notes")
    Attachment.objects.create(competition=contest, path="more/notes.md", blob=notes)
    world.accept(bob, contest, clock.now())
    run = kaggle(bob)

    listed = rows(run("competitions", "list", "--csv"))
    files = rows(run("competitions", "files", contest.slug, "--csv"))
    one = run(
        *("competitions", "download", contest.slug, "-f", "more/notes.md"),
        *("-p", tmp_path / "one"),
    )
    every = run("competitions", "download", contest.slug, "-p", tmp_path / "all")

    assert [row["ref"].rpartition("/")[2] for row in listed] == [contest.slug]
    assert listed[0]["reward"] == "100 AST"
    assert listed[0]["userHasEntered"] == "False"
    assert {row["name"] for row in files} == {"sample.jsonl", "more/notes.md"}
    assert one.status == every.status == 0, one.err + every.err
    assert (tmp_path / "one" / "more" / "notes.md").read_bytes() == b"# Notes"
    with zipfile.ZipFile(tmp_path / "all" / f"{contest.slug}.zip") as archive:
        assert archive.read("more/notes.md") == b"# Notes"
        assert len(archive.read("sample.jsonl").splitlines()) == 30


def test_submitting_waits_for_the_score_and_ends_with_0(
    kaggle: Client, contest: Competition, bob: User, tmp_path: Path
):
    world.accept(bob, contest, clock.now())
    entry = zipped(tmp_path / "entry.zip", {**bert_files(seed=4), **TERMS})
    run = kaggle(bob)

    running = run.begin(
        *("competitions", "submit", contest.slug, "-f", entry, "-m", "first try"),
        *("--wait", "60", "--poll-interval", "5"),
    )
    world.score(entered(running), right=24, now=clock.now())
    sent = ended(running)
    mine = rows(run("competitions", "submissions", contest.slug, "--csv"))
    board = rows(run("competitions", "leaderboard", contest.slug, "--show", "--csv"))
    limits = run("competitions", "submission-limits", contest.slug)
    run("competitions", "leaderboard", contest.slug, "-d", "-p", tmp_path / "board")

    made = Submission.objects.get()
    assert sent.status == 0, sent.said
    assert f"Submission ref: {made.pk.int}" in sent.out
    assert "Public score: 0.80000" in sent.out
    assert f"Accepted as {made.model.reference}." in sent.out
    assert {f.path for f in made.model.files.all()} == set(bert_files())
    assert made.message == mine[0]["description"] == "first try"
    assert mine[0]["publicScore"] == board[0]["score"] == "0.80000"
    assert mine[0]["privateScore"] == ""
    assert (board[0]["teamName"], len(board)) == ("bob", 1)
    assert "Remaining today: 4" in limits.out
    with zipfile.ZipFile(tmp_path / "board" / f"{contest.slug}.zip") as archive:
        assert b"bob" in archive.read(archive.namelist()[0])


def test_waiting_for_what_fails_ends_with_1_and_the_reason(
    kaggle: Client, contest: Competition, bob: User, tmp_path: Path
):
    world.accept(bob, contest, clock.now())
    files = {**bert_files(seed=4), **TERMS, ".DS_Store": b"x"}
    entry = zipped(tmp_path / "entry.zip", files, inside="my model/")

    running = kaggle(bob).begin(
        *("competitions", "submit", contest.slug, "-f", entry, "-m", "broken"),
        *("--wait", "60", "--poll-interval", "5"),
    )
    world.fail(entered(running), now=clock.now())
    sent = ended(running)

    assert sent.status == 1
    assert "It broke. (broken)" in sent.said


def test_a_text_that_names_a_commit_enters_it(
    kaggle: Client, contest: Competition, bob: User, tmp_path: Path
):
    world.accept(bob, contest, clock.now())
    repository = create_repository(owner=bob, name="router", now=clock.now())
    changes = [
        AddFile(path, store_bytes(owner=bob, content=content).sha256)
        for path, content in {**bert_files(seed=4), **TERMS}.items()
    ]
    made = commit(
        repository=repository,
        author=bob,
        changes=changes,
        title="Try",
        now=clock.now(),
    )
    (tmp_path / "entry.repo").write_text(f"router@{made.digest}\n")

    named = kaggle(bob)(
        *("competitions", "submit", contest.slug, "-m", "by name"),
        *("-f", tmp_path / "entry.repo"),
    )

    assert named.status == 0, named.said
    assert Submission.objects.get().model.name == f"router-{made.digest[:8]}"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"not an archive", "The file cannot be read"),
        (bert_files(seed=4), "An entry needs licence terms"),
        ({**TERMS, "run.py": b"import os"}, "run.py"),
    ],
)
def test_what_is_refused_ends_with_1_and_says_why(
    kaggle: Client,
    contest: Competition,
    bob: User,
    tmp_path: Path,
    content: bytes | dict[str, bytes],
    sentence: str,
):
    world.accept(bob, contest, clock.now())
    entry = tmp_path / "entry.zip"
    if isinstance(content, bytes):
        entry.write_bytes(content)
    else:
        zipped(entry, content)

    sent = kaggle(bob)("competitions", "submit", contest.slug, "-m", "x", "-f", entry)

    assert sent.status == 1
    assert sentence in sent.said
    assert not Submission.objects.exists()


def test_before_the_rules_are_accepted_each_refusal_names_the_command(
    kaggle: Client, contest: Competition, bob: User, tmp_path: Path
):
    entry = zipped(tmp_path / "entry.zip", {**bert_files(seed=4), **TERMS})
    run = kaggle(bob)

    data = run("competitions", "download", contest.slug, "-p", tmp_path / "d")
    sent = run("competitions", "submit", contest.slug, "-f", entry, "-m", "try")

    for refused in (data, sent):
        assert refused.status == 1
        assert "assay competition rules accept bank-intents" in refused.said


def test_a_revoked_token_opens_nothing(
    kaggle: Client, contest: Competition, bob: User, now: datetime
):
    run = kaggle(bob)
    bob.tokens.update(revoked_at=now)

    listed = run("competitions", "list")

    assert listed.status == 1
    assert contest.slug not in listed.said


def test_the_list_comes_in_pages_as_json_and_by_the_older_way_to_log_in(
    kaggle: Client, contest: Competition, alice: User, charlie: User, now: datetime
):
    base = contest.base_model
    world.funded_competition(alice, base, now, slug="another")

    first = kaggle(charlie)("competitions", "list", "--page-size", "1", "--csv")
    token = first.out.split("Next Page Token = ")[1].splitlines()[0]
    second = kaggle(charlie, key=True)(
        *("competitions", "list", "--page-size", "1", "--page-token", token),
        *("--format", "json"),
    )

    found = [rows(first)[0]["ref"], json.loads(second.out)[0]["ref"]]
    assert {ref.rpartition("/")[2] for ref in found} == {contest.slug, "another"}
