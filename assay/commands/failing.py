"""One table from refusals to exit codes, and how a refusal is shown."""

import json
import traceback
from collections.abc import Mapping

import click

from assay.commands.session import Session
from assay.commands.texts import printable
from assay.protocol.errors import Invalid, Refusal, Unauthenticated, Unavailable

BROKEN, REFUSED, FAILED, TIMED_OUT, LOGGED_OUT, UNAVAILABLE = 1, 3, 4, 5, 6, 7
STOPPED = 130


class EvaluationFailed(Refusal):
    """The model ran and has no score: its own fault, or the run's."""


class WaitTimedOut(Refusal):
    """It is not decided yet, and the time to wait is over."""


EXIT: Mapping[type[Exception], int] = {
    EvaluationFailed: FAILED,
    WaitTimedOut: TIMED_OUT,
    Unauthenticated: LOGGED_OUT,
    Unavailable: UNAVAILABLE,
    Refusal: REFUSED,
}


def exit_code(error: Exception) -> int:
    """The exit code of the nearest class in the table; 1 when nothing is near."""
    near = (EXIT[kind] for kind in type(error).__mro__ if kind in EXIT)
    return next(near, BROKEN)


def explain(error: Exception, session: Session) -> int:
    """Say what went wrong on standard error; returns the exit code.

    With ``--format json`` it is the same envelope as the API's.
    """
    if session.debug:
        traceback.print_exception(error)
    refusal = _as_refusal(error)
    if session.format == "json":
        click.echo(json.dumps({"error": _document(refusal)}, indent=2), err=True)
    else:
        _show(refusal)
    return BROKEN if refusal.code == "client_broken" else exit_code(refusal)


def _as_refusal(error: Exception) -> Refusal:
    if isinstance(error, Refusal):
        return error
    if isinstance(error, OSError):
        name = error.filename or ""
        return Invalid(
            "file_unusable",
            f"{name or 'A file'} cannot be used: {error.strerror or error}.",
            fix="Check that it exists and that you may read and write it.",
            where=str(name),
        )
    return Refusal(
        "client_broken",
        f"assay itself broke: {type(error).__name__}: {error}.",
        fix="Run it again with --debug and report what it says.",
    )


def _show(refusal: Refusal) -> None:
    findings = getattr(refusal, "findings", ())
    lines = [click.style("Error: ", fg="red", bold=True) + printable(refusal.sentence)]
    for found in findings:
        place = printable(found.path or "the whole set")
        lines.append(f"  {place}: {printable(found.sentence)} [{found.code}]")
        if found.fix:
            lines.append(f"    Fix: {printable(found.fix)}")
    if refusal.fix:
        lines.append(click.style("Fix:   ", bold=True) + printable(refusal.fix))
    where = f" ({printable(refusal.where)})" if refusal.where else ""
    lines.append(click.style("Code:  ", dim=True) + printable(refusal.code) + where)
    click.echo("\n".join(lines), err=True)


def _document(refusal: Refusal) -> dict[str, object]:
    document: dict[str, object] = {
        "code": refusal.code,
        "sentence": refusal.sentence,
        "fix": refusal.fix,
        "where": refusal.where,
    }
    findings = getattr(refusal, "findings", ())
    if findings:
        document["findings"] = [
            {"code": f.code, "path": f.path, "sentence": f.sentence, "fix": f.fix}
            for f in findings
        ]
    return document
