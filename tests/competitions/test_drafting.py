"""A draft is read row by row, and refused with the split, the row and the field."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from assay.protocol.errors import Conflict, Invalid, NotFound, Refusal
from catalogue.models import Model
from catalogue.services import weighing
from common.models import Job
from competitions.models import Attachment, Competition, Evaluation, Split
from competitions.services import drafting, evaluating
from storage.blobs import open_blob
from storage.services import store_bytes
from tests.builders import world
from tests.builders.weights import LABELS

pytestmark = [pytest.mark.database, pytest.mark.django_db]

CHOICES = {
    "task_type": "multiple_choice",
    "task_options": {},
    "metric": "accuracy_normalised",
}


def draft(sponsor: User, base: Model, now: datetime, **changes: Any) -> Competition:
    return drafting.create_competition(
        sponsor=sponsor, spec=world.spec(sponsor, base, now, **changes), now=now
    )


def refused(sponsor: User, base: Model, now: datetime, **changes: Any) -> Refusal:
    """The refusal of a draft that differs from a good one in ``changes``."""
    with pytest.raises(Refusal) as refusal:
        draft(sponsor, base, now, **changes)

    for model in (Competition, Split, Attachment, Evaluation):
        assert not model.objects.exists()
    # The base model's own sketch is no work of the draft's.
    assert not Job.objects.exclude(name=weighing.TASK).exists()
    return refusal.value


def splits_with(sponsor: User, name: str, content: bytes) -> dict[str, str]:
    """Digests of the three splits of classification, one of them of this content."""
    contents = {
        split: world.lines(world.rows(split, 3))
        for split in ("sample", "public", "private")
    }
    return world.stored(sponsor, {**contents, name: content})


def test_a_draft_keeps_inputs_and_answers_apart_and_queues_its_baseline(
    alice: User, base: Model, now: datetime
):
    competition = draft(alice, base, now)

    assert (competition.status, competition.rules_digest) == ("draft", "")
    split = competition.splits.get(name="private")
    with open_blob(split.inputs_id) as inputs, open_blob(split.answers_id) as answers:
        assert b"label" not in inputs.read()
        assert b"text" not in answers.read()
    queued = {(e.split, e.model, e.submission) for e in competition.evaluations.all()}
    assert queued == {("public", base, None), ("private", base, None)}
    assert Job.objects.filter(name=evaluating.TASK).count() == 2
    assert [a.path for a in competition.attachments.all()] == ["sample.jsonl"]


def test_labels_change_nothing_in_what_a_model_sees(
    alice: User, base: Model, now: datetime
):
    other = [{**row, "label": LABELS[0]} for row in world.rows("public", 30)]
    one = draft(alice, base, now)
    two = draft(
        alice,
        base,
        now,
        slug="other-answers",
        splits={
            **world.spec(alice, base, now).splits,
            "public": store_bytes(owner=alice, content=world.lines(other)).sha256,
        },
    )

    first, second = (c.splits.get(name="public") for c in (one, two))
    assert first.inputs == second.inputs
    assert first.answers != second.answers


@pytest.mark.parametrize("split", ["sample", "public", "private"])
@pytest.mark.parametrize(
    ("row", "field"),
    [
        ('{"id": "x", "text": "hello", "label": "unheard-of"}', "label"),
        ('{"id": "x", "text": "hello"}', "label"),
        ('{"id": "x", "text": "hello", "label": ["card"]}', "label"),
        ('{"id": "x", "text": " ", "label": "card"}', "text"),
        ('{"id": "x", "text": 7, "label": "card"}', "text"),
        ('{"text": "hello", "label": "card"}', "id"),
        ('{"id": "FIRST", "text": "hello", "label": "card"}', "id"),
        ("[1, 2]", ""),
        ('{"id": "x"', ""),
    ],
)
def test_a_bad_row_of_classification_is_named(
    alice: User, base: Model, now: datetime, split: str, row: str, field: str
):
    good = world.rows(split, 2)
    line = row.replace("FIRST", good[0]["id"]).encode() + b"\n"

    refusal = refused(
        alice, base, now, splits=splits_with(alice, split, world.lines(good) + line)
    )

    assert refusal.code == "benchmark_row"
    assert refusal.where == f"{split} row 3" + (f", {field}" if field else "")
    assert f"Row 3 of the {split} split" in refusal.sentence
    assert refusal.fix


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"choices": ["one"]}, "choices"),
        ({"choices": "one"}, "choices"),
        ({"choices": ["same", "same"]}, "choices"),
        ({"choices": ["one", ""]}, "choices"),
        ({"answer": 2}, "answer"),
        ({"answer": "0"}, "answer"),
        ({"answer": True}, "answer"),
        ({"answer": -1}, "answer"),
        ({"context": ""}, "context"),
        ({"id": None}, "id"),
    ],
)
def test_a_bad_row_of_multiple_choice_is_named(
    alice: User, base: Model, now: datetime, changes: dict[str, Any], field: str
):
    def row(split: str) -> dict[str, Any]:
        return {
            "id": split,
            "context": f"{split}:",
            "choices": ["one", "two"],
            "answer": 1,
        }

    contents = {
        split: world.lines([row(split)]) for split in ("sample", "public", "private")
    }
    contents["private"] = world.lines([row("private"), {**row("bad"), **changes}])

    refusal = refused(alice, base, now, splits=world.stored(alice, contents), **CHOICES)

    assert (refusal.code, refusal.where) == (
        "benchmark_row",
        f"private row 2, {field}",
    )


@pytest.mark.parametrize("hidden", ["public", "private"])
def test_a_hidden_question_that_stands_in_the_sample_is_a_leak(
    alice: User, base: Model, now: datetime, hidden: str
):
    known = {**world.rows("sample", 1)[0], "id": "another-id", "label": LABELS[1]}
    content = world.lines([*world.rows(hidden, 2), known])

    refusal = refused(alice, base, now, splits=splits_with(alice, hidden, content))

    assert (refusal.code, refusal.where) == ("benchmark_leak", hidden)
    assert "another-id" in refusal.sentence


@pytest.mark.parametrize("hidden", ["public", "private"])
def test_a_hidden_split_is_not_attached_for_all_to_fetch(
    alice: User, base: Model, now: datetime, hidden: str
):
    splits = world.spec(alice, base, now).splits

    refusal = refused(alice, base, now, attachments={"extra.jsonl": splits[hidden]})

    assert (refusal.code, refusal.where) == ("benchmark_leak", "extra.jsonl")


def test_an_empty_split_is_refused(alice: User, base: Model, now: datetime):
    refusal = refused(alice, base, now, splits=splits_with(alice, "public", b"\n\n"))

    assert (refusal.code, refusal.where) == ("benchmark_empty", "public")


def test_a_split_that_the_sponsor_has_not_uploaded_is_refused(
    alice: User, bob: User, base: Model, now: datetime
):
    splits = {
        **world.spec(alice, base, now).splits,
        "public": store_bytes(owner=bob, content=b"bob's own").sha256,
    }

    refusal = refused(alice, base, now, splits=splits)

    assert (refusal.code, refusal.where) == ("blob_not_held", "public")


@pytest.mark.parametrize(
    ("changes", "code", "where"),
    [
        ({"splits": {}}, "splits_wrong", "splits"),
        ({"task_type": "juggling"}, "task_type_unknown", "task_type"),
        ({"metric": "bleu"}, "metric_not_for_task", "metric"),
        ({"metric": "accuracy_normalised"}, "metric_not_for_task", "metric"),
        ({"task_options": {}}, "task_options_invalid", "task_options"),
        ({"task_options": {"labels": ["one"]}}, "task_options_invalid", "task_options"),
        (
            {"task_options": {"labels": LABELS, "colour": "red"}},
            "task_options_invalid",
            "task_options",
        ),
        (
            {"task_options": {"labels": LABELS, "max_tokens": 64.0}},
            "options_not_exact",
            "task_options",
        ),
        ({"required_uses": ["juggling"]}, "use_unknown", "required_uses"),
        ({"margin": 1.0}, "margin_invalid", "margin"),
        ({"margin": -0.1}, "margin_invalid", "margin"),
        ({"margin": float("nan")}, "margin_invalid", "margin"),
        ({"minimum_stake": "1.0000000000000000001"}, "amount_too_precise", ""),
        ({"minimum_stake": "-1"}, "amount_negative", ""),
        ({"slug": "No Spaces"}, "competition_invalid", "slug"),
        ({"slug": "a-line-feed\n"}, "competition_invalid", "slug"),
        ({"title": ""}, "competition_invalid", "title"),
        ({"title": "x" * 121}, "competition_invalid", "title"),
        ({"daily_submissions": -1}, "limit_invalid", "daily_submissions"),
        ({"daily_submissions": 0}, "limit_invalid", "daily_submissions"),
        ({"max_seconds": 0}, "limit_invalid", "max_seconds"),
        ({"max_seconds": 2**40}, "limit_invalid", "max_seconds"),
        (
            {"challenge_window": timedelta(days=61)},
            "challenge_window_invalid",
            "challenge_window",
        ),
        (
            {"challenge_window": timedelta(seconds=-1)},
            "challenge_window_invalid",
            "challenge_window",
        ),
        ({"attachments": {"../up": "0" * 64}}, "manifest_path", "../up"),
        ({"attachments": {"a.txt": "0" * 64}}, "blob_not_held", "a.txt"),
    ],
)
def test_a_wrong_field_is_named(
    alice: User,
    base: Model,
    now: datetime,
    changes: dict[str, Any],
    code: str,
    where: str,
):
    refusal = refused(alice, base, now, **changes)

    assert isinstance(refusal, Invalid)
    assert refusal.code == code
    assert where in {refusal.where, ""}


@pytest.mark.parametrize(
    "prize",
    [
        {"prize_rule": "unheard_of"},
        {"prize_options": {"shares": [1]}},
        {"prize_rule": "shares_by_rank", "prize_options": {}},
        {"prize_rule": "shares_by_rank", "prize_options": {"shares": [0.5, 0.5]}},
        {"prize_rule": "shares_by_rank", "prize_options": {"shares": [-1]}},
        {"prize_rule": "shares_by_rank", "prize_options": {"shares": []}},
    ],
)
def test_a_prize_rule_that_cannot_pay_is_refused(
    alice: User, base: Model, now: datetime, prize: dict[str, Any]
):
    assert isinstance(refused(alice, base, now, **prize), Invalid)


def test_a_deadline_that_has_passed_is_refused(alice: User, base: Model, now: datetime):
    assert refused(alice, base, now, deadline=now).code == "deadline_past"


def test_only_a_base_model_that_the_sponsor_sees_is_built_upon(
    alice: User, bob: User, base: Model, now: datetime
):
    unknown = refused(alice, base, now, base_model="steward/nothing")
    base.is_base = False
    base.save()

    assert isinstance(unknown, NotFound)
    assert refused(alice, base, now).code == "base_model_not_allowed"


def test_a_slug_is_taken_once(alice: User, bob: User, base: Model, now: datetime):
    draft(alice, base, now)

    with pytest.raises(Conflict) as refusal:
        draft(bob, base, now)

    assert (refusal.value.code, refusal.value.where) == ("slug_taken", "slug")


def test_a_split_whose_outputs_no_request_could_hold_is_refused(
    alice: User, base: Model, now: datetime, settings
):
    """Else the evaluator's answer is refused for ever, and no baseline comes."""
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = drafting.ENVELOPE_BYTES + 30 * 100

    refusal = refused(alice, base, now)

    assert (refusal.code, refusal.where) == ("split_too_large", "sample")
