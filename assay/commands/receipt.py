"""Receipts of evaluations: fetched, checked offline."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from assay.client import Client
from assay.client.records import ShownReceipt
from assay.commands.output import show_one
from assay.commands.session import Session
from assay.commands.shape import Command
from assay.protocol import receipts
from assay.protocol.canonical import Json, read_json
from assay.protocol.errors import Invalid, NotFound
from assay.protocol.receipts import EvaluatorKey

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
SHOW = [
    "evaluation",
    "split",
    "examples",
    "engine",
    "precision",
    "root",
    "weights",
    "base",
    "data",
    "scorer",
    "at",
    "operator",
    "digest",
]


@click.command(cls=Command)
@click.argument("identity", metavar="EVALUATION|SUBMISSION")
@click.option(
    "--split",
    type=click.Choice(["public", "private"]),
    default="public",
    show_default=True,
    help="Of a submission's evaluations, which one.",
)
@click.option(
    "--output",
    "-o",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write it here; it is printed when not given.",
)
@click.pass_obj
def get(session: Session, identity: str, split: str, target: Path | None) -> None:
    """Save the receipt of an evaluation.

    Named by its own id, or by its submission's. The file holds the receipt as it was
    signed, and what the platform tells of the score.
    """
    with session.client() as client:
        shown = find_receipt(client, identity, split)
    text = json.dumps(file_of(shown), indent=2)
    if target is None:
        click.echo(text)
        return
    target.write_text(text + "\n", "utf-8")
    session.say(f"Check it with: assay receipt verify {target}")


def find_receipt(client: Client, identity: str, split: str) -> ShownReceipt:
    """The receipt by the id of its evaluation, or of a submission and its split.

    Raises:
        NotFound: there is none, or it is not shown yet.
    """
    try:
        return client.receipts.show(identity)
    except NotFound as refusal:
        evaluation = _evaluation_of(client, identity, split)
        if evaluation is None:
            raise refusal from None
        return client.receipts.show(evaluation)


def _evaluation_of(client: Client, submission: str, split: str) -> str | None:
    """The scored evaluation that counts; None when that is no submission."""
    try:
        found = client.submissions.show(submission).evaluations
    except NotFound:
        return None
    for one in found:
        if one.split == split and one.receipt is not None and one.repeat == 0:
            return one.id
    return None


def file_of(shown: ShownReceipt) -> dict[str, object]:
    """What is written to a file: the receipt, and what is told beside it."""
    return {
        "receipt": shown.receipt,
        "competition": shown.competition,
        "model": shown.model,
        "score": asdict(shown.score) if shown.score else None,
    }


@click.command(cls=Command)
@click.pass_obj
def keys(session: Session) -> None:
    """Print the evaluators' public keys.

    Kept in a file, they check receipts without a network.
    """
    with session.client() as client:
        found = [key.to_json() for key in fetched_keys(client).values()]
    click.echo(json.dumps({"keys": found}, indent=2))


def fetched_keys(client: Client) -> dict[str, EvaluatorKey]:
    """The keys that the platform publishes, by their id."""
    found = (
        EvaluatorKey(key.public, key.operator, key.since, key.until, key.revoked_at)
        for key in client.receipts.evaluator_keys()
    )
    return {key.key_id: key for key in found}


@click.command(cls=Command)
@click.argument("file", type=FILE)
@click.option("--keys", "keys_file", type=FILE, help="Keys saved by `receipt keys`.")
@click.pass_obj
def verify(session: Session, file: Path, keys_file: Path | None) -> None:
    """Check a receipt offline.

    Who signed it, and that it was not changed since. With --keys nothing is asked of
    any server. Exits with 3 when the key is not known, did not count at that time, or
    did not sign this.
    """
    known = trusted_keys(session, keys_file)
    certificate = certificate_in(file)
    found = receipts.check_receipt(certificate, known)
    assert isinstance(certificate, Mapping)
    row: dict[str, object] = {
        **found.document(),
        "operator": known[str(certificate["key_id"])].operator,
        "digest": found.digest(),
    }
    show_one(session, row, columns=SHOW, identity="digest")
    session.say("The receipt is genuine. Repeat what it says: assay receipt recompute")


def trusted_keys(session: Session, path: Path | None) -> dict[str, EvaluatorKey]:
    """The keys of a file, or those that the platform publishes."""
    if path is not None:
        return read_keys(path)
    with session.client() as client:
        return fetched_keys(client)


def read_keys(path: Path) -> dict[str, EvaluatorKey]:
    """The keys of a file that `receipt keys` printed.

    Raises:
        Invalid: ``evaluator_keys_unreadable``.
    """
    document = read_json(path.read_bytes())
    listed = document.get("keys") if isinstance(document, Mapping) else None
    if not isinstance(listed, list):
        raise Invalid(
            "evaluator_keys_unreadable",
            f"{path} holds no list of evaluators' keys.",
            fix="Fetch it anew with: assay receipt keys",
            where=str(path),
        )
    found = (EvaluatorKey.from_json(key) for key in listed if isinstance(key, Mapping))
    return {key.key_id: key for key in found}


def certificate_in(path: Path) -> Json:
    """The signed receipt in a file, by itself or with what is told beside it.

    Raises:
        Invalid: ``json_unreadable``.
    """
    found = _leniently(path)
    inner = found.get("receipt", found) if isinstance(found, dict) else found
    return read_json(json.dumps(inner).encode())


def told_in(path: Path) -> dict[str, str]:
    """The names of competition and model that stand beside a receipt.

    Raises:
        Invalid: ``receipt_alone`` when they do not.
    """
    found = _leniently(path)
    try:
        return {name: str(found[name]) for name in ("competition", "model")}
    except (KeyError, TypeError) as error:
        raise Invalid(
            "receipt_alone",
            f"{path} does not say of which competition and model it is.",
            fix="Save it anew with: assay receipt get",
            where=str(path),
        ) from error


def _leniently(path: Path) -> Any:
    """JSON in which a score may be no integer."""
    try:
        return json.loads(path.read_bytes())
    except ValueError as error:
        raise Invalid(
            "json_unreadable", f"{path} is not JSON: {error}.", where=str(path)
        ) from error


@click.command(cls=Command)
@click.argument("key_id")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S%z"]),
    help="When it was lost; now when not given.",
)
@click.pass_obj
def revoke_key(session: Session, key_id: str, since: datetime | None) -> None:
    """Believe no more of a key.

    Nothing that it signed from now on, or since a moment. For its operator and for
    staff. Receipts from before stay good.
    """
    moment = since.astimezone() if since else None
    with session.client() as client:
        key = client.receipts.revoke(key_id, since=moment)
    show_one(
        session,
        asdict(key),
        columns=["key_id", "operator", "since", "until", "revoked_at"],
        identity="key_id",
    )
