"""Income from royalties, shares, and the public record of payments."""

from collections.abc import Mapping
from urllib.parse import quote

from assay.client.areas.models import place_of
from assay.client.paging import Walk
from assay.client.reading import read
from assay.client.records import Income, Payment, ShareTransfer, Total, Withdrawal
from assay.client.transport import Transport


class Royalties:
    """The caller's income, and everybody's payments."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, only: Mapping[str, str]) -> Walk[Income]:
        """What royalties brought, the newest first.

        Args:
            only: ``model``, ``payer``, ``since`` and ``until``, as far as wanted.
        """
        return Walk(
            lambda page: self._transport.get("/api/me/royalties", {**only, **page}),
            Income,
        )

    def totals(self, *, by: str, only: Mapping[str, str]) -> tuple[Total, ...]:
        """The same summed by ``model``, ``month`` or ``payer``."""
        place = "/api/me/royalties/totals"
        found = self._transport.get(place, {"by": by, **only})
        return tuple(read(Total, one) for one in found["totals"])

    def payment(self, payment_id: str) -> Payment:
        """The public record of a payment; no login is needed."""
        place = f"/api/payments/{quote(payment_id, safe='')}"
        return read(Payment, self._transport.get(place))

    def offer(
        self, reference: str, *, taker: str, parts: int, from_moment: str | None
    ) -> ShareTransfer:
        """Offer parts of one's share."""
        body = {"taker": taker, "parts": parts, "from_moment": from_moment}
        place = f"{place_of(reference)}/shares"
        return read(ShareTransfer, self._transport.post(place, body))

    def offers(self) -> tuple[ShareTransfer, ...]:
        """Offers by and to the caller that wait."""
        found = self._transport.get("/api/me/share-offers")
        return tuple(read(ShareTransfer, one) for one in found)

    def decide(self, offer_id: str, verb: str) -> ShareTransfer:
        """``accept`` or ``withdraw`` an offer."""
        place = f"/api/share-offers/{quote(offer_id, safe='')}/{verb}"
        return read(ShareTransfer, self._transport.post(place))

    def withdraw(self, amount: str, *, destination: str, key: str) -> Withdrawal:
        """Ask to be paid out, once per ``key``."""
        body = {"amount": amount, "destination": destination}
        document = self._transport.post("/api/me/withdrawals", body, key=key)
        return read(Withdrawal, document)

    def withdrawals(self) -> Walk[Withdrawal]:
        """The caller's requests, the newest first."""
        return Walk(
            lambda page: self._transport.get("/api/me/withdrawals", page), Withdrawal
        )
