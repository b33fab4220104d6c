"""Scoring what an evaluator returned, against answers that never leave this process."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Max

from assay.protocol.benchmarks import read_answers
from assay.protocol.errors import Invalid
from assay.protocol.scoring import Output, Score, outputs_digest, score
from assay.protocol.statistics.ladder import climb
from competitions.models import Competition, Evaluation, Split, Submission
from competitions.services import deposits, history, receipting
from competitions.services.evaluating import advance_later, held, lease_lost
from storage.blobs import open_blob
from storage.services import store_bytes

log = structlog.get_logger(__name__)

MIN_SLICE = 20
"""Examples below which a slice is not told: it would give answers away."""


@transaction.atomic
def record_outputs(
    *,
    evaluation_id: str,
    lease: str,
    outputs: Sequence[Output],
    digest: str,
    engine_version: str,
    usage: Mapping[str, Any],
    certificate: Mapping[str, Any],
    now: datetime,
) -> Evaluation:
    """Score what the model said, and keep all of it.

    Args:
        certificate: the signed receipt.

    Raises:
        Conflict: the lease is no longer in force.
        Invalid: the outputs do not match their digest or the split, or the receipt
            is not theirs.
    """
    evaluation = held(evaluation_id, lease, now)
    if outputs_digest(outputs) != digest:
        raise Invalid(
            "outputs_digest_wrong", "The outputs do not have the digest they came with."
        )
    receipt = receipting.check(
        evaluation=evaluation,
        certificate=certificate,
        outputs=outputs,
        engine_version=engine_version,
        usage=usage,
        now=now,
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
        slices=[asdict(one) for one in result.slices if one.count >= MIN_SLICE],
        outputs=blob,
        outputs_digest=digest,
        engine_version=engine_version,
        usage=dict(usage),
        finished_at=now,
    )
    if not moved:
        raise lease_lost()
    receipting.keep(
        evaluation=evaluation, receipt=receipt, certificate=certificate, now=now
    )
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


def example_values(
    evaluation: Evaluation, outputs: Sequence[Output]
) -> Sequence[float]:
    """Tell what each example of an evaluation is worth by itself, 0 to 1.

    Raises:
        Invalid: the outputs do not match the split.
    """
    return _score(evaluation, outputs).values


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


def kept_outputs(evaluation: Evaluation) -> list[Output]:
    """What the model said in a scored evaluation, as it was returned."""
    assert evaluation.outputs_id is not None
    with open_blob(evaluation.outputs_id) as lines:
        return [Output.of_row(json.loads(line)) for line in lines]


def _lines(outputs: Iterable[Output]) -> bytes:
    return b"".join(json.dumps(output.to_row()).encode() + b"\n" for output in outputs)


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
            evaluation=str(evaluation.id),
            receipt=evaluation.receipt.digest,
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
            evaluation=str(evaluation.id),
            receipt=evaluation.receipt.digest,
        )
    deposits.conclude(
        evaluation=evaluation,
        reason=deposits.outcome_of(evaluation),
        usage=evaluation.usage,
        now=now,
    )
    advance_later(evaluation)
