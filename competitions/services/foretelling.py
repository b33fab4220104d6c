"""What a competition's benchmark can tell apart, from the baseline's own answers."""

from functools import lru_cache

from assay.protocol.errors import Conflict
from assay.protocol.statistics import power
from competitions.models import Competition, Evaluation, Split
from competitions.services.measuring import kept_outputs, right_answers

ENTRANTS = 30


def foretell(*, competition: Competition, entrants: int = ENTRANTS) -> power.Power:
    """Report what the private split will be able to tell apart.

    From the baseline's answers on the public split, which the board shows anyway, for
    as many examples as the private one has: nothing of that is told beforehand.

    Args:
        entrants: how many are expected to take part.

    Raises:
        Conflict: ``baseline_pending``.
        Invalid: ``power_range``.
    """
    scored = competition.evaluations.filter(
        submission=None,
        split=Split.Name.PUBLIC,
        status=Evaluation.Status.SCORED,
    ).first()
    if scored is None:
        raise Conflict(
            "baseline_pending",
            "The base model is still being scored.",
            fix="Try again when the baseline is shown.",
        )
    examples = competition.splits.get(name=Split.Name.PRIVATE).count
    right = _right(str(scored.pk))
    return _report(right, scored.total, examples, competition.margin, entrants)


@lru_cache(maxsize=1000)
def _right(evaluation_id: str) -> int:
    """Count the right answers; an evaluation that is scored never changes."""
    evaluation = Evaluation.objects.select_related("competition").get(pk=evaluation_id)
    outputs = kept_outputs(evaluation)
    return sum(right_answers(evaluation, outputs))


@lru_cache(maxsize=1000)
def _report(
    right: int, scored: int, examples: int, margin: float, entrants: int
) -> power.Power:
    # kept, since a report takes up to a second and anybody may ask for it
    results = [1.0] * right + [0.0] * (scored - right)
    return power.report(results, examples=examples, margin=margin, entrants=entrants)
