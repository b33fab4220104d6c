"""Entering a competition, and following an entry."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from urllib.parse import quote

from assay.client.paging import Walk
from assay.client.reading import read
from assay.client.records import Entry, Price, Submission, TermsPreview
from assay.client.transport import Transport


class Submissions:
    """The caller's submissions."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, *, competition: str = "") -> Walk[Submission]:
        """The caller's own, the newest first; of one competition when it is named."""
        slug = quote(competition, safe="")
        place = (
            f"/api/competitions/{slug}/submissions" if slug else "/api/me/submissions"
        )
        return Walk(lambda page: self._transport.get(place, page), Submission)

    def show(self, submission_id: str) -> Submission:
        """One submission that the caller may see."""
        place = f"/api/submissions/{quote(submission_id, safe='')}"
        return read(Submission, self._transport.get(place))

    def preview(
        self,
        slug: str,
        *,
        kind: str,
        parents: Sequence[str],
        terms: Mapping[str, str] | None,
    ) -> TermsPreview:
        """What an entry's terms may say, given its parents; nothing is kept."""
        place = f"/api/competitions/{quote(slug, safe='')}/terms-preview"
        body = {
            "kind": kind,
            "parents": list(parents),
            "terms": None if terms is None else dict(terms),
        }
        return read(TermsPreview, self._transport.post(place, body))

    def price(self, slug: str) -> Price:
        """What an entry of the caller's would cost now, and who would pay."""
        place = f"/api/competitions/{quote(slug, safe='')}/price"
        return read(Price, self._transport.get(place))

    def cancel(self, submission_id: str) -> Submission:
        """Stop the evaluation of an entry of the caller's."""
        return self._take_back(submission_id, "cancel")

    def withdraw(self, submission_id: str) -> Submission:
        """Take a scored entry of the caller's off the board for good."""
        return self._take_back(submission_id, "withdraw")

    def _take_back(self, submission_id: str, verb: str) -> Submission:
        place = f"/api/submissions/{quote(submission_id, safe='')}/{verb}"
        return read(Submission, self._transport.post(place, repeatable=True))

    def submit(self, slug: str, entry: Entry) -> Submission:
        """Enter uploaded files.

        Raises:
            EntryRefused: the files break rules; its findings say which.
            PaymentRequired: it costs something, and ``entry.pay`` is not set.
        """
        place = f"/api/competitions/{quote(slug, safe='')}/submissions"
        body = {**asdict(entry), "parents": list(entry.parents)}
        return read(Submission, self._transport.post(place, body))
