"""Objections to entries that are to be paid, and what staff decides."""

from urllib.parse import quote

from assay.client.paging import Walk
from assay.client.reading import read
from assay.client.records import Challenge, Struck
from assay.client.transport import Transport


class Challenges:
    """Challenges, as far as the caller may see them."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, *, competition: str = "") -> Walk[Challenge]:
        """A competition's, the oldest first; without one, all that staff has open."""
        slug = quote(competition, safe="")
        place = f"/api/competitions/{slug}/challenges" if slug else "/api/challenges"
        return Walk(lambda page: self._transport.get(place, page), Challenge)

    def show(self, challenge_id: str) -> Challenge:
        """One challenge with its evidence and its decision."""
        return read(Challenge, self._transport.get(_place(challenge_id)))

    def make(
        self, submission_id: str, *, kind: str, grounds: str, key: str
    ) -> Challenge:
        """Object to an entry; a deposit is held in the wallet, once per ``key``."""
        place = f"/api/submissions/{quote(submission_id, safe='')}/challenges"
        body = {"kind": kind, "grounds": grounds}
        return read(Challenge, self._transport.post(place, body, key=key))

    def decide(self, challenge_id: str, *, upheld: bool, reason: str) -> Challenge:
        """Uphold or dismiss it, as staff."""
        body = {"upheld": upheld, "reason": reason}
        document = self._transport.post(_place(challenge_id, "/decision"), body)
        return read(Challenge, document)

    def disqualify(self, submission_id: str, *, reason: str) -> Struck:
        """Strike an entry off the board, as staff."""
        place = f"/api/submissions/{quote(submission_id, safe='')}/disqualification"
        return read(Struck, self._transport.post(place, {"reason": reason}))


def _place(challenge_id: str, rest: str = "") -> str:
    return f"/api/challenges/{quote(challenge_id, safe='')}{rest}"
