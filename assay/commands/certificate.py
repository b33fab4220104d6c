"""Checking licence certificates, with or without a network."""

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from assay.client import Client
from assay.commands.licence import unusable
from assay.commands.output import show_one
from assay.commands.profiles import checked_endpoint, current_endpoint
from assay.commands.session import Session
from assay.commands.shape import Command
from assay.protocol import certificates
from assay.protocol.canonical import Json, read_json
from assay.protocol.certificates import IssuerKey
from assay.protocol.errors import Conflict, Invalid

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FROM = click.option("--from", "endpoint", help="Of this server instead of yours.")
SHOW = [
    "licence",
    "model",
    "use",
    "kind",
    "licensee",
    "licensor",
    "price",
    "asset",
    "issued_at",
    "valid_until",
    "issuer",
]


@click.command(cls=Command)
@FROM
@click.pass_obj
def keys(session: Session, endpoint: str | None) -> None:
    """Print the platform's public keys.

    Kept in a file, they check certificates without a network.
    """
    with _server(session, endpoint) as client:
        click.echo(json.dumps(client.licences.keys(), indent=2))


@click.command(cls=Command)
@FROM
@click.pass_obj
def status(session: Session, endpoint: str | None) -> None:
    """Print the signed list of revoked licences.

    It tells of renewed ones too. Kept in a file, it serves `licence verify` without a
    network.
    """
    with _server(session, endpoint) as client:
        click.echo(json.dumps(client.licences.status_list(), indent=2))


@click.command(cls=Command)
@click.argument("file", type=FILE)
@click.option("--keys", "keys_file", type=FILE, help="Keys saved by `licence keys`.")
@click.option("--status", "status_file", type=FILE, help="Saved by `licence status`.")
@click.option("--keys-from", help="A server to ask for its keys; yours by default.")
@click.option(
    "--max-age",
    type=click.IntRange(0, 366),
    default=7,
    show_default=True,
    help="Days for which a status list serves after its next one was due.",
)
@click.pass_obj
def verify(
    session: Session,
    file: Path,
    *,
    keys_file: Path | None,
    status_file: Path | None,
    keys_from: str | None,
    max_age: int,
) -> None:
    """Check a certificate offline.

    FILE is a certificate, or a licence that holds one. With --keys nothing is asked
    of any server. Exits with 3 when it was not signed by these keys, was changed,
    was revoked, or has run out and its grace is over.
    """
    trusted, listed = _trusted(session, keys_file, status_file, keys_from)
    document = certificates.check_signed(_certificate(file), trusted)
    if not certificates.is_licence(document):
        raise unusable(file, "is signed, and no licence")
    assert isinstance(document, Mapping)
    now = datetime.now(UTC)
    standing = certificates.standing(
        document, _status(listed, trusted, now, max_age), now
    )
    row = {name: document.get(name) for name in {*SHOW, *document}}
    show_one(session, row, columns=SHOW, identity="licence")
    _say_state(session, standing)


def _say_state(session: Session, standing: certificates.Standing) -> None:
    if standing.state == "expired":
        assert standing.until is not None
        raise Conflict(
            "licence_expired",
            f"The certificate is genuine, and ran out at {standing.until.isoformat()}.",
            fix="Ask for a new price with `assay licence quote`.",
            where="valid_until",
        )
    if standing.checked_at is None:
        session.say("Whether it was revoked was not checked: give --status.")
    if standing.state == "grace":
        session.say("The certificate is genuine; it ran out, and is in its grace.")
    else:
        session.say("The certificate is genuine and valid.")


def _trusted(
    session: Session,
    keys_file: Path | None,
    status_file: Path | None,
    keys_from: str | None,
) -> tuple[dict[str, IssuerKey], Json]:
    """The keys, and the status list; None when offline without one."""
    listed = _json(status_file) if status_file else None
    if keys_file is not None:
        return _read_keys(keys_file), listed
    with _server(session, keys_from) as client:
        known = certificates.read_keys(client.licences.keys())
        return known, listed or client.licences.status_list()


def _status(
    listed: Json, trusted: Mapping[str, IssuerKey], now: datetime, max_age: int
) -> Any:
    """The status list's document, its signature and age checked."""
    if listed is None:
        return None
    document = certificates.check_signed(listed, trusted)
    due = document.get("next_update") if isinstance(document, Mapping) else None
    try:
        until = datetime.fromisoformat(str(due)) + timedelta(days=max_age)
    except (ValueError, OverflowError) as error:
        raise Invalid("status_malformed", "This is no status list.") from error
    if until < now:
        raise Conflict(
            "status_stale",
            f"The status list is too old: the next was due at {due}.",
            fix="Fetch it again with `assay licence status`.",
            where="--status",
        )
    return document


def _certificate(path: Path) -> Json:
    found = _json(path)
    if isinstance(found, Mapping) and "certificate" in found:
        return found["certificate"]
    return found


def _read_keys(path: Path) -> dict[str, IssuerKey]:
    try:
        return certificates.read_keys(_json(path))
    except Invalid as refusal:
        raise unusable(path, "holds no keys") from refusal


def _json(path: Path) -> Json:
    return read_json(path.read_bytes())


def _server(session: Session, endpoint: str | None) -> Client:
    given = checked_endpoint(endpoint) if endpoint else ""
    return Client(given or current_endpoint(os.environ, session.profile_name))
