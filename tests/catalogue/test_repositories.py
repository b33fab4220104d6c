"""Repositories have commits that never change, each of all files, on one line."""

import hashlib
import re
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from accounts.models import User
from assay.protocol.errors import Conflict, Invalid, LimitReached, NotFound
from catalogue import selectors
from catalogue.models import Commit, CommitFile, Repository
from catalogue.services import (
    AddFile,
    Change,
    CopyFile,
    DeleteFile,
    DeleteFolder,
    commit,
    committing,
    create_repository,
)
from storage.services import store_bytes

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def repository(alice: User, now: datetime) -> Repository:
    return create_repository(owner=alice, name="router", now=now)


def add(owner: User, path: str, content: bytes = b"bytes") -> AddFile:
    return AddFile(path, store_bytes(owner=owner, content=content).sha256)


def put(repository: Repository, now: datetime, *changes: Change, **more: str) -> Commit:
    return commit(
        repository=repository,
        author=repository.owner,
        changes=changes,
        title=more.pop("title", "Change"),
        now=now,
        **more,
    )


def paths(of: Commit) -> dict[str, str]:
    return {file.path: file.blob_id for file in of.files.all()}


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_a_new_repository_has_one_commit_of_no_files(repository: Repository):
    head = selectors.commit_by_revision(repository)

    assert (head.number, head.parent, paths(head)) == (1, "", {})
    assert re.fullmatch("[0-9a-f]{40}", head.digest)


def test_a_commit_adds_copies_and_deletes_and_the_one_before_stays(
    repository: Repository, alice: User, now: datetime
):
    first = put(repository, now, add(alice, "a.bin", b"a"), add(alice, "x/b.bin", b"b"))
    second = put(
        repository,
        now + timedelta(seconds=1),
        DeleteFile("a.bin"),
        CopyFile("a.bin", "y/a.bin"),
        add(alice, "x/b.bin", b"c"),
    )

    assert paths(first) == {"a.bin": digest(b"a"), "x/b.bin": digest(b"b")}
    assert paths(second) == {"x/b.bin": digest(b"c"), "y/a.bin": digest(b"a")}
    assert (second.parent, second.number) == (first.digest, 3)
    assert selectors.commit_by_revision(repository, "main") == second
    assert selectors.commit_by_revision(repository, first.digest) == first


def test_a_folder_is_deleted_with_all_in_it_and_nothing_beside(
    repository: Repository, alice: User, now: datetime
):
    put(repository, now, *(add(alice, p) for p in ("x/a", "x/y/b", "xy/c", "x.d")))

    left = put(repository, now, DeleteFolder("x/"))
    bare = put(repository, now, DeleteFolder(""))

    assert set(paths(left)) == {"xy/c", "x.d"}
    assert paths(bare) == {}


def test_what_changes_nothing_adds_no_commit(
    repository: Repository, alice: User, now: datetime
):
    change = add(alice, "a.bin")
    first = put(repository, now, change)

    assert put(repository, now + timedelta(hours=1), change) == first
    assert repository.commits.count() == 2


def test_bytes_that_the_author_does_not_hold_are_not_committed(
    repository: Repository, bob: User, now: datetime
):
    secret = store_bytes(owner=bob, content=b"bob's weights").sha256

    with pytest.raises(Invalid) as refused:
        put(repository, now, AddFile("stolen.bin", secret))

    assert (refused.value.code, refused.value.where) == ("blob_not_held", "stolen.bin")
    assert repository.commits.count() == 1


@pytest.mark.parametrize(
    "path", ["../up", "/root", ".git/config", "a//b", "", "a\x00", "a" * 201]
)
def test_a_path_that_is_not_plain_is_refused(
    repository: Repository, alice: User, now: datetime, path: str
):
    with pytest.raises(Invalid) as refused:
        put(repository, now, add(alice, path))

    assert refused.value.code == "manifest_path"


def test_a_path_is_no_file_and_folder_at_once(
    repository: Repository, alice: User, now: datetime
):
    put(repository, now, add(alice, "a"))

    with pytest.raises(Invalid) as refused:
        put(repository, now, add(alice, "a/b/c"))

    assert refused.value.code == "path_taken"


@pytest.mark.parametrize(
    "change", [DeleteFile("none"), DeleteFolder("none"), CopyFile("none", "there")]
)
def test_what_is_not_there_cannot_be_deleted_or_copied(
    repository: Repository, now: datetime, change: Change
):
    with pytest.raises(NotFound) as refused:
        put(repository, now, change)

    assert refused.value.code == "file_not_found"


def test_a_commit_on_an_old_head_is_refused(
    repository: Repository, alice: User, now: datetime
):
    old = selectors.commit_by_revision(repository).digest
    put(repository, now, add(alice, "a.bin"), parent=old)

    with pytest.raises(Conflict) as refused:
        put(repository, now, add(alice, "b.bin"), parent=old)

    assert refused.value.code == "head_moved"


def test_limits_are_kept(
    repository: Repository,
    alice: User,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
):
    for name, limit, code in (
        ("MAX_FILES", 1, "too_many_files"),
        ("MAX_COMMITS", 1, "too_many_commits"),
        ("MAX_BYTES", 5, "repositories_full"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(committing, name, limit)
            with pytest.raises(LimitReached) as refused:
                put(repository, now, add(alice, "a", b"abc"), add(alice, "b", b"def"))
        assert refused.value.code == code
    monkeypatch.setattr(committing, "MAX_REPOSITORIES", 1)
    with pytest.raises(LimitReached) as refused:
        create_repository(owner=alice, name="another", now=now)
    assert refused.value.code == "too_many_repositories"


def test_bytes_that_are_kept_already_count_once(
    repository: Repository,
    alice: User,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(committing, "MAX_BYTES", 4)
    put(repository, now, add(alice, "a", b"abcd"))

    again = put(repository, now, add(alice, "b", b"abcd"))

    assert set(paths(again)) == {"a", "b"}


def test_names_are_checked_and_taken_once_by_each_person(
    repository: Repository, alice: User, bob: User, now: datetime
):
    with pytest.raises(Conflict, match="have a model repository router"):
        create_repository(owner=alice, name="router", now=now)
    with pytest.raises(Invalid):
        create_repository(owner=alice, name="Router/../x", now=now)

    assert create_repository(owner=bob, name="router", now=now).owner == bob


def test_only_the_owner_finds_a_repository(repository: Repository, bob: User):
    mine = selectors.repository_by_reference(
        reference="alice/router", viewer=repository.owner
    )
    assert mine == repository
    for viewer in (bob, None):
        with pytest.raises(NotFound):
            selectors.repository_by_reference(reference="alice/router", viewer=viewer)
    assert list(selectors.repositories_of(bob).items) == []


@pytest.mark.parametrize("revision", ["master", "v1", "0" * 40, "refs/heads/main"])
def test_there_are_no_other_branches(repository: Repository, revision: str):
    with pytest.raises(NotFound) as refused:
        selectors.commit_by_revision(repository, revision)

    assert refused.value.code == "revision_not_found"


def test_a_deleted_repository_takes_its_commits_along(
    repository: Repository, alice: User, now: datetime
):
    put(repository, now, add(alice, "a.bin"))

    repository.delete()

    assert (Commit.objects.count(), CommitFile.objects.count()) == (0, 0)


NAMES = some.sampled_from(["a", "b", "x/a", "x/b", "x/y/a"])


@given(
    steps=some.lists(some.lists(some.tuples(NAMES, some.sampled_from("pqr-")))),
)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_main_is_what_all_commits_make_of_it(
    alice: User, now: datetime, steps: list[list[tuple[str, str]]]
):
    alice.repositories.all().delete()
    repository = create_repository(owner=alice, name="walk", now=now)
    expected: dict[str, str] = {}
    for step in steps:
        changes: list[Change] = []
        for path, content in step:
            if content != "-":
                changes.append(add(alice, path, content.encode()))
                expected[path] = digest(content.encode())
            elif path in expected:
                changes.append(DeleteFile(path))
                del expected[path]
        put(repository, now, *changes)
    head = selectors.commit_by_revision(repository)

    assert paths(head) == expected
    numbers = list(
        repository.commits.order_by("number").values_list("number", "parent")
    )
    digests = list(
        repository.commits.order_by("number").values_list("digest", flat=True)
    )
    assert numbers == list(
        zip(range(1, len(digests) + 1), ["", *digests[:-1]], strict=True)
    )
