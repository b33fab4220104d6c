"""Buying a use of a model, and what proves it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from assay.client.areas.models import place_of
from assay.client.paging import Walk
from assay.client.reading import read
from assay.client.records import (
    Declaration,
    Invoice,
    Licence,
    Notice,
    Quote,
    RevenueStatement,
)
from assay.client.transport import Transport


class Licences:
    """The caller's licences."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def quote(
        self,
        reference: str,
        *,
        use: str,
        seats: int = 1,
        organisation: Mapping[str, str] | None = None,
    ) -> Quote:
        """Ask for the price of a use; it holds until the quote expires."""
        body = {"use": use, "seats": seats, "organisation": organisation}
        place = f"{place_of(reference)}/quotes"
        return read(Quote, self._transport.post(place, body, repeatable=True))

    def accept(self, quote_id: str) -> Licence:
        """Pay a quote and get the licence; paying it twice is paying it once.

        The key is random: it is the licensee's part of the seed of draws.
        """
        place = f"/api/quotes/{quote(quote_id, safe='')}/accept"
        return read(Licence, self._transport.post(place, key=uuid4().hex))

    def list(self) -> Walk[Licence]:
        """The licences that the caller holds, the newest first."""
        return Walk(lambda page: self._transport.get("/api/me/licences", page), Licence)

    def show(self, licence_id: str) -> Licence:
        """A licence that the caller holds, or that was granted on their model."""
        return read(Licence, self._transport.get(_place(licence_id)))

    def file(self, licence_id: str, form: str) -> bytes:
        """Its certificate in one of its forms, such as ``certificate.pdf``."""
        return self._bytes(f"{_place(licence_id)}/files/{quote(form, safe='')}")

    def cancel(self, licence_id: str) -> Licence:
        """Stop its renewing."""
        return read(Licence, self._transport.post(f"{_place(licence_id)}/cancel"))

    def refund(self, licence_id: str, *, reason: str) -> Licence:
        """Take the newest payment back; ends the licence."""
        place = f"{_place(licence_id)}/refund"
        return read(Licence, self._transport.post(place, {"reason": reason}))

    def revenue(self, licence_id: str) -> RevenueStatement:
        """Every declaration of revenue."""
        place = f"{_place(licence_id)}/revenue"
        return read(RevenueStatement, self._transport.get(place))

    def declare(
        self, licence_id: str, *, period: int, revenue: str, note: str, key: str
    ) -> Declaration:
        """Declare what a period earned and pay the share of it, once per ``key``."""
        body = {"period": period, "revenue": revenue, "note": note}
        place = f"{_place(licence_id)}/revenue"
        return read(Declaration, self._transport.post(place, body, key=key))

    def invoices(self, licence_id: str) -> tuple[Invoice, ...]:
        """Invoices and credit notes, the newest first."""
        found = self._transport.get(f"{_place(licence_id)}/invoices")
        return tuple(read(Invoice, one) for one in found)

    def invoice(self, number: str) -> bytes:
        """An invoice as a PDF."""
        return self._bytes(f"/api/invoices/{quote(number, safe='')}")

    def notices(self) -> Walk[Notice]:
        """What the caller was told about their licences, the newest first."""
        return Walk(lambda page: self._transport.get("/api/me/notices", page), Notice)

    def keys(self) -> dict[str, Any]:
        """The platform's public keys and their periods, as they are published."""
        found: dict[str, Any] = self._transport.get("/api/keys")
        return found

    def status_list(self) -> dict[str, Any]:
        """The signed list of revoked and renewed licences."""
        found: dict[str, Any] = self._transport.get("/api/licence-status")
        return found

    def _bytes(self, place: str) -> bytes:
        with self._transport.stream(place, {}) as response:
            return b"".join(response.iter_bytes())


def _place(licence_id: str) -> str:
    return f"/api/licences/{quote(licence_id, safe='')}"
