"""Sending files: what the server holds is skipped, what was begun is resumed."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from assay.client.errors import ServerFault
from assay.client.records import HeldFile
from assay.client.transport import Transport
from assay.protocol.errors import Invalid, NotFound

OnProgress = Callable[[int], None]
"""Told how many more bytes are done with, sent or held already."""


def file_digest(path: Path) -> str:
    """The SHA-256 of a file, as hex, read a mebibyte at a time."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Uploads:
    """Resumable uploads of one person."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def send(self, path: Path, *, on_progress: OnProgress | None = None) -> HeldFile:
        """Have the server hold a file; only parts that it lacks are sent.

        Memory stays at one part, whatever the file's size. Killed at any point,
        the next call goes on after the last part that arrived.

        Raises:
            Invalid: ``file_changed`` when the file changed while it was sent.
            Refusal: the server says no.
        """
        report = on_progress or _silent
        sha256, size = file_digest(path), path.stat().st_size
        begun = self._begin(sha256, size)
        if begun["held"]:
            report(size)
            return HeldFile(sha256=sha256, size=size, sent=0)
        sent = self._send_parts(path, begun, report)
        self._complete(begun["upload"], sha256, size)
        return HeldFile(sha256=sha256, size=size, sent=sent)

    def _begin(self, sha256: str, size: int) -> Any:
        body = {"sha256": sha256, "size": size}
        return self._transport.post("/api/uploads", body, repeatable=True)

    def _send_parts(self, path: Path, begun: Any, report: OnProgress) -> int:
        received, sent = set(begun["received"]), 0
        part_size, size = begun["part_size"], begun["size"]
        with path.open("rb") as file:
            for number in range(1, begun["part_count"] + 1):
                length = min(part_size, size - (number - 1) * part_size)
                if number not in received:
                    self._put(begun["upload"], number, _slice(file, number, begun))
                    sent += length
                report(length)
        return sent

    def _put(self, upload: str, number: int, content: bytes) -> None:
        answer = self._transport.call(
            "PUT",
            f"/api/uploads/{upload}/parts/{number}",
            content=content,
            headers={"Content-Type": "application/octet-stream"},
            patience=self._transport.patience.longer(),
        )
        if answer["sha256"] != hashlib.sha256(content).hexdigest():
            raise ServerFault(
                "part_damaged",
                f"Part {number} arrived with other bytes than were sent.",
                fix="Run the command again; it sends only what is missing.",
            )

    def _complete(self, upload: str, sha256: str, size: int) -> None:
        try:
            path = f"/api/uploads/{upload}/complete"
            self._transport.post(path, repeatable=True)
        except NotFound:
            # An earlier try may have completed it and its answer been lost.
            if not self._begin(sha256, size)["held"]:
                raise


def _slice(file: BinaryIO, number: int, begun: Any) -> bytes:
    start = (number - 1) * begun["part_size"]
    length = min(begun["part_size"], begun["size"] - start)
    file.seek(start)
    content = file.read(length)
    if len(content) != length:
        raise Invalid(
            "file_changed",
            f"{file.name} became shorter while it was sent.",
            fix="Let whatever writes to it finish, then try again.",
        )
    return content


def _silent(_: int) -> None:
    """Report to nobody."""
