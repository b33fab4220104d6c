"""An evaluation is leased, kept alive, answered, and scored exactly once."""

import json
import math
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta

import pytest

from accounts.models import User
from assay.protocol.benchmarks import read_answers
from assay.protocol.errors import Conflict, Invalid, NotFound
from assay.protocol.scoring import Output, outputs_digest, score
from catalogue.models import Model
from common.models import Job
from competitions.models import Competition, Evaluation, Submission
from competitions.selectors import blob_for_evaluator
from competitions.services import evaluating, measuring, submitting
from storage.blobs import open_blob
from tests.builders import world

pytestmark = [pytest.mark.database, pytest.mark.django_db]

SECOND = timedelta(seconds=1)
USAGE = {"cpu_seconds": 1.5}


@pytest.fixture
def competition(alice: User, base: Model, now: datetime) -> Competition:
    """Open, sponsored by Alice."""
    return world.open_competition(alice, base, now)


@pytest.fixture
def entry(bob: User, competition: Competition, now: datetime) -> Submission:
    """Bob's, waiting for its score on the public split."""
    return world.submit(bob, competition, now, seed=1)


@pytest.fixture
def evaluation(entry: Submission) -> Evaluation:
    """Of Bob's entry."""
    return entry.evaluations.get()


def answer(
    job: evaluating.LeasedJob,
    said: list[Output],
    now: datetime,
    digest: str = "",
) -> Evaluation:
    return measuring.record_outputs(
        evaluation_id=job.evaluation,
        lease=job.lease,
        outputs=said,
        digest=digest or outputs_digest(said),
        engine_version="test",
        usage=USAGE,
        certificate=world.receipt(job, said, usage=USAGE, at=now),
        now=now,
    )


def fail(job: evaluating.LeasedJob, now: datetime, fault: str) -> None:
    evaluating.record_failure(
        evaluation_id=job.evaluation,
        lease=job.lease,
        fault=fault,
        code="out_of_memory",
        sentence="It needed more memory than there is.",
        usage={"cpu_seconds": 2.0},
        now=now,
    )


def announced(evaluation: Evaluation) -> int:
    """How often the evaluators were, or will be, told of it."""
    return Job.objects.filter(
        name=evaluating.TASK, arguments={"evaluation_id": str(evaluation.id)}
    ).count()


def test_a_held_evaluation_is_not_leased_again_before_it_lapses(
    evaluation: Evaluation, now: datetime, settings
):
    held = world.lease(evaluation, now)

    with pytest.raises(Conflict) as refusal:
        world.lease(evaluation, now + settings.LEASE_DURATION - SECOND)
    taken = world.lease(evaluation, now + settings.LEASE_DURATION)

    assert refusal.value.code == "evaluation_not_available"
    assert taken.lease != held.lease


def test_an_evaluation_that_is_not_there_is_not_available(alice: User, now: datetime):
    for unknown in ("nonsense", "00000000-0000-4000-8000-000000000000"):
        with pytest.raises(Conflict) as refusal:
            evaluating.lease(evaluation_id=unknown, evaluator=alice, now=now)
        assert refusal.value.code == "evaluation_not_available"


def test_after_a_lapse_only_the_new_holder_is_heard_and_scores_once(
    evaluation: Evaluation, competition: Competition, now: datetime, settings
):
    old = world.lease(evaluation, now)
    later = now + settings.LEASE_DURATION
    new = world.lease(evaluation, later)
    said = world.outputs(evaluation, right=20)
    attempts: list[Callable[[], object]] = [
        lambda: answer(old, said, later),
        lambda: fail(old, later, "model"),
        lambda: fail(old, later, "platform"),
        lambda: evaluating.heartbeat(
            evaluation_id=old.evaluation, lease=old.lease, done=1, now=later
        ),
    ]

    for attempt in attempts:
        with pytest.raises(Conflict) as refusal:
            attempt()
        assert refusal.value.code == "lease_lost"
    scored = answer(new, said, later)
    with pytest.raises(Conflict):
        answer(new, said, later)

    assert (scored.status, scored.score, scored.attempts) == ("scored", 20 / 30, 2)
    events = [e.facts["submission"] for e in competition.history.filter(kind="scored")]
    assert events == ["baseline", str(evaluation.submission_id)]


def test_an_answer_after_the_lapse_is_refused_even_when_nobody_took_over(
    evaluation: Evaluation, now: datetime, settings
):
    held = world.lease(evaluation, now)

    with pytest.raises(Conflict):
        answer(held, world.outputs(evaluation, right=9), now + settings.LEASE_DURATION)

    evaluation.refresh_from_db()
    assert (evaluation.status, evaluation.score) == ("leased", None)


def test_no_heartbeat_keeps_a_lease_for_longer_than_a_run_may_take(
    evaluation: Evaluation, now: datetime
):
    job = world.lease(evaluation, now)
    longest = timedelta(seconds=job.limits["wall_seconds"]) + evaluating.FETCHING
    Evaluation.objects.update(leased_until=now + longest + 60 * SECOND)

    def beat(at: datetime) -> None:
        evaluating.heartbeat(
            evaluation_id=job.evaluation, lease=job.lease, done=1, now=at
        )

    beat(now + longest)
    with pytest.raises(Conflict) as refusal:
        beat(now + longest + SECOND)

    assert refusal.value.code == "lease_lost"


def test_a_heartbeat_extends_the_lease_and_shows_progress(
    evaluation: Evaluation, now: datetime, settings
):
    held = world.lease(evaluation, now)
    almost = now + settings.LEASE_DURATION - SECOND

    evaluating.heartbeat(
        evaluation_id=held.evaluation, lease=held.lease, done=12, now=almost
    )
    evaluation.refresh_from_db()
    assert (evaluation.done, evaluation.total) == (12, 30)
    assert evaluation.leased_until == almost + settings.LEASE_DURATION

    evaluating.heartbeat(
        evaluation_id=held.evaluation, lease=held.lease, done=999, now=almost
    )
    evaluation.refresh_from_db()
    assert evaluation.done == 30


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda said: said[:-1], "outputs_missing"),
        (lambda said: [*said, Output("public-999", (0.0, 0.0, 0.0))], "outputs_extra"),
        (lambda said: [*said, said[0]], "outputs_twice"),
        (lambda said: [Output(said[0].id, (0.0,)), *said[1:]], "outputs_width"),
        (
            lambda said: [Output(said[0].id, (math.nan, 0.0, 0.0)), *said[1:]],
            "outputs_not_finite",
        ),
    ],
)
def test_outputs_that_do_not_match_the_split_score_nothing(
    evaluation: Evaluation, now: datetime, spoil, code: str
):
    held = world.lease(evaluation, now)
    said = world.outputs(evaluation, right=20)

    with pytest.raises(Invalid) as refusal:
        answer(held, spoil(said), now)
    evaluation.refresh_from_db()

    assert refusal.value.code == code
    assert (evaluation.status, evaluation.score) == ("leased", None)
    assert evaluation.outputs is None
    assert answer(held, said, now).status == "scored"


def test_outputs_with_another_digest_than_they_came_with_are_refused(
    evaluation: Evaluation, now: datetime
):
    held = world.lease(evaluation, now)
    said = world.outputs(evaluation, right=20)

    with pytest.raises(Invalid) as refusal:
        answer(held, said, now, digest=outputs_digest(said[1:]))

    assert refusal.value.code == "outputs_digest_wrong"


def test_anyone_can_recompute_digest_and_score_from_what_was_kept(
    evaluation: Evaluation, competition: Competition, now: datetime
):
    said = world.outputs(evaluation, right=17)
    scored = answer(world.lease(evaluation, now), list(reversed(said)), now)

    with open_blob(scored.outputs_id) as lines:
        kept = [
            Output(row["id"], tuple(float.fromhex(s) for s in row["scores"]))
            for row in map(json.loads, lines)
        ]
    with open_blob(competition.splits.get(name="public").answers_id) as lines:
        result = score("accuracy", kept, read_answers(lines))

    assert outputs_digest(kept) == scored.outputs_digest == outputs_digest(said)
    assert (result.value, result.low, result.high) == (
        scored.score,
        scored.low,
        scored.high,
    )


def test_a_platform_fault_sends_the_evaluation_round_again(
    evaluation: Evaluation, now: datetime
):
    before = announced(evaluation)

    fail(world.lease(evaluation, now), now, "platform")
    evaluation.refresh_from_db()

    assert (evaluation.status, evaluation.failure_code) == ("queued", "out_of_memory")
    assert announced(evaluation) == before + 1
    assert world.lease(evaluation, now).evaluation == str(evaluation.id)


def test_platform_faults_end_after_the_last_attempt_and_cost_no_quota(
    evaluation: Evaluation, competition: Competition, bob: User, now: datetime, settings
):
    for _ in range(settings.EVALUATION_MAX_ATTEMPTS):
        fail(world.lease(evaluation, now), now, "platform")
    evaluation.refresh_from_db()

    assert evaluation.status == "failed"
    assert evaluation.failure_code == "platform_gave_up"
    assert Submission.objects.get().status == "failed"
    left = submitting.quota(competition=competition, miner=bob, now=now)
    assert (left.used, left.failures, left.next_at) == (0, 0, None)
    with pytest.raises(Conflict):
        world.lease(evaluation, now + timedelta(days=1))


def test_a_models_fault_ends_it_at_once_and_counts_as_a_failure(
    evaluation: Evaluation, competition: Competition, bob: User, now: datetime
):
    fail(world.lease(evaluation, now), now, "model")
    evaluation.refresh_from_db()

    assert (evaluation.status, evaluation.attempts) == ("failed", 1)
    assert evaluation.usage == {"cpu_seconds": 2.0}
    assert Submission.objects.get().status == "failed"
    assert competition.history.filter(kind="failed").count() == 1
    left = submitting.quota(competition=competition, miner=bob, now=now)
    assert (left.used, left.failures) == (1, 1)


def test_reaping_takes_up_what_lapsed_and_leaves_what_is_held(
    evaluation: Evaluation, now: datetime, settings
):
    world.lease(evaluation, now)

    assert evaluating.reap(now + settings.LEASE_DURATION - SECOND) == 0
    assert evaluating.reap(now + settings.LEASE_DURATION) == 1
    evaluation.refresh_from_db()

    assert (evaluation.status, evaluation.lease) == ("queued", None)
    assert evaluation.failure_code == "evaluator_lost"


def test_an_evaluator_that_is_lost_every_time_ends_the_evaluation(
    evaluation: Evaluation, now: datetime, settings
):
    for turn in range(settings.EVALUATION_MAX_ATTEMPTS):
        start = now + turn * settings.LEASE_DURATION
        world.lease(evaluation, start)
        evaluating.reap(start + settings.LEASE_DURATION)
    evaluation.refresh_from_db()

    assert (evaluation.status, evaluation.failure_code) == (
        "failed",
        "platform_gave_up",
    )


def test_a_queued_evaluation_that_nobody_took_is_announced_again(
    evaluation: Evaluation, now: datetime
):
    assert evaluating.reap(now + evaluating.RING_AGAIN - SECOND) == 0
    assert evaluating.reap(now + evaluating.RING_AGAIN) == 1
    assert evaluating.reap(now + evaluating.RING_AGAIN) == 0

    assert announced(evaluation) == 2


def test_no_label_is_in_what_an_evaluator_gets(
    evaluation: Evaluation, competition: Competition, now: datetime
):
    job = world.lease(evaluation, now)
    labelled = world.lines(world.rows("public", 30))
    split = competition.splits.get(name="public")
    with open_blob(job.inputs.sha256) as lines:
        inputs = [json.loads(line) for line in lines]

    assert inputs == [
        {"id": row["id"], "text": row["text"]} for row in world.rows("public", 30)
    ]
    told = json.dumps(asdict(job), default=str)
    for secret in (split.answers_id, world.sha256(labelled)):
        assert secret not in told
        with pytest.raises(NotFound):
            blob_for_evaluator(sha256=secret)
    assert blob_for_evaluator(sha256=job.inputs.sha256).size == job.inputs.size


def test_files_are_fetched_only_while_an_evaluation_needs_them(
    evaluation: Evaluation, now: datetime
):
    job = world.lease(evaluation, now)
    weights = job.model_files[0].sha256
    assert blob_for_evaluator(sha256=weights)

    answer(job, world.outputs(evaluation, right=3), now)

    with pytest.raises(NotFound):
        blob_for_evaluator(sha256=weights)
