"""What every prize rule is made of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias

from assay.protocol.prizes.contest import Contest
from assay.protocol.prizes.options import Options
from assay.protocol.ranking import Placing
from assay.protocol.splitting import split

Finalists: TypeAlias = Callable[[Options, Contest], Sequence[str]]


def best_of_each(_options: Options, contest: Contest) -> Sequence[str]:
    """Each entrant's best entry on the public split; the earlier one of equals."""
    ordered = sorted(
        contest.timeline, key=lambda one: (-one.score, one.submitted_at, one.key)
    )
    return contest.first_of_each([one.key for one in ordered])


@dataclass(frozen=True, slots=True)
class PrizeRule:
    """One way to turn a purse into awards.

    Args:
        summary: the rule in one sentence for people.
        example: options that it can read, for texts and trials.
        check_options: refuses options (``prize_options``) the rule cannot read.
        describe: the options in one sentence for people; empty where none is due.
        divide: given the options and a contest whose placings are the winners, at
            least one, best first, returns base units per key; never more than the
            purse in all.
        finalists: given the options and a contest without placings, returns the
            keys that need a private score, in the order in which they matter.
        one_entry_each: whether an entrant stands on the private board only once,
            by the best of its entries.
    """

    summary: str
    example: Options
    check_options: Callable[[Options], None]
    describe: Callable[[Options], str]
    divide: Callable[[Options, Contest], Mapping[str, int]]
    finalists: Finalists = best_of_each
    one_entry_each: bool = True


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
