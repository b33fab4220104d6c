"""Entering a model in a competition."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import click

from assay.client import Client, EntryRefused
from assay.client.records import Entry, Submission
from assay.commands.check import ADAPTER, COMPETITION, FOLDER, PARENTS
from assay.commands.checking import LocalEntry, find_faults
from assay.commands.folder import kind_of, visible_files
from assay.commands.following import Wait, failure_of, follow, steps_said
from assay.commands.paying import agree, submit_paid
from assay.commands.progress import count_bar
from assay.commands.rehearsing import rehearse
from assay.commands.sending import send_files
from assay.commands.session import Session
from assay.commands.shape import Command
from assay.commands.submission import show_submission
from assay.commands.termsfile import HELP, read_terms
from assay.protocol.errors import Conflict, Invalid
from assay.protocol.terms import PRESETS

CARD = "README.md"


@click.command(cls=Command)
@click.argument("path", type=FOLDER, required=False)
@COMPETITION
@click.option(
    "--repo",
    default="",
    metavar="NAME@COMMIT",
    help="Take the files of a commit of yours, which are there already.",
)
@click.option("--name", default="", help="The model's name in the catalogue.")
@click.option("-m", "--message", default="", help="A note on this try, for yourself.")
@click.option("--terms", help=HELP)
@click.option(
    "--contributor",
    "contributors",
    multiple=True,
    metavar="HANDLE=PARTS",
    help="Who shares the income, in integer parts; you alone otherwise.",
)
@PARENTS
@ADAPTER
@click.option("--pay", is_flag=True, help="Agree to the entry's fee and deposit.")
@click.option("--no-check", is_flag=True, help="Leave the checks to the server.")
@click.option("--wait", is_flag=True, help="Stay until it is scored or has failed.")
@click.option("--follow", "told", is_flag=True, help="Wait, and say each step.")
@click.option("--dry-run", is_flag=True, help="Do all but send and enter.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0),
    default=3600.0,
    show_default=True,
    help="The most seconds to wait.",
)
@click.pass_obj
def submit(
    session: Session,
    *,
    path: Path | None,
    slug: str,
    repo: str,
    name: str,
    message: str,
    terms: str | None,
    contributors: Sequence[str],
    parents: Sequence[str],
    timeout: float,
    adapter: bool,
    no_check: bool,
    pay: bool,
    wait: bool,
    told: bool,
    dry_run: bool,
) -> None:
    """Enter a model in a competition.

    PATH is the folder of a model or adapter; all its files are sent, but for hidden
    ones and those that the server holds. With --repo nothing is sent, and the name
    and the terms may be left out when the commit has them. The submission's id is
    printed at once. When an entry costs something and no pool pays it for you, you are
    asked first.

    Exits with 0 when it was accepted (with --wait: scored), 3 when it was refused,
    4 when its evaluation failed, 5 when the time to wait was over.
    """
    check_source(path, repo, name)
    stated = Entry(
        name=name,
        kind="adapter" if adapter else "",
        files={},
        terms=_terms(terms) if terms or path else {},
        shares=read_shares(contributors),
        parents=tuple(parents),
        message=message,
        repository=repo,
    )
    local = _local(path, stated) if path else None
    with session.login() as client:
        if local is not None and not no_check:
            refuse_faulty(client, slug, local)
        require_accepted(client, slug)
        if dry_run:
            rehearse(session, client, slug, stated, local)
            return
        pay = agree(session, client, slug, pay=pay)
        entry = _upload(session, client, local, stated) if local else stated
        made = submit_paid(session, client, slug, entry, pay=pay)
        announce(session, made, wait=wait or told)
        if wait or told:
            await_score(session, client, made, Wait(timeout=timeout), told=told)


def check_source(path: Path | None, repo: str, name: str) -> None:
    """Refuse an entry of neither a folder nor a repository, or of both.

    Raises:
        Invalid: ``source_unclear`` or ``name_missing``.
    """
    if bool(path) == bool(repo):
        raise Invalid(
            "source_unclear",
            "A submission is a folder, or a commit of a repository of yours.",
            fix="Give PATH, or --repo NAME@COMMIT.",
            where="PATH",
        )
    if path and not name:
        raise Invalid(
            "name_missing",
            "A submission needs a name, under which the model is found.",
            fix="Add --name.",
            where="--name",
        )


def _local(path: Path, stated: Entry) -> LocalEntry:
    files = visible_files(path)
    return LocalEntry(
        files=files,
        kind=stated.kind or kind_of(files),
        terms=stated.terms,
        shares=stated.shares,
        parents=stated.parents,
    )


def _terms(given: str | None) -> dict[str, str]:
    if given:
        return read_terms(given)
    raise Invalid(
        "terms_missing",
        "A submission needs licence terms: what others may do with the model, and "
        "what they pay you.",
        fix=f"Add --terms with a file or one of {', '.join(PRESETS)}; "
        "`assay terms explain NAME` says what each means.",
        where="--terms",
    )


def read_shares(given: Sequence[str]) -> dict[str, int]:
    """Integer parts by handle from ``HANDLE=PARTS`` texts.

    Raises:
        Invalid: ``contributor_malformed``.
    """
    shares: dict[str, int] = {}
    for text in given:
        handle, _, parts = text.rpartition("=")
        fits = parts.isascii() and parts.isdecimal() and len(parts) <= 10
        if not handle or not fits or handle in shares:
            raise Invalid(
                "contributor_malformed",
                f"{text!r} does not say who gets how many parts.",
                fix="Write each handle once, as HANDLE=PARTS, such as ada=3.",
                where="--contributor",
            )
        shares[handle] = int(parts)
    return shares


def refuse_faulty(client: Client, slug: str, entry: LocalEntry) -> None:
    """Stop before anything is sent when the server would refuse it.

    Raises:
        EntryRefused: with every finding.
    """
    found = find_faults(client, slug, entry)
    if found:
        sentence = f"The server would refuse this, for {len(found)} reasons."
        if len(found) == 1:
            sentence = "The server would refuse this."
        raise EntryRefused("submission_refused", sentence, found)


def require_accepted(client: Client, slug: str) -> None:
    """Stop before anything is sent when the rules are not accepted.

    Raises:
        Conflict: ``rules_not_accepted``.
    """
    competition = client.competitions.show(slug)
    if competition.status == "open" and not competition.rules_accepted:
        raise Conflict(
            "rules_not_accepted",
            f"You have not accepted the rules of {slug}.",
            fix="Read them on its page, then run "
            f"`assay competition rules accept {slug}`.",
            where="rules",
        )


def _upload(
    session: Session, client: Client, local: LocalEntry, stated: Entry
) -> Entry:
    digests = send_files(session, client, local.files.values())
    return replace(
        stated,
        kind=local.kind,
        files={path: digests[file] for path, file in local.files.items()},
        card=_card(local.files),
    )


def _card(files: Mapping[str, Path]) -> str:
    if CARD not in files:
        return ""
    return files[CARD].read_text(encoding="utf-8", errors="replace")


def announce(session: Session, made: Submission, *, wait: bool) -> None:
    """Print the id at once; as JSON or CSV the one document comes at the end."""
    session.say(f"Accepted as {made.model}.")
    if session.quiet or session.format == "table":
        click.echo(made.id)
    elif not wait:
        show_submission(session, made)


def await_score(
    session: Session, client: Client, made: Submission, wait: Wait, *, told: bool
) -> None:
    """Stay until it is decided, under a bar or, ``told``, with a line a step.

    Raises:
        EvaluationFailed: it has no score.
        WaitTimedOut: it is not decided in time.
    """
    bar = nullcontext(steps_said(session)) if told else count_bar(session, made.model)
    with bar as on_progress:
        done = follow(client, made.id, wait=wait, on_progress=on_progress)
    if not session.quiet and session.format != "table":
        show_submission(session, done)
    if done.status != "scored":
        raise failure_of(done)
    score = next(e.score for e in done.evaluations if e.score is not None)
    session.say(f"Scored {score:.4f}, rank {done.rank}.")
