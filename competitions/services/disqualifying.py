"""Striking an entry off the board; it keeps its history and its evaluations."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from assay.protocol.errors import Conflict, Forbidden
from competitions.models import Challenge, Competition, Disqualification, Submission
from competitions.permissions import can_judge
from competitions.services import answering, deposits, duties, history, settling, steps
from competitions.services.reasons import read_reason


def require_judge(actor: User, competition: Competition) -> None:
    """Raise unless the actor may judge entries of the competition.

    Raises:
        Forbidden: they are not staff (``staff_only``), or have a part in it
            (``judge_takes_part``).
    """
    if not actor.is_staff:
        raise Forbidden("staff_only", "Only the platform's staff does this.")
    if not can_judge(actor, competition):
        raise Forbidden(
            "judge_takes_part",
            f"You take part in {competition.slug}, so you cannot judge its entries.",
            fix="Leave it to somebody of the staff who has no part in it.",
        )


@transaction.atomic
def disqualify(
    *, submission: Submission, actor: User, reason: str, now: datetime
) -> Disqualification:
    """Staff strikes an entry off, from the moment it is entered until it is paid.

    Raises:
        Forbidden: the actor is not staff, or has a part in the competition.
        Conflict: it was struck off before, or its competition is over.
        Invalid: there is no reason, or it is too long.
    """
    require_judge(actor, submission.competition)
    return strike(
        submission=submission,
        actor=actor.username,
        reason=read_reason(reason, where="reason"),
        now=now,
    )


def strike(
    *, submission: Submission, actor: str, reason: str, now: datetime
) -> Disqualification:
    """Strike off, answer its open challenges, and let the next in line move up.

    Runs in the caller's transaction.

    Raises:
        Conflict: it was struck off before, or its competition is over.
    """
    competition = Competition.objects.select_for_update().get(
        pk=submission.competition_id
    )
    steps.require("disqualify", competition, now)
    made, is_new = Disqualification.objects.get_or_create(
        submission=submission, defaults={"reason": reason, "actor": actor, "at": now}
    )
    if not is_new:
        raise Conflict(
            "disqualified_before",
            f"This entry was disqualified before: {made.reason}",
        )
    history.record(
        competition=competition,
        kind="disqualified",
        actor=actor,
        now=now,
        submission=str(submission.pk),
        reason=reason,
    )
    deposits.forfeit(submission=submission, now=now)
    for challenge in submission.challenges.filter(status=Challenge.Status.OPEN):
        answering.close(
            challenge=challenge, upheld=True, actor=actor, reason=reason, now=now
        )
    if competition.status == Competition.Status.PROVISIONAL:
        settling.award_again(competition=competition, now=now)
        duties.begin(competition=competition, now=now)
    return made
