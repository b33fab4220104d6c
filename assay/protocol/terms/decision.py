"""The answer to one question about terms."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from assay.protocol.errors import Invalid
from assay.protocol.terms.vocabulary import Period


class Duty(StrEnum):
    """What the licensee owes besides money."""

    CREDIT = "credit"
    INDICATE_CHANGES = "indicate-changes"
    SAME_LICENCE = "same-licence"
    NONCOMMERCIAL_ONLY = "noncommercial-only"


class Verdict(StrEnum):
    """The answer in one word."""

    ALLOWED = "allowed"
    ALLOWED_WITH = "allowed-with"
    DENIED = "denied"


class Price(NamedTuple):
    """An exact amount of the terms' currency, and how often it is due.

    It may be a sum, and so be larger than any single fee can.
    """

    amount: Decimal
    period: Period


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to one use.

    Attributes:
        prices: exact amounts of the terms' currency, one a period; all are owed.
        revenue_share: percent of revenue, above 0 and at most 100; None when none.
        duties: ``Duty`` words, without repetition.
        reasons: full sentences that lead to the answer and name their tags.
    """

    allowed: bool
    prices: tuple[Price, ...] = ()
    revenue_share: Decimal | None = None
    duties: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """Allowed outright, allowed with something owed, or denied."""
        if not self.allowed:
            return Verdict.DENIED
        owed = self.prices or self.revenue_share is not None or self.duties
        return Verdict.ALLOWED_WITH if owed else Verdict.ALLOWED

    @property
    def price(self) -> Decimal | None:
        """The amount, for whoever sells one price; None when nothing is owed up front.

        Raises:
            Invalid: ``terms_two_prices``: nobody is to sell for half of what is owed.
        """
        return self._only.amount if self._only is not None else None

    @property
    def period(self) -> Period | None:
        """How often the one price is due; None exactly when there is none.

        Raises:
            Invalid: ``terms_two_prices``.
        """
        return self._only.period if self._only is not None else None

    @property
    def _only(self) -> Price | None:
        if len(self.prices) > 1:
            raise Invalid(
                "terms_two_prices",
                "One fee of these terms is due once and another every month.",
                fix="Ask for commercial use and derivation one by one.",
            )
        return self.prices[0] if self.prices else None
