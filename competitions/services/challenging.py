"""Challenges of awarded entries: raised, checked by repetition, decided by staff."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from accounts.models import User
from assay.protocol.canonical import Json
from assay.protocol.errors import Conflict, Forbidden, Invalid, LimitReached
from assay.protocol.money import parse_amount
from common import jobs
from competitions.models import Challenge, Competition, Evaluation, Submission
from competitions.permissions import can_challenge
from competitions.services import (
    answering,
    differing,
    disqualifying,
    duties,
    history,
    steps,
)
from competitions.services.reasons import read_reason
from ledger import holds
from ledger.wallets import platform_asset, wallet

PER_PERSON = 3


@dataclass(frozen=True)
class Objection:
    """What a challenger says, and the key by which it is sent once."""

    kind: str
    grounds: str
    key: str


def deposit() -> int:
    """Base units that a challenger puts down."""
    return parse_amount(settings.CHALLENGE_DEPOSIT, platform_asset())


@transaction.atomic
def raise_challenge(
    *, submission: Submission, challenger: User, objection: Objection, now: datetime
) -> Challenge:
    """Object to an entry that is to be paid; settlement then waits.

    The deposit is held on the challenger's wallet. The same key again is the same
    challenge.

    Raises:
        Forbidden: the challenger has no part in the competition, or made the entry.
        Conflict: the challenge window is not open, the entry earns nothing, or they
            have an open challenge of it.
        LimitReached: they have raised all the challenges that one may.
        Invalid: kind or grounds cannot be.
        InsufficientFunds: the wallet has less to spend than the deposit.
    """
    kind = _read_kind(objection.kind)
    grounds = read_reason(objection.grounds, where="grounds")
    competition = Competition.objects.select_for_update().get(
        pk=submission.competition_id
    )
    known = Challenge.objects.filter(
        challenger=challenger, competition=competition, key=objection.key
    ).first()
    if known is not None:
        return _same(known, submission, kind)
    steps.require("challenge", competition, now)
    _require_standing(challenger, submission)
    _require_room(competition, submission, challenger)
    repeat = None
    if kind == Challenge.Kind.IRREPRODUCIBLE:
        repeat = duties.repeat_private(submission, now=now)
    hold = _hold_deposit(competition, challenger, key=objection.key, now=now)
    made = Challenge.objects.create(
        competition=competition,
        submission=submission,
        challenger=challenger,
        kind=kind,
        grounds=grounds,
        key=objection.key,
        deposit=hold.amount if hold else 0,
        hold=hold,
        evaluation=repeat,
        created_at=now,
    )
    _record(made, now=now)
    return made


def _record(made: Challenge, *, now: datetime) -> None:
    history.record(
        competition=made.competition,
        kind="challenged",
        actor=made.challenger_handle,
        now=now,
        **made.public_facts,
        grounds=made.grounds,
    )


def _read_kind(kind: str) -> str:
    if kind not in Challenge.Kind.values:
        raise Invalid(
            "challenge_kind_unknown",
            f"There is no kind of challenge {kind!r}.",
            fix=f"Use one of: {', '.join(Challenge.Kind.values)}.",
            where="kind",
        )
    return kind


def _require_standing(challenger: User, submission: Submission) -> None:
    if not can_challenge(challenger, submission):
        raise Forbidden(
            "no_standing",
            "Challenges are for the sponsor, the stakers and the other miners of "
            f"{submission.competition.slug}.",
            fix="Tell one of them, or the platform's staff, what you have found.",
        )


def _same(known: Challenge, submission: Submission, kind: str) -> Challenge:
    if known.submission_id != submission.pk or known.kind != kind:
        raise Conflict(
            "idempotency_key_reused",
            "This key was used for another challenge.",
            fix="Use a new key for a new challenge.",
        )
    return known


def _require_room(
    competition: Competition, submission: Submission, challenger: User
) -> None:
    if not competition.awards.filter(submission=submission).exists():
        raise Conflict(
            "entry_not_awarded",
            "This entry earns nothing, so there is nothing to challenge.",
            fix="Challenge one that the board shows with a prize.",
        )
    mine = Challenge.objects.filter(challenger=challenger, competition=competition)
    if mine.filter(submission=submission, status=Challenge.Status.OPEN).exists():
        raise Conflict(
            "challenge_open_already",
            "Your challenge of this entry is not decided yet.",
            fix="Wait for its decision.",
        )
    if mine.count() >= PER_PERSON:
        raise LimitReached(
            "challenge_limit",
            f"You have raised {PER_PERSON} challenges here, as many as one may.",
            fix="Tell the platform's staff what else you have found.",
        )


def _hold_deposit(
    competition: Competition, challenger: User, *, key: str, now: datetime
) -> holds.Hold | None:
    amount = deposit()
    if not amount:
        return None
    return holds.hold(
        caller=challenger.owner_key,
        key=f"challenge:{competition.pk}:{key}",
        account=wallet(challenger),
        amount=amount,
        reference=competition.owner_key,
        memo=f"Deposit for a challenge in {competition.slug}",
        expires_at=None,
        now=now,
    )


@transaction.atomic
def decide(
    *, challenge: Challenge, actor: User, upheld: bool, reason: str, now: datetime
) -> Challenge:
    """Staff decides: upheld disqualifies the entry, dismissed takes the deposit.

    Raises:
        Forbidden: the actor is not staff, or has a part in the competition.
        Conflict: it was decided before.
        Invalid: there is no reason, or it is too long.
    """
    disqualifying.require_judge(actor, challenge.competition)
    reason = read_reason(reason, where="reason")
    # Whoever decides, reviews or settles waits here for the other.
    Competition.objects.select_for_update().get(pk=challenge.competition_id)
    challenge.refresh_from_db()
    if challenge.status != Challenge.Status.OPEN:
        raise Conflict(
            "challenge_decided",
            f"This challenge was {challenge.status} by {challenge.decided_by}.",
        )
    if upheld:
        disqualifying.strike(
            submission=challenge.submission,
            actor=actor.username,
            reason=reason,
            now=now,
        )
    else:
        answering.close(
            challenge=challenge,
            upheld=False,
            actor=actor.username,
            reason=reason,
            now=now,
        )
    jobs.enqueue("competitions.advance", competition_id=str(challenge.competition_id))
    challenge.refresh_from_db()
    return challenge


@transaction.atomic
def review(*, competition: Competition, now: datetime) -> None:
    """Take note of every repeated evaluation that is done; running it twice is once.

    One that differs becomes a challenge by the platform. A challenge that was raised
    for it is dismissed when the outputs are the same, and left to staff, with the
    evidence, when they are not.
    """
    Competition.objects.select_for_update().get(pk=competition.pk)
    undecided = competition.challenges.select_related(
        "evaluation__submission", "competition", "submission__model"
    )
    for challenge in undecided.filter(
        status=Challenge.Status.OPEN,
        kind=Challenge.Kind.IRREPRODUCIBLE,
        challenger__isnull=False,
        evidence={},
    ):
        _compare(challenge, now=now)
    for award in duties.awards_of(competition):
        repeat = duties.own_repeat(award.submission)
        if repeat is not None and _has_differed(repeat):
            _raise_ourselves(award.submission, repeat, now=now)


def _is_known(repeat: Evaluation) -> bool:
    return not duties.is_pending(repeat) and not duties.was_given_up(repeat)


def _has_differed(repeat: Evaluation) -> bool:
    return _is_known(repeat) and not duties.came_out_the_same(repeat)


def _compare(challenge: Challenge, *, now: datetime) -> None:
    repeat = challenge.evaluation
    if repeat is None or not _is_known(repeat):
        return
    if duties.came_out_the_same(repeat):
        answering.close(
            challenge=challenge,
            upheld=False,
            actor="platform",
            reason="Repeated once more, its private evaluation gave the same outputs.",
            now=now,
        )
        return
    challenge.evidence = evidence_of(repeat)
    challenge.save(update_fields=["evidence"])
    history.record(
        competition=challenge.competition,
        kind="challenge_evidence",
        actor="platform",
        now=now,
        **challenge.public_facts,
        **challenge.evidence,
    )


def evidence_of(repeat: Evaluation) -> dict[str, Json]:
    """Both evaluations side by side, for whoever decides."""
    assert repeat.submission is not None
    first = duties.counted(repeat.submission)
    return {
        "outputs_digest": first.outputs_digest,
        "repeated_outputs_digest": repeat.outputs_digest,
        "engine_version": first.engine_version,
        "repeated_engine_version": repeat.engine_version,
        "score": repr(first.score),
        "repeated_score": repr(repeat.score),
        "repeat_failed": repeat.failure_sentence if repeat.score is None else "",
        "evaluator": _operator(first),
        "repeated_evaluator": _operator(repeat),
        **differing.difference_of(first, repeat),
    }


def _operator(evaluation: Evaluation) -> str:
    return evaluation.evaluator.username if evaluation.evaluator else ""


def _raise_ourselves(
    submission: Submission, repeat: Evaluation, *, now: datetime
) -> None:
    made, is_new = Challenge.objects.get_or_create(
        evaluation=repeat,
        challenger=None,
        defaults={
            "competition": submission.competition,
            "submission": submission,
            "kind": Challenge.Kind.IRREPRODUCIBLE,
            "grounds": "Repeated by the platform, its private evaluation gave other "
            "outputs than the ones that counted.",
            "evidence": evidence_of(repeat),
            "created_at": now,
        },
    )
    if is_new:
        _record(made, now=now)
