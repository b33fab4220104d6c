"""The best entry gets the whole purse."""

from collections.abc import Mapping

from assay.protocol.prizes.contest import Contest
from assay.protocol.prizes.options import Options, say_nothing, take_no_options
from assay.protocol.prizes.rule import PrizeRule, pool_places


def _divide(_options: Options, contest: Contest) -> Mapping[str, int]:
    return pool_places([contest.purse], contest.placings)


RULE = PrizeRule(
    summary="The best entry gets the whole purse.",
    example={},
    check_options=take_no_options,
    describe=say_nothing,
    divide=_divide,
)
