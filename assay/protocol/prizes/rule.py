"""What every prize rule is made of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias

from assay.protocol.errors import Invalid
from assay.protocol.ranking import Placing
from assay.protocol.splitting import split

Options: TypeAlias = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Prize:
    """What there is to win: the purse in base units, and the score to beat."""

    purse: int
    baseline: float


@dataclass(frozen=True, slots=True)
class PrizeRule:
    """One way to turn a purse into awards.

    Args:
        summary: the rule in one sentence for people.
        check_options: refuses options (``prize_options``) the rule cannot read.
        divide: given the options, the prize and at least one winner, best first,
            returns base units per key; never more than the purse in all.
    """

    summary: str
    check_options: Callable[[Options], None]
    divide: Callable[[Options, Prize, Sequence[Placing]], Mapping[str, int]]


def take_no_options(options: Options) -> None:
    """Refuse any option.

    Raises:
        Invalid: ``prize_options``.
    """
    if options:
        raise Invalid(
            "prize_options",
            f"This prize rule has no options: {', '.join(sorted(options))}.",
            fix="Leave the options empty.",
            where="options",
        )


def pool_places(places: Sequence[int], winners: Sequence[Placing]) -> Mapping[str, int]:
    """Give each place's amount to whoever holds it; ties pool theirs and share.

    Tied entries share what their places earn together, equally; units that cannot
    be shared go to the earliest submissions. Places that nobody holds are unspent.

    Args:
        places: base units for the first place, the second …; never rising.
        winners: best first, ranks from 1 without gaps but those ties leave.
    """
    amounts: dict[str, int] = {}
    for place, group in groupby(winners, key=lambda placing: placing.rank):
        keys = [placing.entry.key for placing in group]
        pool = sum(places[place - 1 : place - 1 + len(keys)])
        amounts.update(zip(keys, split(pool, [1] * len(keys)), strict=True))
    return amounts
