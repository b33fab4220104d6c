"""Pools that pay other people's submission fees and deposits."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from assay.client.paging import Walk
from assay.client.reading import read
from assay.client.records import Dues, Funding, Pool
from assay.client.transport import Transport


class Pools:
    """Pools, as far as the caller may see them."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, *, competition: str = "") -> Walk[Pool]:
        """Pools, the newest first; those that pay for a competition when named."""
        wanted = {"competition": competition}
        return Walk(
            lambda page: self._transport.get("/api/pools", {**wanted, **page}), Pool
        )

    def show(self, pool_id: str) -> Pool:
        """One pool."""
        return read(Pool, self._transport.get(_place(pool_id)))

    def open(self, spec: Mapping[str, Any]) -> Pool:
        """Open a pool; ``spec`` is the body that POST /api/pools takes."""
        return read(Pool, self._transport.post("/api/pools", dict(spec)))

    def fund(self, pool_id: str, amount: str, *, key: str) -> Funding:
        """Put ``amount`` from the caller's wallet into it; once per ``key``."""
        document = self._transport.post(
            _place(pool_id, "/fund"), {"amount": amount}, key=key
        )
        return read(Funding, document)

    def close(self, pool_id: str) -> Pool:
        """Pay for nobody any more; what is left goes back to its funders."""
        return read(
            Pool, self._transport.post(_place(pool_id, "/close"), repeatable=True)
        )

    def payments(self, pool_id: str) -> Walk[Dues]:
        """What it paid for whom, the newest first."""
        return Walk(
            lambda page: self._transport.get(_place(pool_id, "/payments"), page), Dues
        )

    def fundings(self, pool_id: str) -> Walk[Funding]:
        """Who put what in, the oldest first."""
        return Walk(
            lambda page: self._transport.get(_place(pool_id, "/fundings"), page),
            Funding,
        )


def _place(pool_id: str, rest: str = "") -> str:
    return f"/api/pools/{quote(pool_id, safe='')}{rest}"
