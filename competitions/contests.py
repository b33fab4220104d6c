"""What a competition's prize is decided by, read from its public records."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from assay.protocol import prizes
from assay.protocol.prizes import Contest, PublicScore
from assay.protocol.prizes.king_of_the_hill import Throne, accrued
from assay.protocol.ranking import Entry, Placing, rank
from competitions.models import (
    Competition,
    Disqualification,
    Evaluation,
    Split,
    Submission,
)
from competitions.selectors import purse_of

KING_OF_THE_HILL = "king_of_the_hill"
MOST_SEATS = 50
STREAMING = {"open", "closed", "judging"}  # afterwards the awards say it


@dataclass(frozen=True)
class Seat:
    """An entry that has led; ``accrued`` in base units, if its private score holds."""

    submission: Submission
    accrued: int
    is_king: bool


@dataclass(frozen=True)
class Hill:
    """Who leads by king of the hill, and what has accrued to those who have led.

    Kings come first, then who has accrued most, at most ``MOST_SEATS`` of them.
    ``unclaimed`` is what nobody led for; it goes back to the stakers.
    """

    seats: Sequence[Seat]
    since: datetime | None
    unclaimed: int
    as_of: datetime


def contest_of(
    competition: Competition, *, purse: int, struck: Collection[str] = ()
) -> Contest:
    """The competition as prize rules see it.

    Args:
        purse: base units that there are to win.
        struck: ids of submissions that are read as never made, beside those that
            were disqualified.
    """
    baselines = _baselines(competition)
    entered = competition.submissions.values_list("pk", "miner_id")
    whole = Contest(
        purse=purse,
        baseline=baselines[Split.Name.PRIVATE],
        public_baseline=baselines[Split.Name.PUBLIC],
        margin=competition.margin,
        placings=_placings(competition),
        entrants={str(key): str(miner) for key, miner in entered},
        timeline=_timeline(competition),
        opened_at=competition.opened_at,
        closed_at=competition.deadline,
    )
    disqualified = Disqualification.objects.filter(submission__competition=competition)
    out = {str(key) for key in disqualified.values_list("submission_id", flat=True)}
    return whole.without({*struck, *out})


def throne(
    competition: Competition, *, purse: int, at: datetime, struck: Collection[str] = ()
) -> Throne | None:
    """Who leads by king of the hill, and what has accrued; None by any other rule.

    Before the opening nobody does.
    """
    if competition.prize_rule != KING_OF_THE_HILL or competition.opened_at is None:
        return None
    held = contest_of(competition, purse=purse, struck=struck)
    return accrued(competition.prize_options, held, at)


def hill(competition: Competition, *, now: datetime) -> Hill | None:
    """The throne as pages and API show it; None unless the stake is streaming."""
    if competition.status not in STREAMING:
        return None
    found = throne(competition, purse=purse_of(competition), at=now)
    if found is None:
        return None
    entries = Submission.objects.filter(pk__in=[*found.accrued, *found.kings])
    seats = [
        Seat(entry, found.accrued.get(key, 0), key in found.kings)
        for entry in entries.select_related("miner", "model__owner")
        if (key := str(entry.pk))
    ]
    seats.sort(key=lambda seat: (not seat.is_king, -seat.accrued, seat.submission.pk))
    return Hill(seats[:MOST_SEATS], found.since, found.unclaimed, found.at)


def finalists(competition: Competition, *, struck: Collection[str] = ()) -> list[str]:
    """Ids of the submissions that need a private score, by the prize rule."""
    held = contest_of(competition, purse=0, struck=struck)
    return list(
        prizes.finalists(competition.prize_rule, competition.prize_options, held)
    )


def _baselines(competition: Competition) -> dict[str, float]:
    scored = Evaluation.objects.filter(
        competition=competition, submission=None, status=Evaluation.Status.SCORED
    )
    return {
        split: score
        for split, score in scored.values_list("split", "score")
        if score is not None
    }


def _scored(competition: Competition, split: str) -> QuerySet[Evaluation]:
    return Evaluation.objects.filter(
        competition=competition,
        split=split,
        repeat=0,
        status=Evaluation.Status.SCORED,
        submission__isnull=False,
        climbed=True,
    ).select_related("submission")


def _placings(competition: Competition) -> list[Placing]:
    """The private board: every finalist that has a private score."""
    return rank(
        Entry(str(e.submission_id), e.score, e.submission.created_at)
        for e in _scored(competition, Split.Name.PRIVATE)
        if e.submission is not None and e.score is not None
    )


def _timeline(competition: Competition) -> list[PublicScore]:
    """Public scores in the order of the history, whatever the clocks said."""
    scores = {str(e.submission_id): e for e in _scored(competition, Split.Name.PUBLIC)}
    events = competition.history.filter(kind="scored").order_by("number")
    found: dict[str, PublicScore] = {}
    for facts, at in events.values_list("facts", "at"):
        evaluation = scores.get(facts["submission"])
        if evaluation is not None:
            score = _public_score(evaluation, at)
            found.setdefault(score.key, score)
    return list(found.values())


def _public_score(evaluation: Evaluation, at: datetime) -> PublicScore:
    submission = evaluation.submission
    assert submission is not None
    told = evaluation.told
    assert told is not None
    return PublicScore(
        key=str(submission.pk),
        score=told.value,
        low=told.low,
        high=told.high,
        submitted_at=submission.created_at,
        at=at,
    )
