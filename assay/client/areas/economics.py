"""What competitions cost: before staking, and while the budget is spent."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from assay.client.paging import Walk
from assay.client.reading import read
from assay.client.records import Budget, Charge, Estimate, StakeTerms
from assay.client.transport import Transport


class Economics:
    """Fees, budgets and estimates."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def stake_terms(
        self, slug: str, amount: str, *, purpose: str = "prize"
    ) -> StakeTerms:
        """What a stake of ``amount`` would become."""
        wanted = {"amount": amount, "purpose": purpose}
        return read(
            StakeTerms, self._transport.get(_place(slug, "/stake-terms"), wanted)
        )

    def budget(self, slug: str) -> Budget:
        """How the evaluation budget stands."""
        return read(Budget, self._transport.get(_place(slug, "/budget")))

    def charges(self, slug: str) -> Walk[Charge]:
        """What each evaluation cost, the oldest first."""
        return Walk(
            lambda page: self._transport.get(_place(slug, "/charges"), page), Charge
        )

    def estimate(self, plan: Mapping[str, Any]) -> Estimate:
        """What a plan will cost; ``plan`` is the body of POST /api/estimates."""
        document = self._transport.post("/api/estimates", dict(plan), repeatable=True)
        return read(Estimate, document)


def _place(slug: str, rest: str) -> str:
    return f"/api/competitions/{quote(slug, safe='')}{rest}"
