"""A miner takes an entry back: before it is scored, or off the board afterwards."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from assay.protocol.errors import Conflict, Forbidden
from common import jobs
from competitions.models import (
    Competition,
    Disqualification,
    Dues,
    Evaluation,
    Submission,
)
from competitions.permissions import can_take_back
from competitions.selectors import CANCELLED_UNBEGUN
from competitions.services import budget, deposits, history, steps

CANCELLED_RUNNING = "cancelled_running"
PENDING = (Evaluation.Status.QUEUED, Evaluation.Status.LEASED)


@transaction.atomic
def cancel(*, submission: Submission, actor: User, now: datetime) -> Submission:
    """Stop an entry's public evaluation; cancelling it twice is once.

    Before it has begun, the day's place, the fee and the deposit come back. While it
    runs, the place and the fee are spent, and what ran is paid out of the deposit: the
    evaluator stops at its next heartbeat.

    Raises:
        Forbidden: another entered it (``not_your_submission``).
        Conflict: it is scored or has failed already (``evaluation_done``).
    """
    _require_own(actor, submission)
    evaluation = (
        submission.evaluations.select_for_update(of=("self",))
        .select_related("competition", "submission__miner", "evaluator")
        .filter(split="public", repeat=0)
        .first()
    )
    submission = Submission.objects.select_related("competition").get(pk=submission.pk)
    if submission.status == Submission.Status.CANCELLED:
        return submission
    if evaluation is None or evaluation.status not in PENDING:
        raise Conflict(
            "evaluation_done",
            f"This entry is {submission.status} already.",
            fix=f"Take it off the board: `assay submission withdraw {submission.pk}`.",
        )
    has_begun = evaluation.status == Evaluation.Status.LEASED
    _stop(evaluation, submission, has_begun=has_begun, now=now)
    _return_dues(evaluation, submission, has_begun=has_begun, now=now)
    jobs.enqueue("competitions.advance", competition_id=str(submission.competition_id))
    return submission


def _stop(
    evaluation: Evaluation, submission: Submission, *, has_begun: bool, now: datetime
) -> None:
    evaluation.status = Evaluation.Status.CANCELLED
    evaluation.failure_code = CANCELLED_RUNNING if has_begun else CANCELLED_UNBEGUN
    evaluation.failure_sentence = "Its miner cancelled it."
    evaluation.lease = evaluation.leased_until = None
    evaluation.finished_at = now
    evaluation.save(
        update_fields=[
            *("status", "failure_code", "failure_sentence"),
            *("lease", "leased_until", "finished_at"),
        ]
    )
    submission.status = Submission.Status.CANCELLED
    submission.save(update_fields=["status"])
    history.record(
        competition=submission.competition,
        kind="entry_cancelled",
        actor=submission.miner.username,
        now=now,
        submission=str(submission.pk),
    )


def _return_dues(
    evaluation: Evaluation, submission: Submission, *, has_begun: bool, now: datetime
) -> None:
    if has_begun:
        # Nobody will say what it used any more: the time since the lease is metered.
        ran = budget.elapsed(evaluation, now) / 1000
        deposits.conclude(
            evaluation=evaluation,
            reason=Dues.Reason.CANCELLED,
            usage={"wall_seconds": ran},
            now=now,
        )
    else:
        deposits.give_back(submission=submission, reason=Dues.Reason.WITHDRAWN, now=now)


@transaction.atomic
def withdraw(*, submission: Submission, actor: User, now: datetime) -> Disqualification:
    """Take a scored entry off the board for good; doing so twice is once.

    Until submissions are judged. The day's place stays spent.

    Raises:
        Forbidden: another entered it (``not_your_submission``).
        Conflict: it is not scored yet (``evaluation_pending``), was struck off before
            (``disqualified_before``), or judging has begun (``entry_bound``).
    """
    _require_own(actor, submission)
    competition = Competition.objects.select_for_update().get(
        pk=submission.competition_id
    )
    known = Disqualification.objects.filter(submission=submission).first()
    if known is not None and known.is_withdrawal:
        return known
    if known is not None:
        raise Conflict(
            "disqualified_before",
            f"This entry was disqualified before: {known.reason}",
        )
    if submission.status in {Submission.Status.QUEUED, Submission.Status.CANCELLED}:
        raise Conflict(
            "evaluation_pending",
            f"This entry is {submission.status}, so it is on no board.",
            fix=f"Stop it with `assay submission cancel {submission.pk}`.",
        )
    steps.require("withdraw_entry", competition, now)
    made = Disqualification.objects.create(
        submission=submission,
        reason="Its miner withdrew it.",
        actor=actor.username,
        at=now,
        is_withdrawal=True,
    )
    history.record(
        competition=competition,
        kind="entry_withdrawn",
        actor=actor.username,
        now=now,
        submission=str(submission.pk),
    )
    return made


def _require_own(actor: User, submission: Submission) -> None:
    if not can_take_back(actor, submission):
        raise Forbidden("not_your_submission", "An entry is taken back by who made it.")
