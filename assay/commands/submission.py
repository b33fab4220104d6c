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


def show_submission(session: Session, submission: Submission) -> None:
    """Print a submission; in a table each evaluation is a line."""
    row: dict[str, object] = row_of(submission)
    columns = list(SHOW)
    if session.format != "json":
        for evaluation in submission.evaluations:
            name = evaluation.split
            if evaluation.repeat:
                name += f"_repeat_{evaluation.repeat}"
            row[name] = _in_words(evaluation)
            columns.append(name)
        for duty in submission.duties:
            row[duty.name] = f"{duty.state}: {duty.sentence}"
            columns.append(duty.name)
        if submission.disqualified is not None:
            row["disqualified"] = submission.disqualified.reason
            columns.append("disqualified")
        for number, flag in enumerate(submission.resemblances, start=1):
            row[f"resembles {number}"] = _flag_in_words(flag)
            columns.append(f"resembles {number}")
        if submission.dues is not None:
            row["dues"] = _dues_in_words(submission.dues)
            columns.append("dues")
    show_one(session, row, columns=columns, identity="id")


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


def _in_words(evaluation: Evaluation) -> str:
    if evaluation.failure is not None and evaluation.status == "failed":
        failure = evaluation.failure
        return f"failed: {printable(failure.sentence)} [{failure.code}]"
    if evaluation.score is None:
        return f"{evaluation.status}, {evaluation.done} of {evaluation.total} examples"
    words = f"{evaluation.score:.4f}"
    if evaluation.low is not None and evaluation.high is not None:
        words += f" ({evaluation.low:.4f} to {evaluation.high:.4f})"
    return f"{words} on {evaluation.total} examples"


def _flag_in_words(flag: Resemblance) -> str:
    alike = f"{flag.kind}, {flag.similarity:.1%} alike in {flag.count} tensors"
    return (
        f"{flag.known} ({alike}, {flag.share:.0%} of the model), "
        "not declared as a parent"
    )
