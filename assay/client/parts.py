"""One part on its way: a link for it, and patience with what comes between."""

import hashlib
from typing import Any

import httpx2

from assay.client.errors import ServerFault, ServerUnreachable
from assay.client.transport import BUSY, Transport, retry_after
from assay.protocol.errors import Conflict, Refusal, Unauthenticated

FRESH_LINKS = 3
"""How often a link that ended under way is asked for again."""
FULL, DAMAGED = "storage_full", "part_digest_mismatch"


class PartSender:
    """Sends parts of one upload; several threads may.

    Args:
        torn: how many bytes of which parts arrived before their link broke.
    """

    def __init__(self, transport: Transport, upload: str, torn: dict[int, int]) -> None:
        self._transport = transport
        self._upload = upload
        self._torn = dict(torn)

    def send(self, number: int, content: bytes) -> int:
        """Have the server keep a part; returns how many bytes went out in the end.

        Raises:
            ServerUnreachable: the link failed, and stayed so.
            Refusal: the server says no.
        """
        part = _Part(number, content, self._torn.pop(number, 0))
        pauses = self._transport.patience.longer().pauses
        left = list(pauses)
        while True:
            try:
                self._try(part)
            except _AgainError as again:
                if not left:
                    raise again.refusal from again
                self._transport.patience.wait(left.pop(0), again.seconds)
                before, part.offset = part.offset, self._arrived(part)
                if part.offset > before:
                    left = list(pauses)  # it moves on, so it is worth going on
            else:
                return len(content) - part.offset

    def _try(self, part: "_Part") -> None:
        """Put it once; a link that ended, or a wrong offset, is made good at once."""
        for _ in range(FRESH_LINKS):
            if part.link is None:
                part.link = self._sign(part.number, part.sha256)
            try:
                self._put(part.link, part)
            except Conflict:  # what arrived of it is not what was thought
                if not part.offset:
                    raise
                part.offset = 0
            except Unauthenticated as refusal:
                part.link, ended = None, refusal
            else:
                return
        raise ended

    def _sign(self, number: int, sha256: str) -> Any:
        answer = self._transport.post(
            f"/api/uploads/{self._upload}/sign",
            {"parts": [{"number": number, "sha256": sha256}]},
            repeatable=True,
        )
        return answer["parts"][0]

    def _put(self, link: Any, part: "_Part") -> None:
        url = f"{link['url']}?offset={part.offset}" if part.offset else link["url"]
        try:
            response = self._transport.put(url, part.rest(), link["headers"])
        except ServerUnreachable as error:
            raise _AgainError(error, 0.0) from error
        if response.is_success:
            if _is_ours(link):
                _check_answer(response, part)
            return
        refusal = self._transport.refusal(response)
        damaged = refusal.code == DAMAGED  # on the way: no reason to give up
        if damaged or (response.status_code in BUSY and refusal.code != FULL):
            raise _AgainError(refusal, retry_after(response)) from refusal
        if not _is_ours(link) and response.status_code == httpx2.codes.FORBIDDEN:
            raise Unauthenticated("link_invalid", "The link has ended.") from refusal
        raise refusal

    def _arrived(self, part: "_Part") -> int:
        """How much of a part is there after its link broke."""
        if not _is_ours(part.link):
            return 0
        answer = self._transport.get(f"/api/uploads/{self._upload}")
        torn = {known["number"]: known["bytes"] for known in answer["torn"]}
        return int(torn.get(part.number, 0))


class _Part:
    """A part that is being sent: its bytes, from where on, and to which link."""

    def __init__(self, number: int, content: bytes, offset: int) -> None:
        self.number, self.content, self.offset = number, content, offset
        self.sha256 = hashlib.sha256(content).hexdigest()
        self.link: Any = None

    def rest(self) -> bytes:
        """What is still to be sent."""
        return self.content[self.offset :] if self.offset else self.content


class _AgainError(Exception):
    """A failure that may pass."""

    def __init__(self, refusal: Refusal, seconds: float) -> None:
        super().__init__(str(refusal))
        self.refusal, self.seconds = refusal, seconds


def _is_ours(link: Any) -> bool:
    return str(link["url"]).startswith("/")


def _check_answer(response: httpx2.Response, part: _Part) -> None:
    try:
        right = response.json()["sha256"] == part.sha256
    except (ValueError, KeyError, TypeError):
        right = False
    if not right:
        raise ServerFault(
            "part_damaged",
            f"Part {part.number} arrived with other bytes than were sent.",
            fix="Run the command again; it sends only what is missing.",
        )
