"""Everyone who beats the baseline is paid in proportion to how far.

``{"cap_percent": 40}`` keeps any one entrant at or below that part of the purse.
"""

from collections.abc import Mapping

from assay.protocol.errors import Invalid
from assay.protocol.prizes.contest import Contest
from assay.protocol.prizes.options import Options, check_names, is_whole
from assay.protocol.prizes.rule import PrizeRule
from assay.protocol.ranking import improvement
from assay.protocol.splitting import split

_FIX = 'Leave the options empty, or name a cap such as {"cap_percent": 40}.'


def _read_cap(options: Options) -> int:
    """Whole per cent of the purse that an entrant may get; 100 is no cap."""
    check_names(options, {"cap_percent"}, fix=_FIX)
    given = options.get("cap_percent", 100)
    if not is_whole(given, 1, 100):
        raise Invalid(
            "prize_options",
            "The cap is a whole number of per cent, 1 to 100.",
            fix=_FIX,
            where="options.cap_percent",
        )
    return int(str(given))


def _check_options(options: Options) -> None:
    _read_cap(options)


def _describe(options: Options) -> str:
    cap = _read_cap(options)
    return f"No entrant gets more than {cap} % of the purse." if cap < 100 else ""


def _divide(options: Options, contest: Contest) -> Mapping[str, int]:
    # billionths: whole weights, and a winner's is at least 1 (see ranking.beats)
    weights = {
        won.entry.key: improvement(won.entry.score, contest.baseline)
        for won in contest.placings
    }
    cap = contest.purse * _read_cap(options) // 100
    rest, under = _cap(contest.purse, cap, weights)
    amounts = {key: cap for key in weights if key not in under}
    if under:
        parts = split(rest, list(under.values()))
        amounts.update(zip(under, parts, strict=True))
    return amounts


def _cap(
    purse: int, cap: int, weights: Mapping[str, int]
) -> tuple[int, Mapping[str, int]]:
    """Put aside who is over the cap, until nobody is; what is left, and for whom.

    Exact shares are compared and nothing is rounded, so nobody is put aside by a
    rounding, and no part of the rest that is split later rounds past the cap.
    """
    rest, under = purse, weights
    while True:
        total = sum(under.values())
        over = {key for key in under if rest * under[key] > cap * total}
        if not over:
            return rest, under
        rest -= cap * len(over)
        under = {key: under[key] for key in under if key not in over}


RULE = PrizeRule(
    summary="Entries share the purse in proportion to their gain over the baseline.",
    example={"cap_percent": 40},
    check_options=_check_options,
    describe=_describe,
    divide=_divide,
)
