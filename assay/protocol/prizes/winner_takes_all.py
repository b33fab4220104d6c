"""The best entry gets the whole purse."""

from collections.abc import Mapping, Sequence

from assay.protocol.prizes.rule import (
    Options,
    Prize,
    PrizeRule,
    pool_places,
    take_no_options,
)
from assay.protocol.ranking import Placing


def _divide(
    _options: Options, prize: Prize, winners: Sequence[Placing]
) -> Mapping[str, int]:
    return pool_places([prize.purse], winners)


RULE = PrizeRule(
    summary="The best entry gets the whole purse.",
    check_options=take_no_options,
    divide=_divide,
)
