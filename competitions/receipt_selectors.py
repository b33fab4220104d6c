"""Which receipts may be seen, and what is told beside them."""

from dataclasses import dataclass
from uuid import UUID

from accounts.models import User
from assay.protocol.errors import Conflict, NotFound
from assay.protocol.intervals import Estimate
from catalogue.models import Model
from competitions.models import Competition, Evaluation, Receipt, Split
from competitions.permissions import can_see
from competitions.selectors import FINAL_BOARD
from storage.models import Blob


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


PARTS = ("inputs", "answers")


def revealed(competition: Competition) -> dict[str, Blob]:
    """Inputs and answers of the splits that were revealed, by ``split.part.jsonl``."""
    splits = competition.splits.exclude(revealed_at=None)
    return {
        f"{split.name}.{part}.jsonl": getattr(split, part)
        for split in splits.select_related(*PARTS).order_by("name")
        for part in PARTS
    }


def revealed_file(*, competition: Competition, split: str, part: str) -> Blob:
    """The inputs or the answers of a split that was revealed.

    Raises:
        NotFound: there is no such split or part.
        Conflict: it is hidden.
    """
    found = competition.splits.select_related(*PARTS).filter(name=split).first()
    if found is None or part not in PARTS:
        raise NotFound("file_not_found", f"{competition.slug} has no {split} {part}.")
    if found.revealed_at is None:
        raise _hidden(competition, split)
    blob: Blob = getattr(found, part)
    return blob


def revealed_outputs(*, evaluation_id: UUID, viewer: User | None) -> Blob:
    """What a model said, example by example, once the split was revealed.

    Before, outputs on hidden examples would help to guess their answers.

    Raises:
        NotFound: there is no such receipt to be seen.
        Conflict: the split is hidden.
    """
    shown = shown_receipt(evaluation_id=evaluation_id, viewer=viewer)
    evaluation = shown.receipt.evaluation
    split = shown.competition.splits.get(name=evaluation.split)
    if split.revealed_at is None or evaluation.outputs is None:
        raise _hidden(shown.competition, evaluation.split)
    return evaluation.outputs


def _hidden(competition: Competition, split: str) -> Conflict:
    return Conflict(
        "split_hidden",
        f"The {split} split of {competition.slug} is hidden.",
        fix="Its sponsor may reveal it once the competition is settled: "
        f"`assay competition reveal {competition.slug}`.",
    )
