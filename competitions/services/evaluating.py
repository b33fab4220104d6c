"""Evaluations: queued, leased to an evaluator, taken up again when one is lost.

An evaluation is held by a lease with a heartbeat; whoever answers with another lease,
or late, changes nothing. What comes back is scored in ``measuring``.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q, QuerySet

from accounts.models import User
from assay.protocol.errors import Conflict
from catalogue.models import Model
from common import jobs
from common.status import move
from competitions.models import Competition, Dues, Evaluation, Split, Submission
from competitions.selectors import GAVE_UP
from competitions.services import deposits, history, receipting

log = structlog.get_logger(__name__)

Reason = Dues.Reason
TASK = "evaluator.evaluate"
QUEUE = "evaluations"
RING_AGAIN = timedelta(minutes=3)
FETCHING = timedelta(hours=6)  # of weights, before a run and its limits begin
WALL_PER_CPU = 4  # an evaluator's machine may be shared; wall time only ends hangs


@dataclass(frozen=True)
class JobFile:
    """One file that the evaluator fetches."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True)
class LeasedJob:
    """All that an evaluator needs; nothing of it tells an answer."""

    evaluation: str
    lease: str
    lease_seconds: int
    leased_at: datetime
    split: str
    task_type: str
    options: Mapping[str, Any]
    metric: str
    precision: str
    adapter: bool
    model_files: Sequence[JobFile]
    base_files: Sequence[JobFile]
    inputs: JobFile
    limits: Mapping[str, int]


def queue_baseline(*, competition: Competition, now: datetime) -> None:
    """Have the base model scored on both hidden splits."""
    for split in (Split.Name.PUBLIC, Split.Name.PRIVATE):
        queue(
            competition=competition, model=competition.base_model, split=split, now=now
        )


def queue(
    *,
    competition: Competition,
    model: Model,
    split: str,
    now: datetime,
    submission: Submission | None = None,
    repeat: int = 0,
) -> Evaluation:
    """Create an evaluation and tell the evaluators after commit.

    Args:
        repeat: 0 for the one that counts; above, the number of a repetition.
    """
    evaluation = Evaluation.objects.create(
        competition=competition,
        submission=submission,
        model=model,
        split=split,
        repeat=repeat,
        total=competition.splits.get(name=split).count,
        queued_at=now,
        rung_at=now,
    )
    _ring(evaluation)
    return evaluation


def _ring(evaluation: Evaluation) -> None:
    jobs.announce(TASK, queue=QUEUE, evaluation_id=str(evaluation.id))


def lease(*, evaluation_id: str, evaluator: User, now: datetime) -> LeasedJob:
    """Give the evaluation to one evaluator for a while.

    Raises:
        Conflict: it is done, or held by another.
    """
    token = uuid.uuid4()
    free = Q(status=Evaluation.Status.QUEUED) | Q(
        status=Evaluation.Status.LEASED, leased_until__lte=now
    )
    taken = _matching(evaluation_id).filter(
        free, attempts__lt=settings.EVALUATION_MAX_ATTEMPTS
    )
    if not taken.update(
        status=Evaluation.Status.LEASED,
        lease=token,
        leased_until=now + settings.LEASE_DURATION,
        started_at=now,
        attempts=F("attempts") + 1,
        evaluator=evaluator,
        done=0,
    ):
        raise Conflict(
            "evaluation_not_available", "This evaluation is done or held by another."
        )
    evaluation = Evaluation.objects.select_related("competition", "model").get(
        pk=evaluation_id
    )
    log.info("evaluation.leased", evaluation=evaluation_id, attempt=evaluation.attempts)
    return _job(evaluation, token, now)


def _job(evaluation: Evaluation, token: uuid.UUID, now: datetime) -> LeasedJob:
    competition = evaluation.competition
    inputs = competition.splits.select_related("inputs").get(name=evaluation.split)
    return LeasedJob(
        evaluation=str(evaluation.id),
        lease=str(token),
        lease_seconds=int(settings.LEASE_DURATION.total_seconds()),
        leased_at=now,
        split=evaluation.split,
        task_type=competition.task_type,
        options=competition.task_options,
        metric=competition.metric,
        precision=receipting.precision_of(competition),
        adapter=evaluation.model.kind == Model.Kind.ADAPTER,
        model_files=_files(evaluation.model),
        base_files=_files(competition.base_model),
        inputs=JobFile("inputs.jsonl", inputs.inputs_id, inputs.inputs.size),
        limits={
            "memory_bytes": competition.max_memory,
            "cpu_seconds": competition.max_seconds,
            "wall_seconds": competition.max_seconds * WALL_PER_CPU,
        },
    )


def _files(model: Model) -> list[JobFile]:
    return [
        JobFile(file.path, file.blob_id, file.blob.size)
        for file in model.files.select_related("blob")
    ]


def heartbeat(*, evaluation_id: str, lease: str, done: int, now: datetime) -> None:
    """Keep the lease and show progress.

    Raises:
        Conflict: the lease is no longer in force, or was kept for longer than any
            run may take; stop.
    """
    found = held(evaluation_id, lease, now)
    if found.started_at is None or now - found.started_at > _longest(found.competition):
        raise lease_lost()
    updated = Evaluation.objects.filter(pk=found.pk, lease=found.lease).update(
        leased_until=now + settings.LEASE_DURATION,
        done=max(0, min(done, found.total)),
    )
    if not updated:
        raise lease_lost()


def _longest(competition: Competition) -> timedelta:
    return FETCHING + timedelta(seconds=competition.max_seconds * WALL_PER_CPU)


def advance_later(evaluation: Evaluation) -> None:
    """Have the competition carried on after commit."""
    jobs.enqueue("competitions.advance", competition_id=str(evaluation.competition_id))


@transaction.atomic
def record_failure(
    *,
    evaluation_id: str,
    lease: str,
    fault: str,
    code: str,
    sentence: str,
    usage: Mapping[str, Any],
    now: datetime,
) -> None:
    """The model's fault ends the evaluation; the platform's sends it round again.

    Raises:
        Conflict: the lease is no longer in force.
    """
    evaluation = held(evaluation_id, lease, now)
    log.warning("evaluation.failed", evaluation=evaluation_id, fault=fault, code=code)
    if fault == "model":
        _fail(evaluation, code=code, sentence=sentence, now=now, usage=dict(usage))
    else:
        _send_round_again(evaluation, code=code, sentence=sentence, now=now)


def reap(now: datetime) -> int:
    """Take up again what lapsed or was never heard of; returns how many."""
    lapsed = Evaluation.objects.filter(
        status=Evaluation.Status.LEASED, leased_until__lte=now
    )
    unheard = Evaluation.objects.filter(
        status=Evaluation.Status.QUEUED, rung_at__lte=now - RING_AGAIN
    )
    count = 0
    for pk in list(lapsed.values_list("pk", flat=True)[:100]):
        count += _take_up(lapsed.filter(pk=pk), now=now)
    for evaluation in unheard[:100]:
        with transaction.atomic():
            Evaluation.objects.filter(pk=evaluation.pk).update(rung_at=now)
            _ring(evaluation)
        count += 1
    return count


@transaction.atomic
def _take_up(lapsed: QuerySet[Evaluation], *, now: datetime) -> bool:
    """End the lease of one evaluation, unless a late heartbeat has saved it."""
    evaluation = (
        lapsed.select_for_update(no_key=True, of=("self",))
        .select_related("competition", "submission")
        .first()
    )
    if evaluation is None:
        return False
    _send_round_again(
        evaluation,
        code="evaluator_lost",
        sentence="The evaluator stopped answering.",
        now=now,
    )
    return True


def requeue(*, evaluation_id: str, now: datetime) -> bool:
    """Send an evaluation round again that the platform had given up.

    Returns:
        False when it was not given up; then nothing was written.
    """
    given_up = _matching(evaluation_id).filter(
        status=Evaluation.Status.FAILED, failure_code=GAVE_UP
    )
    with transaction.atomic():
        moved = given_up.update(
            status=Evaluation.Status.QUEUED,
            attempts=0,
            lease=None,
            leased_until=None,
            rung_at=now,
        )
        if moved:
            again = _matching(evaluation_id).get()
            if again.split == Split.Name.PUBLIC and again.submission is not None:
                move(again.submission, "failed", Submission.Status.QUEUED)
            _ring(again)
    return bool(moved)


def _send_round_again(
    evaluation: Evaluation, *, code: str, sentence: str, now: datetime
) -> None:
    if evaluation.attempts >= settings.EVALUATION_MAX_ATTEMPTS:
        _fail(
            evaluation,
            code=GAVE_UP,
            sentence=f"{evaluation.attempts} attempts failed on our side: {sentence}",
            now=now,
        )
        return
    moved = Evaluation.objects.filter(
        pk=evaluation.pk, status=Evaluation.Status.LEASED, lease=evaluation.lease
    ).update(
        status=Evaluation.Status.QUEUED,
        lease=None,
        leased_until=None,
        rung_at=now,
        failure_code=code,
        failure_sentence=sentence,
    )
    if moved:
        _ring(evaluation)


def _fail(
    evaluation: Evaluation,
    *,
    code: str,
    sentence: str,
    now: datetime,
    usage: Mapping[str, Any] | None = None,
) -> None:
    moved = Evaluation.objects.filter(
        pk=evaluation.pk, status=Evaluation.Status.LEASED, lease=evaluation.lease
    ).update(
        status=Evaluation.Status.FAILED,
        failure_code=code,
        failure_sentence=sentence,
        usage=dict(usage or {}),
        finished_at=now,
    )
    if not moved:
        return
    submission = evaluation.submission
    if submission is not None and evaluation.split == Split.Name.PUBLIC:
        submission.status = Submission.Status.FAILED
        submission.save(update_fields=["status"])
        history.record(
            competition=evaluation.competition,
            kind="failed",
            actor="platform",
            now=now,
            submission=str(submission.id),
            code=code,
        )
    gave_up = code == GAVE_UP
    deposits.conclude(
        evaluation=evaluation,
        reason=Reason.PLATFORM_FAULT if gave_up else Reason.MODEL_FAILED,
        usage=usage or {},
        now=now,
    )
    advance_later(evaluation)


def held(evaluation_id: str, lease: str, now: datetime) -> Evaluation:
    """The evaluation that this lease holds.

    Raises:
        Conflict: the lease is no longer in force.
    """
    evaluation = (
        _matching(evaluation_id)
        .select_related("competition", "submission", "model")
        .first()
    )
    if evaluation is None or not evaluation.is_held_by(lease, now):
        raise lease_lost()
    return evaluation


def _matching(evaluation_id: str) -> QuerySet[Evaluation]:
    try:
        return Evaluation.objects.filter(pk=uuid.UUID(evaluation_id))
    except (ValueError, ValidationError):
        return Evaluation.objects.none()


def lease_lost() -> Conflict:
    """What whoever works on without a lease is told."""
    return Conflict("lease_lost", "This lease is no longer in force: stop.")
