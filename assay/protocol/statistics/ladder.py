"""A public board that cannot be climbed by asking often.

It shows a better score only when it is better by a step, and then only to the step, so
answers say little about the hidden examples (Blum and Hardt, "The Ladder: a reliable
leaderboard for machine learning competitions", ICML 2015). Decided in billionths, as
ranks are. Guarantee and measured attacks: docs/algorithms/ladder.md.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from assay.protocol.errors import Invalid
from assay.protocol.ranking import BILLION, improvement
from assay.protocol.statistics.means import standard_error


@dataclass(frozen=True, slots=True)
class Rung:
    """What a board shows of somebody: the score, and the results behind it.

    ``results`` are kept hidden, and only by the ladder without a stated step.
    """

    shown: float
    results: tuple[float, ...] = ()


def climb(shown: float | None, score: float, step: float) -> float:
    """Return what the board shows after a submission of this score.

    The first score is shown, rounded down to the step. A later one replaces what is
    shown when it is higher by a step or more, rounded down likewise; otherwise the
    board shows what it showed.

    Args:
        shown: what it showed before; None for nothing.
        step: the stated step, from a billionth up, such as 0.01.

    Raises:
        Invalid: ``ladder_step``, or ``score_not_finite``.
    """
    units = improvement(step, 0.0)
    if units < 1:
        raise Invalid("ladder_step", "A ladder's step is a billionth or more.")
    if shown is not None and improvement(score, shown) < units:
        return shown
    return improvement(score, 0.0) // units * units / BILLION


def climb_freely(rung: Rung | None, results: Sequence[float]) -> Rung:
    """Return the rung after a submission, with no step to choose.

    The step is one standard error of the difference to the results behind what is
    shown: it grows with how differently the two models answer. What is shown is
    rounded to one in the number of examples.

    Raises:
        Invalid: ``pairs_length`` when the examples are others, ``values_empty``.
    """
    if not results:
        raise Invalid("values_empty", "There are no per-example scores.")
    if rung is not None and not _is_higher(rung.results, results):
        return rung
    return Rung(round(math.fsum(results)) / len(results), tuple(results))


def _is_higher(old: Sequence[float], new: Sequence[float]) -> bool:
    if len(old) != len(new):
        raise Invalid("pairs_length", "A ladder's scores are on the same examples.")
    gaps = [ours - theirs for ours, theirs in zip(new, old, strict=True)]
    return math.fsum(gaps) / len(gaps) > _step(gaps)


def _step(gaps: Sequence[float]) -> float:
    # one example has no spread; any gain on it counts as all that could be gained
    return standard_error(gaps) if len(gaps) > 1 else 0.0
