"""Waiting until a submission is decided."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from assay.client import Client
from assay.client.records import Submission
from assay.commands.failing import EvaluationFailed, WaitTimedOut
from assay.commands.session import Session
from assay.protocol.errors import Unavailable

MAX_SILENCE = 8  # tries in a row without an answer, each patient in itself


@dataclass(frozen=True, slots=True)
class Wait:
    """How long to wait in all, and between looks, in seconds."""

    timeout: float
    between: float = 1.0
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def follow(
    client: Client,
    submission_id: str,
    *,
    wait: Wait,
    on_progress: Callable[[int, int], None],
) -> Submission:
    """The submission, once it is scored or has failed.

    A server that is away for a while is waited for.

    Raises:
        WaitTimedOut: it is not decided in time.
        Unavailable: the server stays away.
    """
    end, silence = wait.clock() + wait.timeout, 0
    while True:
        try:
            submission = client.submissions.show(submission_id)
        except Unavailable:
            silence += 1
            if silence >= MAX_SILENCE:
                raise
        else:
            silence = 0
            on_progress(*progress_of(submission))
            if submission.is_finished:
                return submission
        if wait.clock() >= end:
            raise _too_late(submission_id, wait.timeout)
        wait.sleep(wait.between)


def steps_said(session: Session) -> Callable[[int, int], None]:
    """Says when it waits, when it runs, and each further tenth that is done."""
    said = -1

    def say(done: int, total: int) -> None:
        nonlocal said
        tenth = 10 * done // total if total else 0
        if tenth <= said:
            return
        said = tenth
        session.say(f"{done} of {total} examples." if done else "Queued.")

    return say


def progress_of(submission: Submission) -> tuple[int, int]:
    """How many examples are done, of how many."""
    done = sum(evaluation.done for evaluation in submission.evaluations)
    return done, sum(evaluation.total for evaluation in submission.evaluations)


def failure_of(submission: Submission) -> EvaluationFailed:
    """Why a failed submission has no score."""
    for evaluation in submission.evaluations:
        if evaluation.failure is not None:
            failure = evaluation.failure
            return EvaluationFailed(failure.code, failure.sentence)
    return EvaluationFailed("evaluation_failed", "The evaluation failed.")


def _too_late(submission_id: str, timeout: float) -> WaitTimedOut:
    return WaitTimedOut(
        "wait_timed_out",
        f"It is not decided after {timeout:.0f} seconds; it goes on without you.",
        fix=f"Look again with `assay submission show {submission_id}`.",
    )
