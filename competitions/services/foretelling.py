"""What a competition's benchmark can tell apart, from the baseline's own answers."""

from functools import lru_cache

from assay.protocol.errors import Conflict
from assay.protocol.statistics import power
from competitions.models import Competition, Evaluation, Split
from competitions.services.measuring import example_values, kept_outputs

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
    return _report(_results(str(scored.pk)), examples, competition.margin, entrants)


@lru_cache(maxsize=1000)
def _results(evaluation_id: str) -> tuple[float, ...]:
    """Each example's worth; an evaluation that is scored never changes."""
    evaluation = Evaluation.objects.select_related("competition").get(pk=evaluation_id)
    return tuple(sorted(example_values(evaluation, kept_outputs(evaluation))))


@lru_cache(maxsize=1000)
def _report(
    results: tuple[float, ...], examples: int, margin: float, entrants: int
) -> power.Power:
    # kept, since a report takes up to a second and anybody may ask for it
    return power.report(results, examples=examples, margin=margin, entrants=entrants)
