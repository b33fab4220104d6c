"""Evaluations: queued, leased to an evaluator, scored here against the answers.

Labels never leave this process. An evaluation is held by a lease with a heartbeat;
whoever answers with another lease, or late, changes nothing.
"""

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Max, Q, QuerySet

from accounts.models import User
from assay.protocol.benchmarks import read_answers
from assay.protocol.errors import Conflict, Invalid
from assay.protocol.scoring import Output, Score, outputs_digest, score
from assay.protocol.statistics.ladder import climb
from catalogue.models import Model
from common import jobs
from common.status import move
from competitions.models import Competition, Dues, Evaluation, Split, Submission
from competitions.selectors import GAVE_UP
from competitions.services import deposits, history
from storage.blobs import open_blob
from storage.services import store_bytes

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
    task_type: str
    options: Mapping[str, Any]
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
    return _job(evaluation, token)


def _job(evaluation: Evaluation, token: uuid.UUID) -> LeasedJob:
    competition = evaluation.competition
    inputs = competition.splits.select_related("inputs").get(name=evaluation.split)
    return LeasedJob(
        evaluation=str(evaluation.id),
        lease=str(token),
        lease_seconds=int(settings.LEASE_DURATION.total_seconds()),
        task_type=competition.task_type,
        options=competition.task_options,
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
    held = _held(evaluation_id, lease, now)
    if held.started_at is None or now - held.started_at > _longest(held.competition):
        raise _lease_lost()
    updated = Evaluation.objects.filter(pk=held.pk, lease=held.lease).update(
        leased_until=now + settings.LEASE_DURATION,
        done=max(0, min(done, held.total)),
    )
    if not updated:
        raise _lease_lost()


def _longest(competition: Competition) -> timedelta:
    return FETCHING + timedelta(seconds=competition.max_seconds * WALL_PER_CPU)


@transaction.atomic
def record_outputs(
    *,
    evaluation_id: str,
    lease: str,
    outputs: Sequence[Output],
    digest: str,
    engine_version: str,
    usage: Mapping[str, Any],
    now: datetime,
) -> Evaluation:
    """Score what the model said, and keep all of it.

    Raises:
        Conflict: the lease is no longer in force.
        Invalid: the outputs do not match their digest or the split.
    """
    evaluation = _held(evaluation_id, lease, now)
    if outputs_digest(outputs) != digest:
        raise Invalid(
            "outputs_digest_wrong", "The outputs do not have the digest they came with."
        )
    result = _score(evaluation, outputs)
    shown, climbed = _step_shown(evaluation, result.value)
    blob = store_bytes(owner=None, content=_lines(outputs))
    moved = Evaluation.objects.filter(
        pk=evaluation.pk, lease=evaluation.lease, status=Evaluation.Status.LEASED
    ).update(
        status=Evaluation.Status.SCORED,
        score=result.value,
        low=result.low,
        high=result.high,
        shown=shown,
        climbed=climbed,
        done=result.count,
        outputs=blob,
        outputs_digest=digest,
        engine_version=engine_version,
        usage=dict(usage),
        finished_at=now,
    )
    if not moved:
        raise _lease_lost()
    evaluation.refresh_from_db()
    _settle_scored(evaluation, now=now)
    return evaluation


def _score(evaluation: Evaluation, outputs: Sequence[Output]) -> Score:
    competition = evaluation.competition
    _check_width(competition, outputs)
    split = competition.splits.get(name=evaluation.split)
    with open_blob(split.answers_id) as content:
        return score(competition.metric, outputs, read_answers(content))


def _step_shown(evaluation: Evaluation, value: float) -> tuple[float | None, bool]:
    """What the live board shows of a score, where it rises by steps; if it rose.

    The rungs are the miner's own, whatever of its entries they came from.
    """
    submission, step = evaluation.submission, evaluation.competition.board_step
    if not step or submission is None or evaluation.split != Split.Name.PUBLIC:
        return None, True
    own = Submission.objects.filter(
        competition=evaluation.competition_id, miner=submission.miner_id
    )
    # two scores at once would both be compared with the rung below
    list(own.select_for_update().order_by("pk").values_list("pk"))
    before = Evaluation.objects.filter(
        submission__in=own, split=Split.Name.PUBLIC, shown__isnull=False
    )
    top = before.aggregate(top=Max("shown"))["top"]
    shown = climb(top, value, step)
    return shown, top is None or shown > top


def right_answers(evaluation: Evaluation, outputs: Sequence[Output]) -> Sequence[bool]:
    """Tell which examples the outputs of an evaluation have right.

    Raises:
        Invalid: the outputs do not match the split.
    """
    return _score(evaluation, outputs).correct


def _check_width(competition: Competition, outputs: Iterable[Output]) -> None:
    """Answers of classes do not say how many classes there are; the labels do."""
    labels = competition.task_options.get("labels")
    if labels is None:
        return
    for output in outputs:
        if len(output.scores) != len(labels):
            raise Invalid(
                "outputs_width",
                f"The output has {len(output.scores)} scores where there are "
                f"{len(labels)} labels.",
                where=output.id,
            )


def _lines(outputs: Iterable[Output]) -> bytes:
    return b"".join(
        json.dumps({"id": o.id, "scores": [s.hex() for s in o.scores]}).encode() + b"\n"
        for o in outputs
    )


def _settle_scored(evaluation: Evaluation, *, now: datetime) -> None:
    log.info(
        "evaluation.scored",
        evaluation=str(evaluation.id),
        split=evaluation.split,
        score=evaluation.score,
    )
    submission, told = evaluation.submission, evaluation.told
    assert told is not None
    if evaluation.split == Split.Name.PUBLIC:
        if submission is not None:
            submission.status = Submission.Status.SCORED
            submission.save(update_fields=["status"])
        history.record(
            competition=evaluation.competition,
            kind="scored",
            actor="platform",
            now=now,
            submission=str(submission.id) if submission else "baseline",
            score=repr(told.value),
            low=repr(told.low),
            high=repr(told.high),
            outputs_digest=evaluation.outputs_digest,
        )
    elif evaluation.repeat:
        history.record(
            competition=evaluation.competition,
            kind="repeated",
            actor="platform",
            now=now,
            submission=str(evaluation.submission_id),
            outputs_digest=evaluation.outputs_digest,
            engine_version=evaluation.engine_version,
        )
    deposits.conclude(
        evaluation=evaluation,
        reason=deposits.outcome_of(evaluation),
        usage=evaluation.usage,
        now=now,
    )
    _advance_later(evaluation)


def _advance_later(evaluation: Evaluation) -> None:
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
    evaluation = _held(evaluation_id, lease, now)
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
    _advance_later(evaluation)


def _held(evaluation_id: str, lease: str, now: datetime) -> Evaluation:
    evaluation = (
        _matching(evaluation_id)
        .select_related("competition", "submission", "model")
        .first()
    )
    if evaluation is None or not evaluation.is_held_by(lease, now):
        raise _lease_lost()
    return evaluation


def _matching(evaluation_id: str) -> QuerySet[Evaluation]:
    try:
        return Evaluation.objects.filter(pk=uuid.UUID(evaluation_id))
    except (ValueError, ValidationError):
        return Evaluation.objects.none()


def _lease_lost() -> Conflict:
    return Conflict("lease_lost", "This lease is no longer in force: stop.")
