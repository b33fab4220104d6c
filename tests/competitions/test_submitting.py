"""What is accepted is frozen and queued; what is refused leaves nothing behind."""

import json
import pickle  # noqa: TID251 - a file that must be refused
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import User
from assay.protocol.errors import Conflict, Invalid, LimitReached, NotFound, Refusal
from catalogue.models import Model, Parent
from catalogue.services import ModelDraft, create_model, publish
from common.models import Job
from competitions.models import Competition, Evaluation, HistoryEntry, Submission
from competitions.services import evaluating, lifecycle, submitting
from competitions.specification import EntrySpec
from storage.services import store_bytes
from tests.builders import world
from tests.builders.weights import adapter_files, bert_files

pytestmark = [pytest.mark.database, pytest.mark.django_db]

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
UDL = {"License": world.OPEN_TERMS["License"]}


@pytest.fixture
def competition(alice: User, base: Model, now: datetime) -> Competition:
    """Open, sponsored by Alice."""
    return world.open_competition(alice, base, now)


def rows_made() -> dict[str, int]:
    """How many rows there are of all that a submission makes."""
    made = (Model, Submission, Evaluation, HistoryEntry, Job, Parent)
    return {model.__name__: model.objects.count() for model in made}


def refused(
    miner: User, competition: Competition, now: datetime, **changes: Any
) -> Refusal:
    """The refusal of an entry that differs from a good one in ``changes``."""
    if "files" not in changes:
        changes["files"] = world.stored(miner, bert_files(seed=5))
    before = rows_made()

    with pytest.raises(Refusal) as refusal:
        world.submit(miner, competition, now, seed=5, **changes)

    assert rows_made() == before
    return refusal.value


def published_model(
    owner: User, name: str, terms: dict[str, str], now: datetime
) -> Model:
    """A small model that anyone may see, free for commercial use."""
    model = create_model(
        owner=owner,
        draft=ModelDraft(
            name=name,
            kind="full",
            files={"README.md": store_bytes(owner=owner, content=name.encode())},
            terms={**UDL, "Commercial-Use": "Allowed", **terms},
            shares=[(owner, 1)],
        ),
        now=now,
    )
    publish(model=model, now=now)
    return model


def test_an_entry_becomes_a_frozen_model_and_a_queued_evaluation(
    bob: User, charlie: User, competition: Competition, now: datetime
):
    made = world.submit(
        bob, competition, now, seed=1, shares={"charlie": 3, "bob": 1}, message="first"
    )

    model = made.model
    assert (model.reference, model.published_at) == ("bob/model-1", None)
    assert {f.path for f in model.files.all()} == {"config.json", "model.safetensors"}
    assert [(c.user, c.parts) for c in model.contributors.all()] == [
        (charlie, 3),
        (bob, 1),
    ]
    edge = model.parents.get()
    assert (edge.parent, edge.revenue_percent) == (competition.base_model, Decimal(10))
    evaluation = made.evaluations.get()
    assert (evaluation.split, evaluation.status, evaluation.total) == (
        "public",
        "queued",
        30,
    )
    job = Job.objects.get(arguments={"evaluation_id": str(evaluation.id)})
    assert (job.kind, job.name, job.queue) == (
        "message",
        evaluating.TASK,
        evaluating.QUEUE,
    )
    event = competition.history.get(kind="submitted")
    assert event.facts["manifest_digest"] == model.manifest_digest


def test_an_adapter_is_put_on_the_base_model_when_no_parent_is_named(
    bob: User, competition: Competition, now: datetime
):
    made = world.submit(
        bob,
        competition,
        now,
        seed=1,
        kind="adapter",
        files=world.stored(bob, adapter_files()),
    )

    assert made.model.parents.get().parent == competition.base_model


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": "No Capitals"}, "model_invalid"),
        ({"name": "a-line-feed\n"}, "model_invalid"),
        ({"kind": "ensemble"}, "kind_unknown"),
        ({"files": {}}, "submission_refused"),
        ({"shares": {"nobody": 1}}, "contributor_unknown"),
        ({"shares": {"bob": 0}}, "manifest_parts"),
        ({"shares": {"bob": 10**10}}, "manifest_parts"),
        ({"parents": ["steward/nothing"]}, "model_not_found"),
        ({"parents": ["steward/tiny-bert"] * 2}, "manifest_twice"),
        ({"terms": {**UDL, "Commercial-Use": "Nonsense"}}, "terms_invalid"),
        ({"terms": UDL}, "terms_break_licence_rule"),
        ({"terms": {}}, "terms_invalid"),
        (
            {"terms": {**world.PAID_TERMS, "Currency": "ETH"}},
            "terms_currency_foreign",
        ),
    ],
)
def test_an_entry_that_breaks_a_rule_leaves_nothing_behind(
    bob: User, competition: Competition, now: datetime, changes, code: str
):
    assert refused(bob, competition, now, **changes).code == code


@pytest.mark.parametrize(
    ("path", "content", "code"),
    [
        ("model.safetensors", pickle.dumps({"weight": [0.5] * 64}), "file_is_pickle"),
        ("model.safetensors", b"PK\x03\x04" + bytes(64), "file_is_pickle"),
        ("pytorch_model.bin", b"anything", "name_pickle"),
        ("modeling_mine.py", b"print('hello')", "name_code"),
        ("tokenizer.json", b"{}", "name_tokenizer"),
        ("../config.json", b"{}", "name_not_admitted"),
    ],
)
def test_files_that_could_run_code_are_named_with_their_fix(
    bob: User, competition: Competition, now: datetime, path: str, content, code: str
):
    files = world.stored(bob, {**bert_files(seed=5), path: content})

    refusal = refused(bob, competition, now, files=files)

    assert isinstance(refusal, submitting.SubmissionRefused)
    found = {finding.path: finding for finding in refusal.findings}
    assert found[path].code == code
    assert found[path].sentence
    assert found[path].fix


def test_a_config_that_names_code_is_refused_and_so_is_every_other_fault(
    bob: User, competition: Competition, now: datetime
):
    files = bert_files(seed=5, labels=7)
    config = json.loads(files["config.json"])
    config["auto_map"] = {"AutoModel": "modeling_mine.Mine"}
    stored = world.stored(bob, {**files, "config.json": json.dumps(config).encode()})

    refusal = refused(bob, competition, now, files=stored)

    assert isinstance(refusal, submitting.SubmissionRefused)
    sentences = " ".join(finding.sentence for finding in refusal.findings)
    assert "auto_map" in sentences
    assert len(refusal.findings) >= 2  # the number of labels is wrong, too


def test_knowing_a_digest_is_not_holding_the_file(
    bob: User, charlie: User, competition: Competition, now: datetime
):
    files = world.stored(charlie, bert_files(seed=6))

    refusal = refused(bob, competition, now, files=files)

    assert refusal.code == "blob_not_held"
    assert refusal.where in files


def test_a_parent_whose_terms_forbid_commercial_derivation_is_refused(
    bob: User, charlie: User, competition: Competition, now: datetime
):
    """UDL 0.2 without a Derivation tag allows non-commercial derivation alone."""
    published_model(charlie, "closed", {}, now)

    refusal = refused(
        bob, competition, now, parents=["steward/tiny-bert", "charlie/closed"]
    )

    assert refusal.code == "parent_forbids_derivation"
    assert "charlie/closed" in refusal.sentence


def test_parents_that_together_ask_for_more_than_all_are_refused(
    bob: User, charlie: User, competition: Competition, now: datetime
):
    share = {"Derivation": "Allowed-With-RevenueShare-91%"}
    published_model(charlie, "dear", share, now)

    refusal = refused(
        bob, competition, now, parents=["steward/tiny-bert", "charlie/dear"]
    )

    assert refusal.code == "parents_owed_too_much"
    assert "101" in refusal.sentence


def test_a_parent_that_the_miner_may_not_see_is_not_found(
    bob: User, charlie: User, competition: Competition, now: datetime
):
    world.submit(charlie, competition, now, seed=9)

    refusal = refused(bob, competition, now, parents=["charlie/model-9"])

    assert isinstance(refusal, NotFound)


def test_an_adapter_without_its_base_among_its_parents_is_refused(
    bob: User, charlie: User, competition: Competition, now: datetime
):
    published_model(charlie, "other", {"Derivation": "Allowed"}, now)

    refusal = refused(
        bob,
        competition,
        now,
        kind="adapter",
        files=world.stored(bob, adapter_files()),
        parents=["charlie/other"],
    )

    assert refusal.code == "adapter_without_base"


def test_the_same_weights_are_taken_once_whoever_brings_them(
    bob: User, charlie: User, competition: Competition, now: datetime
):
    world.submit(bob, competition, now, seed=5)

    again = refused(bob, competition, now, name="another-name")
    copied = refused(charlie, competition, now)
    base = refused(
        charlie, competition, now, files=world.stored(charlie, bert_files(seed=1000))
    )

    assert [r.code for r in (again, copied, base)] == ["weights_known"] * 3
    assert isinstance(again, Conflict)


def test_a_name_is_used_once_by_its_owner(
    bob: User, charlie: User, competition: Competition, now: datetime
):
    world.submit(bob, competition, now, seed=1, name="mine")

    assert refused(bob, competition, now, name="mine").code == "model_name_taken"
    assert world.submit(charlie, competition, now, seed=2, name="mine")


def test_only_an_open_competition_before_its_deadline_takes_entries(
    alice: User, bob: User, base: Model, now: datetime
):
    competition = world.funded_competition(alice, base, now)
    early = refused(bob, competition, now)
    competition = lifecycle.open_competition(
        competition=competition, actor=alice, now=now
    )
    late = refused(bob, competition, competition.deadline)
    stale = Competition.objects.get(pk=competition.pk)
    lifecycle.cancel(competition=competition, actor=alice, now=now)

    # What the caller has loaded still says open.
    gone = refused(bob, stale, now)

    assert [r.code for r in (early, late, gone)] == ["competition_not_open"] * 3


def test_the_quota_says_to_the_second_when_the_next_entry_is_allowed(
    alice: User, bob: User, charlie: User, base: Model, now: datetime
):
    competition = world.open_competition(alice, base, now, daily_submissions=2)
    first, second = now + MINUTE, now + 7 * MINUTE
    world.submit(bob, competition, first, seed=1)
    world.submit(bob, competition, second, seed=2)

    refusal = refused(bob, competition, first + DAY - timedelta(microseconds=1))
    assert isinstance(refusal, LimitReached)
    assert refusal.retry_at == first + DAY
    world.submit(charlie, competition, second, seed=3)

    world.submit(bob, competition, first + DAY, seed=4)
    left = submitting.quota(competition=competition, miner=bob, now=first + DAY)
    assert (left.used, left.limit, left.next_at) == (2, 2, second + DAY)


def test_failures_have_a_cap_of_their_own(
    alice: User, bob: User, base: Model, now: datetime
):
    competition = world.open_competition(alice, base, now, daily_submissions=9)
    Competition.objects.filter(pk=competition.pk).update(daily_failures=2)
    competition.refresh_from_db()
    times = [now + n * MINUTE for n in range(3)]
    world.submit(bob, competition, times[0], seed=0)
    for seed, moment in enumerate(times[1:], start=1):
        made = world.submit(bob, competition, moment, seed=seed)
        world.fail(made.evaluations.get(), now=moment)

    refusal = refused(bob, competition, times[2])

    assert isinstance(refusal, LimitReached)
    assert refusal.retry_at == times[1] + DAY
    assert world.submit(bob, competition, times[1] + DAY, seed=4)


def test_when_both_caps_are_reached_the_later_moment_is_told(
    alice: User, bob: User, base: Model, now: datetime
):
    """Who comes back at the promised moment must not be sent away again."""
    competition = world.open_competition(alice, base, now, daily_submissions=3)
    Competition.objects.filter(pk=competition.pk).update(daily_failures=2)
    competition.refresh_from_db()
    times = [now + n * MINUTE for n in range(3)]
    world.submit(bob, competition, times[0], seed=0)
    for seed, moment in enumerate(times[1:], start=1):
        made = world.submit(bob, competition, moment, seed=seed)
        world.fail(made.evaluations.get(), now=moment)

    refusal = refused(bob, competition, times[2])

    assert isinstance(refusal, LimitReached)
    assert refusal.retry_at == times[1] + DAY
    assert world.submit(bob, competition, refusal.retry_at, seed=4)


def test_fees_that_name_no_currency_are_in_the_platforms_asset(
    bob: User, competition: Competition, now: datetime
):
    terms = {**UDL, "Commercial-Use": "Allowed-With-Fee-One-Time-25"}

    made = world.submit(bob, competition, now, seed=1, terms=terms)

    assert made.model.terms["Currency"] == "AST"


def test_an_entry_of_an_unknown_kind_or_with_bad_terms_is_plainly_invalid(
    bob: User, competition: Competition, now: datetime
):
    entry = EntrySpec(name="x", kind="full", files={"config.json": "zz"}, terms={})
    world.accept(bob, competition, now)

    with pytest.raises(Invalid) as refusal:
        submitting.submit(miner=bob, competition=competition, entry=entry, now=now)

    assert refusal.value.code == "blob_not_held"


def test_one_miners_entries_keep_so_many_bytes_and_files_they_share_count_once(
    bob: User, charlie: User, competition: Competition, now: datetime, settings: Any
):
    made = world.submit(bob, competition, now, seed=1)
    settings.ENTRANT_BYTES = made.model.size + 10

    refusal = refused(bob, competition, now)

    assert refusal.code == "competition_storage_quota"
    assert isinstance(refusal, LimitReached)
    assert world.submit(charlie, competition, now, seed=2)


def test_weights_that_are_not_numbers_are_refused_before_they_cost_anything(
    bob: User, competition: Competition, now: datetime
):
    files = bert_files(seed=5)
    files["model.safetensors"] = files["model.safetensors"][:-4] + b"\x00\x00\xc0\x7f"

    refusal = refused(bob, competition, now, files=world.stored(bob, files))

    assert refusal.code == "submission_refused"
    assert [finding.code for finding in refusal.findings] == ["tensor_not_finite"]
