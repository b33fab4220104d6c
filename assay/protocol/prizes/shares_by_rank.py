"""Each of the first places earns a fixed share: ``{"shares": [5, 3, 2]}``."""

from collections.abc import Mapping

from assay.protocol.errors import Invalid
from assay.protocol.prizes.contest import Contest
from assay.protocol.prizes.options import Options
from assay.protocol.prizes.rule import PrizeRule, pool_places
from assay.protocol.splitting import split

MAX_PLACES = 1000
MAX_SHARE = 10**9


def _read_shares(options: Options) -> list[int]:
    shares = options.get("shares")
    if set(options) != {"shares"} or not isinstance(shares, list | tuple):
        raise _unreadable("The options are exactly a list of shares.")
    if not 1 <= len(shares) <= MAX_PLACES:
        raise _unreadable(f"There are 1 to {MAX_PLACES} shares, one a place.")
    whole = [share for share in shares if type(share) is int]
    if len(whole) < len(shares) or not all(1 <= share <= MAX_SHARE for share in whole):
        raise _unreadable(f"Each share is a whole number from 1 to {MAX_SHARE}.")
    if whole != sorted(whole, reverse=True):
        raise _unreadable("A lower place may not earn more than a higher one.")
    return whole


def _unreadable(sentence: str) -> Invalid:
    return Invalid(
        "prize_options",
        sentence,
        fix='Write the shares best place first, such as {"shares": [5, 3, 2]}.',
        where="options.shares",
    )


def _check_options(options: Options) -> None:
    _read_shares(options)


def _describe(options: Options) -> str:
    return f"Shares: {', '.join(map(str, _read_shares(options)))}."


def _divide(options: Options, contest: Contest) -> Mapping[str, int]:
    places = split(contest.purse, _read_shares(options))
    return pool_places(places, contest.placings)


RULE = PrizeRule(
    summary="Each of the first places earns a fixed share of the purse.",
    example={"shares": [5, 3, 2]},
    check_options=_check_options,
    describe=_describe,
    divide=_divide,
)
