"""Checking licence certificates, with or without a network."""

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import click

from assay.client import Client
from assay.commands.licence import unusable
from assay.commands.output import show_one
from assay.commands.profiles import checked_endpoint, current_profile
from assay.commands.session import Session
from assay.commands.shape import Command
from assay.protocol.canonical import Json, read_json
from assay.protocol.errors import Conflict
from assay.protocol.signatures import check_certificate

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
SHOW = [
    "licence",
    "model",
    "use",
    "licensee",
    "licensor",
    "price",
    "asset",
    "issued_at",
    "valid_until",
    "issuer",
]


@click.command(cls=Command)
@click.option("--from", "endpoint", help="Of this server instead of yours.")
@click.pass_obj
def keys(session: Session, endpoint: str | None) -> None:
    """Print the platform's public keys.

    Kept in a file, they check certificates without a network.
    """
    _ = session
    click.echo(json.dumps({"keys": _fetch_keys(endpoint)}, indent=2))


@click.command(cls=Command)
@click.argument("file", type=FILE)
@click.option("--keys", "keys_file", type=FILE, help="Keys saved by `licence keys`.")
@click.option("--keys-from", help="A server to ask for its keys; yours by default.")
@click.pass_obj
def verify(
    session: Session, file: Path, keys_file: Path | None, keys_from: str | None
) -> None:
    """Check a certificate offline.

    FILE is a certificate, or a licence that holds one. With --keys nothing is asked
    of any server. Exits with 3 when it was not signed by these keys, was changed,
    or has run out.
    """
    trusted = _read_keys(keys_file) if keys_file else _fetch_keys(keys_from)
    document = check_certificate(_certificate(file), trusted)
    if not isinstance(document, Mapping) or not isinstance(document.get("use"), str):
        raise unusable(file, "is signed, and no licence")
    row = {name: document.get(name) for name in {*SHOW, *document}}
    show_one(session, row, columns=SHOW, identity="licence")
    _check_validity(str(document.get("valid_until") or ""), datetime.now(UTC))
    session.say("The certificate is genuine and valid.")


def _certificate(path: Path) -> Json:
    found = _json(path)
    if isinstance(found, Mapping) and "certificate" in found:
        return found["certificate"]
    return found


def _read_keys(path: Path) -> dict[str, str]:
    found = _json(path)
    known = found.get("keys", found) if isinstance(found, Mapping) else None
    if not isinstance(known, Mapping):
        raise unusable(path, "holds no keys")
    return {name: str(public) for name, public in known.items()}


def _json(path: Path) -> Json:
    return read_json(path.read_bytes())


def _fetch_keys(endpoint: str | None) -> dict[str, str]:
    given = checked_endpoint(endpoint) if endpoint else ""
    with Client(given or current_profile(os.environ).endpoint) as client:
        return client.licences.keys()


def _check_validity(until: str, now: datetime) -> None:
    if until and datetime.fromisoformat(until) <= now:
        raise Conflict(
            "licence_expired",
            f"The certificate is genuine, and ran out at {until}.",
            fix="Ask for a new price with `assay licence quote`.",
            where="valid_until",
        )
