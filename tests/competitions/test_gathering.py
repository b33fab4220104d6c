"""An entry can be a commit of the miner's own repository."""

from datetime import datetime

import pytest

from accounts.models import User
from assay.documents.cards import write_card
from assay.protocol.errors import Invalid, NotFound
from assay.protocol.terms import write_toml
from catalogue.models import Commit, Repository
from catalogue.selectors import model_record
from catalogue.services import AddFile, DeleteFile, commit, create_repository
from competitions.models import Competition, Submission
from competitions.services import submitting
from competitions.specification import EntrySpec
from storage.services import store_bytes
from tests.builders import world
from tests.builders.weights import adapter_files, bert_files

pytestmark = [pytest.mark.database, pytest.mark.django_db]

TERMS = {"terms.toml": write_toml(world.PAID_TERMS, []).encode()}


@pytest.fixture
def contest(alice: User, charlie: User, bob: User, now: datetime) -> Competition:
    contest = world.open_competition(alice, world.base_model(charlie, now), now)
    world.accept(bob, contest, now)
    return contest


@pytest.fixture
def repository(bob: User, now: datetime) -> Repository:
    return create_repository(owner=bob, name="router", now=now)


def put(repository: Repository, now: datetime, files: dict[str, bytes]) -> Commit:
    owner = repository.owner
    return commit(
        repository=repository,
        author=owner,
        changes=[
            AddFile(path, store_bytes(owner=owner, content=content).sha256)
            for path, content in files.items()
        ],
        title="Try",
        now=now,
    )


def submit(
    miner: User, contest: Competition, now: datetime, repository: str, **more: object
) -> Submission:
    fields: dict[str, object] = {"name": "", "kind": "", "files": {}, "terms": {}}
    entry = EntrySpec(**{**fields, **more}, repository=repository)  # type: ignore[arg-type]
    return submitting.submit(miner=miner, competition=contest, entry=entry, now=now)


def test_a_commit_is_entered_whole_with_its_terms_card_and_a_name(
    contest: Competition, repository: Repository, bob: User, now: datetime
):
    made = put(repository, now, {**bert_files(seed=4), **TERMS, "README.md": b"# Hi"})

    model = submit(bob, contest, now, f"bob/router@{made.digest}").model

    assert model.name == f"router-{made.digest[:8]}"
    assert model.kind == "full"
    assert model.card == "# Hi"
    assert model.terms["Commercial-Use"] == world.PAID_TERMS["Commercial-Use"]
    assert {f.path: f.blob_id for f in model.files.all()} == {
        f.path: f.blob_id for f in made.files.all() if f.path != "terms.toml"
    }


def test_the_commit_that_was_named_is_entered_not_the_newest(
    contest: Competition, repository: Repository, bob: User, now: datetime
):
    old = put(repository, now, {**bert_files(seed=4), **TERMS})
    new = put(repository, now, bert_files(seed=5))

    pinned = submit(bob, contest, now, f"router@{old.digest}", name="old")
    newest = submit(bob, contest, now, "router", name="new")

    for entered, made in ((pinned, old), (newest, new)):
        weights = entered.model.files.get(path="model.safetensors")
        assert weights.blob == made.files.get(path="model.safetensors").blob


def test_an_adapter_is_seen_from_its_files(
    contest: Competition, repository: Repository, bob: User, now: datetime
):
    put(repository, now, {**adapter_files(), **TERMS})

    assert submit(bob, contest, now, "router").model.kind == "adapter"


def test_terms_may_stand_in_the_card_and_those_that_are_named_go_before(
    contest: Competition, repository: Repository, bob: User, now: datetime
):
    card = write_card(model_record(contest.base_model)).encode()
    put(repository, now, {**bert_files(seed=4), "README.md": card})
    carried = submit(bob, contest, now, "router", name="carried")
    put(repository, now, bert_files(seed=5))

    named = submit(bob, contest, now, "router", name="named", terms=world.PAID_TERMS)

    assert carried.model.terms == contest.base_model.terms
    assert named.model.terms["Commercial-Use"] == world.PAID_TERMS["Commercial-Use"]


@pytest.mark.parametrize(
    ("more", "code"),
    [({}, "terms_missing"), ({"files": {"a": "b" * 64}}, "files_twice")],
)
def test_what_is_said_twice_or_not_at_all_is_refused(
    contest: Competition,
    repository: Repository,
    bob: User,
    now: datetime,
    more: dict[str, object],
    code: str,
):
    put(repository, now, bert_files(seed=4))

    with pytest.raises(Invalid) as refused:
        submit(bob, contest, now, "router", **more)

    assert refused.value.code == code
    assert not Submission.objects.exists()


def test_nobody_enters_anothers_repository_or_a_commit_that_is_not(
    contest: Competition,
    repository: Repository,
    bob: User,
    now: datetime,
    django_user_model: type[User],
):
    put(repository, now, {**bert_files(seed=4), **TERMS})
    thief = django_user_model.objects.create(username="thief")
    world.accept(thief, contest, now)

    for miner, reference, code in (
        (thief, "bob/router", "repository_not_found"),
        (thief, "router", "repository_not_found"),
        (bob, f"router@{'0' * 40}", "revision_not_found"),
    ):
        with pytest.raises(NotFound) as refused:
            submit(miner, contest, now, reference)
        assert refused.value.code == code


def test_a_repository_that_is_deleted_leaves_what_was_entered(
    contest: Competition, repository: Repository, bob: User, now: datetime
):
    put(repository, now, {**bert_files(seed=4), **TERMS})
    entered = submit(bob, contest, now, "router")
    commit(
        repository=repository,
        author=bob,
        changes=[DeleteFile("terms.toml")],
        title="Tidy",
        now=now,
    )

    repository.delete()

    assert entered.model.files.count() == len(bert_files())
