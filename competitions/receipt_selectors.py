"""Which receipts may be seen, and what is told beside them."""

from dataclasses import dataclass
from uuid import UUID

from accounts.models import User
from assay.protocol.errors import NotFound
from assay.protocol.intervals import Estimate
from catalogue.models import Model
from competitions.models import Competition, Evaluation, Receipt, Split
from competitions.permissions import can_see
from competitions.selectors import FINAL_BOARD


@dataclass(frozen=True)
class ShownReceipt:
    """A receipt with what it is about; ``score`` is None where it is not told."""

    receipt: Receipt
    competition: Competition
    model: Model
    submission_id: UUID | None
    score: Estimate | None


def shown_receipt(*, evaluation_id: UUID, viewer: User | None) -> ShownReceipt:
    """The receipt of an evaluation that the viewer may see.

    Raises:
        NotFound: there is none, or it is of a split that is not shown yet.
    """
    evaluation = (
        Evaluation.objects.select_related(
            "receipt", "competition", "submission", "model__owner"
        )
        .filter(pk=evaluation_id, receipt__isnull=False)
        .first()
    )
    if evaluation is None or not is_shown(evaluation, viewer):
        raise NotFound(
            "receipt_not_found",
            "There is no such receipt, or it is not shown before the final board.",
        )
    return ShownReceipt(
        receipt=evaluation.receipt,
        competition=evaluation.competition,
        model=evaluation.model,
        submission_id=evaluation.submission_id,
        score=evaluation.told,
    )


def is_shown(evaluation: Evaluation, viewer: User | None) -> bool:
    """Whether anything of an evaluation is told to the viewer."""
    competition = evaluation.competition
    if not can_see(viewer, competition):
        return False
    return evaluation.split == Split.Name.PUBLIC or competition.status in FINAL_BOARD
