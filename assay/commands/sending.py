"""Uploading a set of files under one bar."""

from collections.abc import Iterable
from pathlib import Path

from assay.client import Client
from assay.commands.progress import byte_bar
from assay.commands.session import Session
from assay.commands.texts import byte_count


def send_files(
    session: Session, client: Client, paths: Iterable[Path]
) -> dict[Path, str]:
    """Have the server hold the files; returns each one's SHA-256."""
    wanted = sorted(set(paths))
    total = sum(path.stat().st_size for path in wanted)
    with byte_bar(session, "Uploading", total) as advance:
        held = {path: client.uploads.send(path, on_progress=advance) for path in wanted}
    sent = sum(file.sent for file in held.values())
    spared = "; the rest was there already" if sent < total else ""
    session.say(f"Sent {byte_count(sent)} of {byte_count(total)}{spared}.")
    return {path: file.sha256 for path, file in held.items()}
