"""Sending files: what the server holds is skipped, what was begun is resumed."""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from assay.client.parts import PartSender
from assay.client.records import HeldFile
from assay.client.sharing import Sharing
from assay.client.transport import Transport
from assay.protocol.errors import Invalid, NotFound

OnProgress = Callable[[int], None]
"""Told how many more bytes are done with, sent or held already."""

PARALLEL = 4
"""Parts on their way at once; memory holds as many."""
# The server reads the whole file again before it says that it is right.
COMPLETE_SECONDS = 1800.0


def file_digest(path: Path) -> str:
    """The SHA-256 of a file, as hex, read a mebibyte at a time."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True, slots=True)
class _Begun:
    """An upload as the server has it.

    ``pieces`` are offset and length of what is sent, one after another, of the file.
    """

    upload: str
    size: int
    coming: int
    part_size: int
    received: frozenset[int]
    torn: dict[int, int]
    pieces: tuple[tuple[int, int], ...]

    def length_of(self, number: int) -> int:
        """Bytes in a part."""
        return min(self.part_size, self.coming - (number - 1) * self.part_size)

    def spans_of(self, number: int) -> Iterator[tuple[int, int]]:
        """Where a part's bytes lie in the file."""
        skip, left = (number - 1) * self.part_size, self.length_of(number)
        for offset, length in self.pieces:
            if skip >= length:
                skip -= length
            elif left > 0:
                taken = min(length - skip, left)
                yield offset + skip, taken
                skip, left = 0, left - taken


class Uploads:
    """Resumable uploads of one person."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._sharing = Sharing(transport)

    def send(self, path: Path, *, on_progress: OnProgress | None = None) -> HeldFile:
        """Have the server hold a file; only what it lacks is sent.

        Blocks that it has in files that this person may read, base models above all,
        are copied there.
        Parts go in parallel and memory holds those few, whatever the file's size.
        Killed at any point, the next call, from any process, goes on with the parts
        that are missing and with the rest of those that broke off.

        Raises:
            Invalid: ``file_changed`` when the file changed while it was sent.
            ServerUnreachable: the link failed, and stayed so.
            Refusal: the server says no.
        """
        report = on_progress or _silent
        sha256, size = file_digest(path), path.stat().st_size
        answer = self._begin(sha256, size)
        if answer["held"]:
            report(size)
            return HeldFile(sha256=sha256, size=size, sent=0)
        if _is_fresh(answer) and (copies := self._sharing.copies(path, size)):
            answer = self._begin(sha256, size, copies)
        if answer["held"]:  # another process was quicker
            report(size)
            return HeldFile(sha256=sha256, size=size, sent=0)
        begun = _begun(answer)
        if begun.coming < size:
            report(size - begun.coming)
        try:
            sent = self._send_parts(path, begun, report)
        except NotFound:  # another process completed it meanwhile
            if not self._begin(sha256, size)["held"]:
                raise
            return HeldFile(sha256=sha256, size=size, sent=0)
        self._complete(begun.upload, sha256, size)
        return HeldFile(sha256=sha256, size=size, sent=sent)

    def _begin(
        self, sha256: str, size: int, copies: Sequence[dict[str, Any]] = ()
    ) -> Any:
        body = {"sha256": sha256, "size": size, "copies": list(copies)}
        return self._transport.post("/api/uploads", body, repeatable=True)

    def _send_parts(self, path: Path, begun: _Begun, report: OnProgress) -> int:
        count = max(1, -(-begun.coming // begun.part_size))
        missing = []
        for number in range(1, count + 1):
            if number in begun.received:
                report(begun.length_of(number))
            else:
                missing.append(number)
        sender = PartSender(self._transport, begun.upload, begun.torn)
        with path.open("rb") as file:

            def send(number: int) -> tuple[int, int]:
                spans = begun.spans_of(number)
                content = b"".join(_slice(file, start, size) for start, size in spans)
                return len(content), sender.send(number, content)

            return _in_parallel(send, missing, report)

    def _complete(self, upload: str, sha256: str, size: int) -> None:
        try:
            self._transport.call(
                "POST", f"/api/uploads/{upload}/complete", timeout=COMPLETE_SECONDS
            )
        except NotFound:
            # An earlier try may have completed it and its answer been lost.
            if not self._begin(sha256, size)["held"]:
                raise


def _begun(answer: Any) -> _Begun:
    return _Begun(
        upload=answer["upload"],
        size=answer["size"],
        coming=answer["coming"],
        part_size=answer["part_size"],
        received=frozenset(answer["received"]),
        torn={part["number"]: part["bytes"] for part in answer["torn"]},
        pieces=tuple(_pieces(answer)),
    )


def _is_fresh(answer: Any) -> bool:
    """Whether nothing of an upload has arrived, and nothing is copied."""
    return not (answer["received"] or answer["torn"] or answer["copies"])


def _pieces(answer: Any) -> Iterator[tuple[int, int]]:
    end = 0
    for copy in answer["copies"]:
        if copy["at"] > end:
            yield end, copy["at"] - end
        end = copy["at"] + copy["length"]
    if answer["size"] > end:
        yield end, answer["size"] - end


def _in_parallel(
    send: Callable[[int], tuple[int, int]], numbers: list[int], report: OnProgress
) -> int:
    """Send all parts, a few at a time; returns how many bytes went out.

    The first failure ends it: parts under way are let finish, no more are begun.
    """
    waiting, sent = list(reversed(numbers)), 0
    running: set[Future[tuple[int, int]]] = set()
    with ThreadPoolExecutor(PARALLEL, "assay-part") as pool:
        while waiting or running:
            while waiting and len(running) < PARALLEL:
                running.add(pool.submit(send, waiting.pop()))
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for part in done:
                length, went = part.result()
                sent += went
                report(length)
    return sent


def _slice(file: BinaryIO, start: int, length: int) -> bytes:
    content = os.pread(file.fileno(), length, start)
    while 0 < len(content) < length:
        more = os.pread(file.fileno(), length - len(content), start + len(content))
        if not more:
            break
        content += more
    if len(content) != length:
        raise Invalid(
            "file_changed",
            f"{file.name} became shorter while it was sent.",
            fix="Let whatever writes to it finish, then try again.",
        )
    return content


def _silent(_: int) -> None:
    """Report to nobody."""
