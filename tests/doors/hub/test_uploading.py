"""``hf upload``, as it comes from its makers, against this server."""

import hashlib
import json
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from accounts.models import User
from catalogue import selectors
from catalogue.models import Commit, Repository
from storage.models import Upload
from tests.builders.weights import bert_files
from tests.client.proxy import NEVER, BadLink
from tests.commands.conftest import saved
from tests.doors.conftest import BIN, Run, hub_environment, run_program

pytestmark = pytest.mark.django_db(transaction=True)

Hf = Callable[..., Run]
LARGE = 17 * 2**20  # three parts


def large(path: Path, size: int = LARGE) -> bytes:
    content = (path.name.encode() + b"0123456789abcdef" * 64) * (size // 1024 + 1)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content[:size])
    return content[:size]


def head(reference: str, owner: User) -> Commit:
    repository = selectors.repository_by_reference(reference=reference, viewer=owner)
    return selectors.commit_by_revision(repository)


def files_of(commit: Commit) -> dict[str, int]:
    return {f.path: f.blob.size for f in commit.files.select_related("blob")}


def test_whoami_says_whose_token_it_is_and_a_wrong_one_opens_nothing(
    hf: Hf, alice: User
):
    known = hf(alice)("auth", "whoami", "--format", "json")
    wrong = hf(None, HF_TOKEN="assay_wrong")("auth", "whoami")

    assert known.status == 0, known.err
    assert json.loads(known.out)["user"] == "alice"
    assert wrong.status == 1
    assert "token" in wrong.said
    assert "alice" not in wrong.said


def test_a_folder_becomes_a_commit_and_comes_back_byte_for_byte(
    hf: Hf, alice: User, tmp_path: Path
):
    folder = saved(tmp_path / "model", bert_files(seed=3))
    content = large(folder / "deep" / "large.safetensors")
    (folder / ".hidden").write_text("mine alone")

    sent = hf(alice)("upload", "alice/router", folder, "--commit-message", "First try")
    fetched = hf(alice)("download", "alice/router", "--local-dir", tmp_path / "copy")

    assert sent.status == 0, sent.err
    assert fetched.status == 0, fetched.err
    made = head("alice/router", alice)
    assert made.title == "First try"
    assert set(files_of(made)) == {*bert_files(), "deep/large.safetensors"}
    assert (tmp_path / "copy/deep/large.safetensors").read_bytes() == content
    for name, original in bert_files(seed=3).items():
        assert (tmp_path / "copy" / name).read_bytes() == original
    assert Upload.objects.get().status == "complete"


def test_the_same_folder_again_sends_nothing_and_makes_no_commit(
    hf: Hf, alice: User, tmp_path: Path
):
    folder = saved(tmp_path / "model", bert_files(seed=3))
    large(folder / "large.bin")
    hf(alice)("upload", "alice/router", folder)
    before = head("alice/router", alice)

    again = hf(alice)("upload", "alice/router", folder)

    assert again.status == 0, again.err
    assert head("alice/router", alice) == before
    assert Upload.objects.count() == 1


def test_files_are_replaced_and_deleted_by_pattern(hf: Hf, alice: User, tmp_path: Path):
    folder = saved(tmp_path / "one", {"a.txt": b"1", "b.txt": b"2"})
    hf(alice)("upload", "alice/router", folder)
    changed = saved(tmp_path / "two", {"a.txt": b"333"})

    sent = hf(alice)("upload", "alice/router", changed, "--delete", "b.*")

    assert sent.status == 0, sent.err
    assert files_of(head("alice/router", alice)) == {"a.txt": 3}


def test_without_xet_small_models_need_no_switch_and_large_ones_are_told_which(
    hf: Hf, alice: User, tmp_path: Path
):
    small = saved(tmp_path / "small", bert_files(seed=3))
    large(tmp_path / "large" / "large.bin")
    run = hf(alice, HF_HUB_DISABLE_XET="0")

    sent = run("upload", "alice/small", small)
    refused = run("upload", "alice/large", tmp_path / "large")

    assert sent.status == 0, sent.err
    assert refused.status != 0
    assert "set HF_HUB_DISABLE_XET=1 and run it again." in refused.said
    assert files_of(head("alice/large", alice)) == {}


def test_nobody_writes_to_another_persons_repository(
    hf: Hf, alice: User, bob: User, tmp_path: Path
):
    folder = saved(tmp_path / "model", bert_files(seed=3))
    hf(alice)("upload", "alice/router", folder)
    before = head("alice/router", alice)

    created = hf(bob)("upload", "alice/router", folder)
    fetched = hf(bob)("download", "alice/router")

    assert created.status == 1
    assert "cannot change repositories of alice" in created.said
    assert fetched.status == 1
    assert "not found" in fetched.said.lower()
    assert head("alice/router", alice) == before


def test_a_repository_is_deleted_by_its_owner(hf: Hf, alice: User, tmp_path: Path):
    hf(alice)("upload", "alice/router", saved(tmp_path / "m", {"a.txt": b"1"}))

    gone = hf(alice)("repos", "delete", "alice/router", "--yes")

    assert gone.status == 0, gone.err
    assert not Repository.objects.exists()


def test_an_old_commit_is_downloaded_by_its_digest(hf: Hf, alice: User, tmp_path: Path):
    folder = saved(tmp_path / "model", {"a.txt": b"old"})
    hf(alice)("upload", "alice/router", folder)
    old = head("alice/router", alice).digest
    (folder / "a.txt").write_bytes(b"new")
    hf(alice)("upload", "alice/router", folder)

    fetched = hf(alice)(
        *("download", "alice/router", "a.txt", "--revision", old),
        *("--local-dir", tmp_path / "copy"),
    )

    assert fetched.status == 0, fetched.err
    assert (tmp_path / "copy" / "a.txt").read_bytes() == b"old"


def test_a_killed_upload_goes_on_and_no_whole_file_is_sent_twice(
    link: BadLink, alice: User, tmp_path: Path
):
    folder = tmp_path / "model"
    contents = {f"{n}.bin": large(folder / f"{n}.bin") for n in range(4)}
    env = hub_environment(tmp_path, link.endpoint, alice)
    words = [str(BIN / "hf"), "upload", "alice/router", str(folder)]
    killed = subprocess.Popen(words, env=env, cwd=tmp_path, stderr=subprocess.DEVNULL)
    while not Upload.objects.filter(status="complete").exists():
        with suppress(subprocess.TimeoutExpired):
            killed.wait(0.01)
            break
    killed.kill()
    killed.wait()
    whole = Upload.objects.filter(status="complete").count()
    before = link.passed_up

    again = run_program(*words, cwd=tmp_path, env=env)

    assert again.status == 0, again.err
    assert files_of(head("alice/router", alice)) == dict.fromkeys(contents, LARGE)
    assert link.passed_up - before < (4 - whole) * LARGE + LARGE / 2
    uploads = Upload.objects.values_list("sha256", "status")
    assert sorted(uploads) == sorted(
        (hashlib.sha256(content).hexdigest(), "complete")
        for content in contents.values()
    )


def test_parts_that_do_not_make_the_file_are_refused_and_can_be_sent_again(
    hf: Hf, link: BadLink, alice: User, tmp_path: Path
):
    folder = tmp_path / "model"
    content = large(folder / "a.bin")
    link.up = [NEVER] * 3 + [4 * 2**20]  # the first part dies on its way

    env = hub_environment(tmp_path, link.endpoint, alice)
    sent = run_program(BIN / "hf", "upload", "alice/r", folder, cwd=tmp_path, env=env)

    assert sent.status == 0, sent.err
    made = head("alice/r", alice).files.get()
    assert made.blob_id == hashlib.sha256(content).hexdigest()
