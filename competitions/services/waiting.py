"""What a competition waits for: counted for the clock, and in words for its page."""

from datetime import datetime

from django.db.models import Q, QuerySet

from competitions.models import Challenge, Competition, Evaluation, Split
from competitions.selectors import GAVE_UP
from competitions.services import duties

Status = Competition.Status
SPLITS = {Status.CLOSED: Split.Name.PUBLIC, Status.JUDGING: Split.Name.PRIVATE}


def scores(competition: Competition) -> dict[str, int]:
    """Evaluations without which the next step cannot be; entries struck off are out.

    Returns:
        ``pending`` and ``given_up``, for ``assay.protocol.lifecycle.Facts``.
    """
    needed = _needed(competition)
    return {
        "pending": needed.filter(
            status__in=[Evaluation.Status.QUEUED, Evaluation.Status.LEASED]
        ).count(),
        "given_up": needed.filter(
            status=Evaluation.Status.FAILED, failure_code=GAVE_UP
        ).count(),
    }


def _needed(competition: Competition) -> QuerySet[Evaluation]:
    counts = Q(submission=None) | Q(submission__disqualification=None)
    split = SPLITS[Status(competition.status)]
    return Evaluation.objects.filter(
        counts, competition=competition, split=split, repeat=0
    )


def settlement(competition: Competition, *, now: datetime) -> dict[str, int]:
    """``open_challenges`` and ``open_duties`` for ``assay.protocol.lifecycle``."""
    undecided = competition.challenges.filter(status=Challenge.Status.OPEN)
    return {
        "open_challenges": undecided.count(),
        "open_duties": len(duties.open_duties(competition, now=now)),
    }


def in_words(competition: Competition, *, now: datetime) -> list[str]:
    """Everything that holds the competition up now, a sentence each."""
    if competition.status in SPLITS:
        return _scores_in_words(competition)
    if competition.status != Status.PROVISIONAL:
        return []
    sentences = [
        f"Rank {award.rank}: {duty.sentence}"
        for award, duty in duties.open_duties(competition, now=now)
    ]
    undecided = competition.challenges.filter(status=Challenge.Status.OPEN).count()
    if undecided:
        sentences.insert(0, f"Challenges that staff has yet to decide: {undecided}.")
    return sentences


def _scores_in_words(competition: Competition) -> list[str]:
    counted = scores(competition)
    sentences = []
    if counted["pending"]:
        sentences.append(
            f"Evaluations that are queued or running: {counted['pending']}."
        )
    if counted["given_up"]:
        sentences.append(
            "Evaluations that failed on the platform's side, and that its operators "
            f"send round again: {counted['given_up']}. Nobody loses by that."
        )
    return sentences
