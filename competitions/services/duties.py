"""What an entry owes before it is paid, and whether it has been met.

Three duties: its miner has accepted the rules, its terms still satisfy the licence
rule, and its private evaluation came out the same when it was repeated. The platform
repeats that evaluation itself, for every entry that earns, in the challenge window.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.db import transaction
from django.db.models import Max

from accounts.models import User
from assay.protocol import terms as udl
from assay.protocol.errors import Conflict
from competitions.models import (
    Award,
    Challenge,
    Competition,
    Evaluation,
    RulesAcceptance,
    Split,
    Submission,
)
from competitions.selectors import GAVE_UP
from competitions.services import evaluating, steps


class State(StrEnum):
    """How far a duty is; ``platform`` waits for us and costs nobody anything."""

    MET = "met"
    PENDING = "pending"
    PLATFORM = "platform"
    CHALLENGED = "challenged"
    FAILED = "failed"


@dataclass(frozen=True)
class Duty:
    """One duty of an entry that earns, in words for its page."""

    name: str
    state: State
    sentence: str


@transaction.atomic
def accept_rules(
    *, competition: Competition, person: User, rules_digest: str, now: datetime
) -> RulesAcceptance:
    """Take part under the rules as they were frozen; saying it twice is once.

    Raises:
        Conflict: the rules are not these (``rules_digest_differs``), or it is over.
    """
    steps.require("accept_rules", competition, now)
    if rules_digest != competition.rules_digest:
        raise Conflict(
            "rules_digest_differs",
            f"The rules of {competition.slug} have the digest "
            f"{competition.rules_digest}, not {rules_digest or 'none'}.",
            fix="Read them again on its page, then accept the digest shown there.",
            where="rules_digest",
        )
    acceptance, _ = RulesAcceptance.objects.get_or_create(
        competition=competition,
        person=person,
        rules_digest=rules_digest,
        defaults={"accepted_at": now},
    )
    return acceptance


def has_accepted(competition: Competition, person: User | None) -> bool:
    """Whether the person takes part under the rules as they are."""
    if person is None or not competition.rules_digest:
        return False
    return RulesAcceptance.objects.filter(
        competition=competition, person=person, rules_digest=competition.rules_digest
    ).exists()


def broken_use(
    competition: Competition, terms: udl.Terms, *, granted: date, on: date
) -> tuple[str, Sequence[str]] | None:
    """The first use that the licence rule asks for and the terms do not allow.

    Args:
        granted: the day on which the model was put under its terms.
        on: the day of the use.

    Returns:
        The use and the reasons; None when the terms satisfy the rule.
    """
    for use in competition.required_uses:
        decision = udl.decide(terms, udl.Use(use), on=on, granted=granted)
        if not decision.allowed:
            return use, decision.reasons
    return None


def duties_of(submission: Submission, *, now: datetime) -> list[Duty]:
    """All duties of an entry that earns."""
    return [
        _acceptance(submission, now),
        _licence(submission, now),
        _reproduction(submission),
    ]


def _acceptance(submission: Submission, now: datetime) -> Duty:
    competition = submission.competition
    if has_accepted(competition, submission.miner):
        return Duty("rules_accepted", State.MET, "Its miner has accepted the rules.")
    until = competition.provisional_until
    if until is None or now < until:
        return Duty(
            "rules_accepted",
            State.PENDING,
            "Its miner has yet to accept the rules, before the challenge window ends: "
            f"`assay competition rules accept {competition.slug}`.",
        )
    return Duty(
        "rules_accepted", State.FAILED, "Its miner has not accepted the rules in time."
    )


def _licence(submission: Submission, now: datetime) -> Duty:
    broken = broken_use(
        submission.competition,
        udl.read_tags(submission.model.terms).terms,
        granted=submission.created_at.date(),
        on=now.date(),
    )
    if broken is None:
        return Duty("licence_rule", State.MET, "Its terms satisfy the licence rule.")
    use, reasons = broken
    return Duty(
        "licence_rule",
        State.FAILED,
        f"Its terms do not allow {use} any more: {' '.join(reasons)}",
    )


def _reproduction(submission: Submission) -> Duty:
    name, repeat = "reproducible", own_repeat(submission)
    if repeat is None or is_pending(repeat):
        return Duty(name, State.PENDING, "Its private evaluation is being repeated.")
    if was_given_up(repeat):
        return Duty(
            name,
            State.PLATFORM,
            "The platform could not repeat its private evaluation yet; it tries again, "
            "and nobody loses by that.",
        )
    if came_out_the_same(repeat):
        return Duty(
            name, State.MET, "Repeated, its private evaluation gave the same outputs."
        )
    raised = Challenge.objects.filter(evaluation=repeat, challenger=None).first()
    if raised is not None and raised.status == Challenge.Status.DISMISSED:
        return Duty(name, State.MET, f"Staff has looked into it: {raised.reason}")
    return Duty(
        name,
        State.CHALLENGED,
        "Repeated, its private evaluation gave other outputs; staff decides.",
    )


def own_repeat(submission: Submission) -> Evaluation | None:
    """The repetition that every entry that earns goes through."""
    return submission.evaluations.filter(split=Split.Name.PRIVATE, repeat=1).first()


def is_pending(evaluation: Evaluation) -> bool:
    """Whether it is queued or running."""
    return evaluation.status in {Evaluation.Status.QUEUED, Evaluation.Status.LEASED}


def was_given_up(evaluation: Evaluation) -> bool:
    """Whether the platform failed to carry it out."""
    return (
        evaluation.status == Evaluation.Status.FAILED
        and evaluation.failure_code == GAVE_UP
    )


def counted(submission: Submission) -> Evaluation:
    """The private evaluation on which its place rests."""
    return submission.evaluations.get(
        split=Split.Name.PRIVATE, repeat=0, status=Evaluation.Status.SCORED
    )


def came_out_the_same(repeat: Evaluation) -> bool:
    """Whether a finished repetition has, bit for bit, the outputs that counted."""
    assert repeat.submission is not None
    return (
        repeat.status == Evaluation.Status.SCORED
        and repeat.outputs_digest == counted(repeat.submission).outputs_digest
    )


def repeat_private(submission: Submission, *, now: datetime) -> Evaluation:
    """Queue one more private evaluation of the entry, which is on no board."""
    last = submission.evaluations.filter(split=Split.Name.PRIVATE).aggregate(
        last=Max("repeat")
    )["last"]
    return evaluating.queue(
        competition=submission.competition,
        model=submission.model,
        split=Split.Name.PRIVATE,
        submission=submission,
        repeat=(last or 0) + 1,
        now=now,
    )


def begin(*, competition: Competition, now: datetime) -> None:
    """Have every award earner's private evaluation repeated that was not yet.

    Runs in the transaction that made the awards.
    """
    for award in awards_of(competition):
        if own_repeat(award.submission) is None:
            repeat_private(award.submission, now=now)


def awards_of(competition: Competition) -> list[Award]:
    """What is to be paid, best first."""
    return list(
        competition.awards.select_related(
            "submission__competition", "submission__miner", "submission__model"
        )
    )


def open_duties(competition: Competition, *, now: datetime) -> list[tuple[Award, Duty]]:
    """Duties for which settlement waits, with whose they are."""
    waiting = {State.PENDING, State.PLATFORM}
    return [
        (award, duty)
        for award in awards_of(competition)
        for duty in duties_of(award.submission, now=now)
        if duty.state in waiting
    ]


def failed_duty(
    competition: Competition, *, now: datetime
) -> tuple[Submission, Duty] | None:
    """The best-placed earner that has failed a duty; None when there is none."""
    for award in awards_of(competition):
        for duty in duties_of(award.submission, now=now):
            if duty.state is State.FAILED:
                return award.submission, duty
    return None
