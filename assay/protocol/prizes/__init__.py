"""How a stake becomes awards. One file a rule; ``RULES`` names them.

Guarantees and worked tables: docs/algorithms/prizes.md.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from assay.protocol.errors import Invalid
from assay.protocol.prizes import (
    proportional_to_improvement,
    shares_by_rank,
    winner_takes_all,
)
from assay.protocol.prizes.rule import Options, Prize, PrizeRule
from assay.protocol.ranking import Placing, beats, rank

RULES: Mapping[str, PrizeRule] = MappingProxyType(
    {
        "winner_takes_all": winner_takes_all.RULE,
        "shares_by_rank": shares_by_rank.RULE,
        "proportional_to_improvement": proportional_to_improvement.RULE,
    }
)


@dataclass(frozen=True, slots=True)
class Awards:
    """Base units earned, by entry's key, best first; and what goes back.

    Only amounts above zero are listed. ``returned`` is owed to those who gave the
    purse. The amounts and ``returned`` sum to the purse.
    """

    amounts: Mapping[str, int]
    returned: int


def award(  # noqa: PLR0917 - read in this order, like a sentence
    rule: str,
    options: Options,
    purse: int,
    placings: Iterable[Placing],
    baseline: float,
    margin: float,
) -> Awards:
    """Divide a purse over the entries that beat the baseline by the margin.

    Places are counted anew among ``placings``, so it may be a board with entries
    struck off, in any order.

    Raises:
        Invalid: ``prize_rule_unknown``, ``prize_options``, ``prize_purse`` when
            the purse is negative, and what ``rank`` and ``beats`` refuse.
    """
    check_options(rule, options)
    if purse < 0:
        raise Invalid("prize_purse", f"The purse is negative: {purse}.")
    winners = [
        placing
        for placing in rank(placing.entry for placing in placings)
        if beats(placing.entry.score, baseline, margin)
    ]
    if not winners:
        return Awards(MappingProxyType({}), purse)
    amounts = RULES[rule].divide(options, Prize(purse, baseline), winners)
    paid = {key: amount for key, amount in amounts.items() if amount > 0}
    return Awards(MappingProxyType(paid), purse - sum(paid.values()))


def check_options(rule: str, options: Options) -> None:
    """Refuse a rule or options that could not be carried out at settlement.

    Raises:
        Invalid: ``prize_rule_unknown`` or ``prize_options``.
    """
    if rule not in RULES:
        raise Invalid(
            "prize_rule_unknown",
            f"There is no prize rule {rule!r}.",
            fix=f"Choose one of: {', '.join(sorted(RULES))}.",
            where="rule",
        )
    RULES[rule].check_options(options)
