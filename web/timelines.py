"""A submission's way from arrival to rank, as steps with their times."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from competitions.models import Evaluation, Submission

SPLIT_WORDS = {"public": "hidden public split", "private": "private split"}


@dataclass(frozen=True)
class Step:
    """What happened, when, and how it went: done, failed or waiting."""

    title: str
    at: datetime | None
    state: str
    done: int = 0
    total: int = 0


def steps_of(
    submission: Submission, evaluations: Sequence[Evaluation], *, rank: int | None
) -> list[Step]:
    """Every step so far, and the one that it waits for."""
    steps = [Step("Received, checked and frozen", submission.created_at, "done")]
    for evaluation in evaluations:
        steps += _evaluation_steps(evaluation)
    if rank is not None:
        steps.append(Step(f"Ranked {rank} on the current board", None, "done"))
    return steps


def _evaluation_steps(evaluation: Evaluation) -> list[Step]:
    split = SPLIT_WORDS.get(evaluation.split, evaluation.split)
    if evaluation.repeat:
        split += ", to repeat it"
    steps = [Step(f"Queued for the {split}", evaluation.queued_at, "done")]
    if evaluation.started_at is not None:
        attempt = f", attempt {evaluation.attempts}" if evaluation.attempts > 1 else ""
        steps.append(
            Step(f"An evaluator took it{attempt}", evaluation.started_at, "done")
        )
    return [*steps, _last_step(evaluation, split)]


def _last_step(evaluation: Evaluation, split: str) -> Step:
    match evaluation.status:
        case Evaluation.Status.SCORED:
            return Step(f"Scored on the {split}", evaluation.finished_at, "done")
        case Evaluation.Status.FAILED:
            return Step(f"Failed on the {split}", evaluation.finished_at, "failed")
        case Evaluation.Status.LEASED:
            return Step(
                f"Running on the {split}",
                None,
                "waiting",
                evaluation.done,
                evaluation.total,
            )
    return Step("Waiting for an evaluator", None, "waiting")
