"""Following submissions."""

from pathlib import Path

import click

from assay.client.records import Dues, Evaluation, Resemblance, Submission
from assay.commands.data import fetch_all
from assay.commands.output import limit_option, row_of, show_list, show_one, some
from assay.commands.session import Session
from assay.commands.shape import Command
from assay.commands.texts import printable

LIST = ["id", "competition", "status", "score", "rank", "model", "created_at"]
SHOW = [
    "id",
    "competition",
    "status",
    "model",
    "miner",
    "message",
    "created_at",
    "rank",
]


@click.command("list", cls=Command)
@click.argument("slug", default="")
@limit_option
@click.pass_obj
def list_submissions(session: Session, slug: str, limit: int) -> None:
    """List your submissions.

    With SLUG, those to that competition.
    """
    with session.login() as client:
        found = some(session, client.submissions.list(competition=slug), limit)
    rows = [{**row_of(entry), "score": score_of(entry)} for entry in found]
    show_list(session, rows, columns=LIST, identity="id")


@click.command(cls=Command)
@click.argument("submission_id", metavar="ID")
@click.pass_obj
def show(session: Session, submission_id: str) -> None:
    """Show one and its evaluations."""
    with session.client() as client:
        show_submission(session, client.submissions.show(submission_id))


@click.command(cls=Command)
@click.argument("submission_id", metavar="ID")
@click.argument(
    "folder", type=click.Path(file_okay=False, path_type=Path), required=False
)
@click.pass_obj
def download(session: Session, submission_id: str, folder: Path | None) -> None:
    """Download the files of an entry.

    Your own, or one that is published; into FOLDER, which is ./NAME when not given.
    """
    with session.client() as client:
        reference = client.submissions.show(submission_id).model
        target = folder or Path(reference.rpartition("/")[2])
        files = client.models.show(reference).files
        rows = fetch_all(
            session,
            reference,
            files,
            lambda more: client.models.download(reference, target, on_progress=more),
        )
    show_list(session, rows, columns=["path", "size", "sha256"], identity="path")


@click.command(cls=Command)
@click.argument("submission_id", metavar="ID")
@click.pass_obj
def cancel(session: Session, submission_id: str) -> None:
    """Stop the evaluation of an entry.

    Before it has begun, the day's place, the fee and the deposit come back. While it
    runs, the place is spent, and what ran is paid out of the deposit.
    """
    session.confirm(f"Cancel {submission_id} for good?")
    with session.login() as client:
        show_submission(session, client.submissions.cancel(submission_id))


@click.command(cls=Command)
@click.argument("submission_id", metavar="ID")
@click.pass_obj
def withdraw(session: Session, submission_id: str) -> None:
    """Take a scored entry off the board for good.

    Until judging begins. The day's place stays spent, and what the entry cost.
    """
    session.confirm(f"Take {submission_id} off the board for good?")
    with session.login() as client:
        show_submission(session, client.submissions.withdraw(submission_id))


@click.command(cls=Command)
@click.argument("submission_id", metavar="ID")
@click.pass_obj
def logs(session: Session, submission_id: str) -> None:
    """List what happened to an entry, with times."""
    with session.client() as client:
        submission = client.submissions.show(submission_id)
    columns = ["at", "step", "split", "detail"]
    show_list(session, steps_of(submission), columns=columns, identity="step")


def steps_of(submission: Submission) -> list[dict[str, object]]:
    """Every step with its moment, the earliest first."""
    rows: list[dict[str, object]] = [
        _step(submission.created_at, "accepted", "", submission.model)
    ]
    for one in submission.evaluations:
        split = f"{one.split} (repeat {one.repeat})" if one.repeat else one.split
        rows.append(_step(one.queued_at, "queued", split, ""))
        if one.started_at is not None:
            attempt = f"attempt {one.attempts}"
            rows.append(_step(one.started_at, "started", split, attempt))
        if one.finished_at is not None:
            rows.append(_step(one.finished_at, one.status, split, in_words(one)))
        elif one.failure is not None:
            rows.append(
                _step(one.queued_at, "sent round again", split, one.failure.sentence)
            )
    struck = submission.disqualified
    if struck is not None:
        rows.append(_step(struck.at, "struck off", "", struck.reason))
    return sorted(rows, key=lambda row: str(row["at"]))


def _step(at: object, step: str, split: str, detail: str) -> dict[str, object]:
    return {"at": at, "step": step, "split": split, "detail": detail}


def show_submission(session: Session, submission: Submission) -> None:
    """Print a submission; in a table each evaluation is a line."""
    row: dict[str, object] = row_of(submission)
    columns = list(SHOW)
    if session.format != "json":
        told = {**_evaluations_in_words(submission), **_rest_in_words(submission)}
        row |= told
        columns += told
    show_one(session, row, columns=columns, identity="id")


def _evaluations_in_words(submission: Submission) -> dict[str, str]:
    found: dict[str, str] = {}
    for evaluation in submission.evaluations:
        name = evaluation.split
        if evaluation.repeat:
            name += f"_repeat_{evaluation.repeat}"
        found[name] = in_words(evaluation)
        for column, words in _slices_in_words(evaluation).items():
            found[f"{name} by {column}"] = words
    return found


def _rest_in_words(submission: Submission) -> dict[str, str]:
    found = {duty.name: f"{duty.state}: {duty.sentence}" for duty in submission.duties}
    if submission.disqualified is not None:
        found["disqualified"] = submission.disqualified.reason
    for number, flag in enumerate(submission.resemblances, start=1):
        found[f"resembles {number}"] = _flag_in_words(flag)
    if submission.dues is not None:
        found["dues"] = _dues_in_words(submission.dues)
    return found


def score_of(submission: Submission) -> float | None:
    """The score that counts so far: the last split's that has one."""
    counted = [e for e in submission.evaluations if not e.repeat]
    scores = [e.score for e in counted if e.score is not None]
    return scores[-1] if scores else None


def _dues_in_words(dues: Dues) -> str:
    payer = "a pool" if dues.pool else "the miner"
    words = f"fee {dues.fee}, deposit {dues.deposit} {dues.asset}, by {payer}"
    if dues.state == "none":
        return words
    kept = f", {dues.kept} kept" if dues.state == "kept in part" else ""
    why = f" ({dues.reason.replace('_', ' ')})" if dues.reason else ""
    return f"{words}; the deposit is {dues.state}{kept}{why}"


def in_words(evaluation: Evaluation) -> str:
    """An evaluation's score, failure or progress."""
    if evaluation.failure is not None and evaluation.status in {"failed", "cancelled"}:
        failure = evaluation.failure
        return f"{evaluation.status}: {printable(failure.sentence)} [{failure.code}]"
    if evaluation.score is None:
        return f"{evaluation.status}, {evaluation.done} of {evaluation.total} examples"
    words = f"{evaluation.score:.4f}"
    if evaluation.low is not None and evaluation.high is not None:
        words += f" ({evaluation.low:.4f} to {evaluation.high:.4f})"
    return f"{words} on {evaluation.total} examples"


def _slices_in_words(evaluation: Evaluation) -> dict[str, str]:
    """The scores of slices, a line a column."""
    found: dict[str, list[str]] = {}
    for one in evaluation.slices:
        words = f"{printable(one.name)} {one.value:.4f} ({one.count})"
        found.setdefault(one.column, []).append(words)
    return {column: ", ".join(parts) for column, parts in found.items()}


def _flag_in_words(flag: Resemblance) -> str:
    alike = f"{flag.kind}, {flag.similarity:.1%} alike in {flag.count} tensors"
    return (
        f"{flag.known} ({alike}, {flag.share:.0%} of the model), "
        "not declared as a parent"
    )
