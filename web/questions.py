"""Questions that only pages ask."""

from catalogue.models import Model
from competitions.models import Competition, Evaluation, HistoryEntry


def base_model_references() -> list[str]:
    """Models on which a competition may be built."""
    models = Model.objects.filter(is_base=True, published_at__isnull=False)
    return [model.reference for model in models.select_related("owner")]


def baseline_evaluations(competition: Competition) -> list[Evaluation]:
    """How far the scoring of the base model has come, a split each."""
    counted = competition.evaluations.filter(submission=None)
    return list(counted.exclude(status=Evaluation.Status.CANCELLED).order_by("split"))


def deadline_moves(competition: Competition) -> list[HistoryEntry]:
    """When the deadline was moved after miners could see it, the last first."""
    opened = competition.opened_at
    if opened is None:
        return []
    moves = competition.history.filter(kind="deadline_moved", at__gte=opened)
    return list(moves.order_by("-number")[:5])
