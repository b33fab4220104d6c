"""Everyone who beats the baseline is paid in proportion to how far."""

from collections.abc import Mapping, Sequence

from assay.protocol.prizes.rule import Options, Prize, PrizeRule, take_no_options
from assay.protocol.ranking import Placing, improvement
from assay.protocol.splitting import split


def _divide(
    _options: Options, prize: Prize, winners: Sequence[Placing]
) -> Mapping[str, int]:
    # billionths: whole weights, and a winner's is at least 1 (see ranking.beats)
    weights = [improvement(won.entry.score, prize.baseline) for won in winners]
    parts = split(prize.purse, weights)
    return {won.entry.key: part for won, part in zip(winners, parts, strict=True)}


RULE = PrizeRule(
    summary="Entries share the purse in proportion to their gain over the baseline.",
    check_options=take_no_options,
    divide=_divide,
)
