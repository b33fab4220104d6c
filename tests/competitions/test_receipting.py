"""A receipt is taken only when every word of it is what the platform knows."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from accounts.models import EvaluatorKey, User
from assay.protocol.errors import Invalid, NotFound
from assay.protocol.receipts import check_receipt
from assay.protocol.receipts.receipt import Resources
from assay.protocol.scoring import Output, outputs_digest
from catalogue.models import Model
from competitions.models import Evaluation, Receipt
from competitions.receipt_selectors import shown_receipt
from competitions.services import evaluating, measuring
from tests.builders import world

pytestmark = [pytest.mark.database, pytest.mark.django_db]

USAGE = {"cpu_seconds": 1.5, "wall_seconds": 2.0, "peak_bytes": 7}


@pytest.fixture
def evaluation(alice: User, bob: User, base: Model, now: datetime) -> Evaluation:
    competition = world.open_competition(alice, base, now)
    return world.submit(bob, competition, now, seed=1).evaluations.get()


def deliver(
    evaluation: Evaluation,
    now: datetime,
    change: Callable[[dict], dict] = lambda certificate: certificate,
    said: list[Output] | None = None,
    changes: dict[str, object] | None = None,
    handle: str = "evaluator",
) -> Evaluation:
    job = world.lease(evaluation, now)
    outputs = world.outputs(evaluation, right=20)
    certificate = world.receipt(
        job, outputs, usage=USAGE, at=now, handle=handle, **(changes or {})
    )
    said = said or outputs
    return measuring.record_outputs(
        evaluation_id=job.evaluation,
        lease=job.lease,
        outputs=said,
        digest=outputs_digest(said),
        engine_version="test",
        usage=USAGE,
        certificate=change(certificate),
        now=now,
    )


def test_a_receipt_is_kept_with_its_evaluation_and_named_in_the_history(
    evaluation: Evaluation, now: datetime
):
    deliver(evaluation, now)

    kept = Receipt.objects.get(evaluation=evaluation)
    key = kept.key.published()
    found = check_receipt(kept.certificate, {key.key_id: key})
    assert (found.digest(), found.root) == (kept.digest, kept.root)
    told = evaluation.competition.history.get(
        kind="scored", facts__evaluation=str(evaluation.pk)
    )
    assert told.facts["receipt"] == kept.digest


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("evaluation", "00000000-0000-4000-8000-000000000000"),
        ("split", "private"),
        ("weights", "ab" * 32),
        ("base", "ab" * 32),
        ("data", "ab" * 32),
        ("scorer", "ab" * 32),
        ("engine", "another"),
        ("precision", "exact"),
        ("root", "ab" * 32),
        ("examples", 7),
        ("resources", Resources(1, 1, 1)),
    ],
)
def test_a_receipt_about_something_else_is_refused_and_names_the_field(
    evaluation: Evaluation, now: datetime, name: str, value: object
):
    with pytest.raises(Invalid) as refused:
        deliver(evaluation, now, changes={name: value})

    assert (refused.value.code, refused.value.where) == ("receipt_differs", name)
    evaluation.refresh_from_db()
    assert evaluation.status == "leased"
    assert not Receipt.objects.filter(evaluation=evaluation).exists()


def test_other_outputs_than_were_signed_are_refused(
    evaluation: Evaluation, now: datetime
):
    with pytest.raises(Invalid) as refused:
        deliver(evaluation, now, said=world.outputs(evaluation, right=30))
    assert refused.value.where == "root"


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_receipt_of_another_time_is_refused(
    evaluation: Evaluation, now: datetime, hours: int
):
    at = now + timedelta(hours=hours)
    with pytest.raises(Invalid) as refused:
        deliver(evaluation, now, lambda _: signed_at(evaluation, now, at))
    assert refused.value.code == "receipt_time"


def signed_at(evaluation: Evaluation, now: datetime, at: datetime) -> dict:
    evaluation.refresh_from_db()
    job = evaluating._job(evaluation, evaluation.lease, now)
    return world.receipt(job, world.outputs(evaluation, right=20), usage=USAGE, at=at)


def test_a_forged_signature_and_an_unknown_key_are_refused(
    evaluation: Evaluation, now: datetime
):
    world.evaluator_with_key("olga")
    forged = {"key_id": EvaluatorKey.objects.get(operator__username="olga").key_id}
    with pytest.raises(Invalid) as signature:
        deliver(evaluation, now, lambda certificate: {**certificate, **forged})
    assert signature.value.code == "receipt_signature"
    Evaluation.objects.filter(pk=evaluation.pk).update(status="queued")
    with pytest.raises(Invalid) as unknown:
        deliver(evaluation, now, handle="nobody")
    assert unknown.value.code == "receipt_key_unknown"


def test_a_receipt_by_another_operator_than_holds_the_lease_is_refused(
    evaluation: Evaluation, now: datetime
):
    world.evaluator_with_key("olga")
    with pytest.raises(Invalid) as refused:
        deliver(evaluation, now, handle="olga")
    assert refused.value.code == "receipt_key_foreign"


def test_a_revoked_key_signs_nothing_more(evaluation: Evaluation, now: datetime):
    world.evaluator_with_key()
    EvaluatorKey.objects.update(revoked_at=now)
    with pytest.raises(Invalid) as refused:
        deliver(evaluation, now)
    assert refused.value.code == "receipt_key_revoked"


def test_everybody_sees_the_public_receipt_and_the_private_one_with_the_final_board(
    alice: User, bob: User, base: Model, now: datetime
):
    competition = world.open_competition(alice, base, now)
    made = world.submit(bob, competition, now, seed=1)
    world.score(made.evaluations.get(), right=25, now=now)
    first = made.evaluations.get()
    hidden = competition.evaluations.get(split="private", submission=None)

    shown = shown_receipt(evaluation_id=first.pk, viewer=None)
    assert (shown.receipt, shown.score.value) == (first.receipt, first.score)
    with pytest.raises(NotFound):
        shown_receipt(evaluation_id=hidden.pk, viewer=alice)

    world.rank_all(competition, {"bob": 25}, now + timedelta(days=8))
    found = shown_receipt(evaluation_id=hidden.pk, viewer=None)
    assert found.receipt.evaluation_id == hidden.pk


def test_the_receipt_of_a_board_that_rises_by_steps_tells_the_step_alone(
    alice: User, bob: User, base: Model, now: datetime
):
    competition = world.open_competition(alice, base, now, board_step=0.1)
    made = world.submit(bob, competition, now, seed=1)
    world.score(made.evaluations.get(), right=25, now=now)
    evaluation = made.evaluations.get()

    shown = shown_receipt(evaluation_id=evaluation.pk, viewer=bob)

    assert shown.score.value == evaluation.shown != evaluation.score


def test_a_draft_shows_its_receipts_to_its_sponsor_alone(
    alice: User, bob: User, base: Model, now: datetime
):
    draft = world.drafting.create_competition(
        sponsor=alice, spec=world.spec(alice, base, now), now=now
    )
    evaluation = draft.evaluations.get(split="public")
    world.score(evaluation, right=10, now=now)

    assert shown_receipt(evaluation_id=evaluation.pk, viewer=alice).receipt
    with pytest.raises(NotFound):
        shown_receipt(evaluation_id=evaluation.pk, viewer=bob)


def test_an_evaluation_from_before_receipts_is_readable_and_has_none(
    evaluation: Evaluation, now: datetime
):
    world.score(evaluation, right=25, now=now)
    Receipt.objects.filter(evaluation=evaluation).delete()

    evaluation = Evaluation.objects.get(pk=evaluation.pk)
    assert getattr(evaluation, "receipt", None) is None
    assert evaluation.told.value == evaluation.score
    with pytest.raises(NotFound) as refused:
        shown_receipt(evaluation_id=evaluation.pk, viewer=None)
    assert refused.value.code == "receipt_not_found"
