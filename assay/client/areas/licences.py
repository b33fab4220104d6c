"""Buying a use of a model, and what proves it."""

from collections.abc import Iterator
from urllib.parse import quote

from assay.client.areas.models import place_of
from assay.client.paging import walk
from assay.client.reading import read
from assay.client.records import Licence, Quote
from assay.client.transport import Transport


class Licences:
    """The caller's licences."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def quote(self, reference: str, *, use: str) -> Quote:
        """Ask for the price of a use; it holds until the quote expires."""
        place = f"{place_of(reference)}/quotes"
        return read(Quote, self._transport.post(place, {"use": use}, repeatable=True))

    def accept(self, quote_id: str) -> Licence:
        """Pay a quote and get the licence; paying it twice is paying it once."""
        place = f"/api/quotes/{quote(quote_id, safe='')}/accept"
        document = self._transport.post(place, key=f"quote-{quote_id}"[:80])
        return read(Licence, document)

    def list(self) -> Iterator[Licence]:
        """The licences that the caller holds, the newest first."""
        return walk(lambda page: self._transport.get("/api/me/licences", page), Licence)

    def show(self, licence_id: str) -> Licence:
        """A licence that the caller holds, or that was granted on their model."""
        place = f"/api/licences/{quote(licence_id, safe='')}"
        return read(Licence, self._transport.get(place))

    def keys(self) -> dict[str, str]:
        """The platform's public keys, base64 by key id."""
        keys: dict[str, str] = self._transport.get("/api/keys")["keys"]
        return keys
