"""Shaping challenges, struck entries and duties, which several areas answer with."""

from datetime import datetime

from api.amounts import shown
from api.schemas.challenges import ChallengeAnswer, DutyAnswer, StruckAnswer
from competitions.models import Challenge, Disqualification, Submission
from competitions.services import duties


def challenge_answer(found: Challenge) -> ChallengeAnswer:
    """A challenge as everyone may see it."""
    return ChallengeAnswer(
        id=found.id,
        competition=found.competition.slug,
        submission=found.submission_id,
        model=found.submission.model.reference,
        challenger=found.challenger_handle,
        kind=found.kind,
        grounds=found.grounds,
        deposit=shown(found.deposit),
        asset=found.competition.asset_id,
        status=found.status,
        evidence=found.evidence,
        created_at=found.created_at,
        decided_at=found.decided_at,
        decided_by=found.decided_by,
        reason=found.reason,
    )


def struck_answer(made: Disqualification) -> StruckAnswer:
    """An entry that no longer counts."""
    return StruckAnswer(
        submission=made.submission_id,
        miner=made.submission.miner.username,
        model=made.submission.model.reference,
        reason=made.reason,
        actor=made.actor,
        at=made.at,
    )


def duty_answers(submission: Submission, *, now: datetime) -> list[DutyAnswer]:
    """What the entry owes, when it is to be paid."""
    if getattr(submission, "award", None) is None:
        return []
    return [
        DutyAnswer(name=duty.name, state=duty.state.value, sentence=duty.sentence)
        for duty in duties.duties_of(submission, now=now)
    ]
