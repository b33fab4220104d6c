"""How a stake becomes awards. One file a rule; ``RULES`` names them.

Definitions, guarantees and worked tables: docs/prizes.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from assay.protocol.errors import Invalid
from assay.protocol.prizes import (
    king_of_the_hill,
    milestone,
    proportional_to_improvement,
    shares_by_rank,
    winner_takes_all,
)
from assay.protocol.prizes.contest import Contest, PublicScore
from assay.protocol.prizes.options import Options
from assay.protocol.prizes.rule import PrizeRule
from assay.protocol.ranking import Placing, beats, rank

__all__ = [
    "RULES",
    "Awards",
    "Contest",
    "Options",
    "PublicScore",
    "award",
    "board",
    "check_options",
    "describe",
    "finalists",
]

RULES: Mapping[str, PrizeRule] = MappingProxyType(
    {
        "winner_takes_all": winner_takes_all.RULE,
        "shares_by_rank": shares_by_rank.RULE,
        "proportional_to_improvement": proportional_to_improvement.RULE,
        "king_of_the_hill": king_of_the_hill.RULE,
        "milestone": milestone.RULE,
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


def award(rule: str, options: Options, contest: Contest) -> Awards:
    """Divide a purse over the entries that beat the baseline by the margin.

    Places are counted anew among the contest's placings, so it may be a board with
    entries struck off, in any order.

    Raises:
        Invalid: ``prize_rule_unknown``, ``prize_options``, ``prize_purse`` when
            the purse is negative, and what ``rank`` and ``beats`` refuse.
    """
    check_options(rule, options)
    if contest.purse < 0:
        raise Invalid("prize_purse", f"The purse is negative: {contest.purse}.")
    winners = [
        placing
        for placing in board(rule, contest)
        if beats(placing.entry.score, contest.baseline, contest.margin)
    ]
    if not winners:
        return Awards(MappingProxyType({}), contest.purse)
    earned = RULES[rule].divide(options, replace(contest, placings=winners))
    keys = [placing.entry.key for placing in winners]
    paid = {key: earned[key] for key in keys if earned.get(key, 0) > 0}
    return Awards(MappingProxyType(paid), contest.purse - sum(paid.values()))


def board(rule: str, contest: Contest) -> Sequence[Placing]:
    """The private board as the rule reads it, best first.

    An entrant stands once, by the best of its entries, unless the rule pays entries.

    Raises:
        Invalid: ``prize_rule_unknown``, and what ``rank`` refuses.
    """
    everyone = rank(placing.entry for placing in contest.placings)
    if not find(rule).one_entry_each:
        return everyone
    kept = set(contest.first_of_each([placing.entry.key for placing in everyone]))
    return rank(p.entry for p in everyone if p.entry.key in kept)


def finalists(rule: str, options: Options, contest: Contest) -> Sequence[str]:
    """The entries that need a private score, from the public scores alone.

    Raises:
        Invalid: ``prize_rule_unknown`` or ``prize_options``.
    """
    check_options(rule, options)
    return find(rule).finalists(options, contest)


def describe(rule: str, options: Options) -> str:
    """The rule and its options in words for people."""
    return f"{find(rule).summary} {find(rule).describe(options)}".strip()


def find(rule: str) -> PrizeRule:
    """The rule of that name.

    Raises:
        Invalid: ``prize_rule_unknown``.
    """
    if rule not in RULES:
        raise Invalid(
            "prize_rule_unknown",
            f"There is no prize rule {rule!r}.",
            fix=f"Choose one of: {', '.join(sorted(RULES))}.",
            where="rule",
        )
    return RULES[rule]


def check_options(rule: str, options: Options) -> None:
    """Refuse a rule or options that could not be carried out at settlement.

    Raises:
        Invalid: ``prize_rule_unknown`` or ``prize_options``.
    """
    found = find(rule)
    if not isinstance(options, Mapping):
        raise Invalid(
            "prize_options", "The options are an object of names.", where="options"
        )
    found.check_options(options)
