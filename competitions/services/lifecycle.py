"""A competition's way from draft to settled: who may take a step, and what it does.

Which steps there are, and what each waits for, is ``assay.protocol.lifecycle``.
"""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from accounts.models import User
from assay.protocol.canonical import Json, digest
from assay.protocol.errors import Forbidden
from common import jobs
from competitions.models import Competition, Evaluation, Split
from competitions.permissions import can_manage
from competitions.services import (
    challenging,
    disqualifying,
    duties,
    evaluating,
    fees,
    history,
    settling,
    steps,
    waiting,
)

Status = Competition.Status


def _require_manager(actor: User, competition: Competition) -> None:
    if not can_manage(actor, competition):
        raise Forbidden(
            "not_the_sponsor", f"Only the sponsor of {competition.slug} may do this."
        )


@transaction.atomic
def open_competition(
    *, competition: Competition, actor: User, now: datetime
) -> Competition:
    """Freeze and hash the rules, and let miners in.

    Raises:
        Forbidden: the actor is not the sponsor.
        Conflict: it is not funded, has no baseline yet, or its deadline has passed.
    """
    _require_manager(actor, competition)
    competition = Competition.objects.select_for_update().get(pk=competition.pk)
    steps.require(
        "open", competition, now, baseline_ready=not _baseline_pending(competition)
    )
    rules = digest(rules_of(competition))
    history.transition(
        competition=competition,
        to=Status.OPEN,
        actor=actor.username,
        now=now,
        facts={"rules_digest": rules},
        opened_at=now,
        rules_digest=rules,
    )
    return competition


def _baseline_pending(competition: Competition) -> bool:
    scored = Evaluation.objects.filter(
        competition=competition, submission=None, status=Evaluation.Status.SCORED
    )
    return scored.count() < 2


def rules_of(competition: Competition) -> Json:
    """What is frozen at opening: everything that decides who earns what."""
    splits = {
        split.name: {"inputs": split.inputs_id, "answers": split.answers_id}
        for split in competition.splits.all()
    }
    stated = competition.data_licence
    return {
        **({"data_licence": stated} if stated else {}),
        "slug": competition.slug,
        "task_type": competition.task_type,
        "task_options": competition.task_options,
        "metric": competition.metric,
        "base_model": competition.base_model.manifest_digest,
        "splits": splits,
        "prize_rule": competition.prize_rule,
        "prize_options": competition.prize_options,
        "margin": repr(competition.margin),
        "board_step": repr(competition.board_step),
        "required_uses": competition.required_uses,
        "minimum_stake": str(competition.minimum_stake),
        "challenge_seconds": int(competition.challenge_window.total_seconds()),
        "daily_submissions": competition.daily_submissions,
        "daily_failures": competition.daily_failures,
        "max_bytes": competition.max_bytes,
        "max_memory": competition.max_memory,
        "max_seconds": competition.max_seconds,
        "economics": fees.rules_of(competition),
    }


@transaction.atomic
def move_deadline(
    *, competition: Competition, actor: User, deadline: datetime, now: datetime
) -> Competition:
    """Extend; bringing it forward is for rehearsals, where a setting allows it.

    A moment that has passed means now.

    Raises:
        Forbidden: the actor is not the sponsor.
        Conflict: submissions are closed.
        Invalid: the new deadline is earlier, where that is not allowed.
    """
    _require_manager(actor, competition)
    competition = Competition.objects.select_for_update().get(pk=competition.pk)
    steps.require(
        "move_deadline",
        competition,
        now,
        wanted_deadline=deadline,
        may_shorten=settings.DEADLINE_MAY_SHORTEN,
    )
    deadline = max(deadline, now)
    history.record(
        competition=competition,
        kind="deadline_moved",
        actor=actor.username,
        now=now,
        before=competition.deadline.isoformat(),
        after=deadline.isoformat(),
    )
    competition.deadline = deadline
    competition.save(update_fields=["deadline"])
    jobs.enqueue("competitions.advance", competition_id=str(competition.pk))
    return competition


@transaction.atomic
def cancel(*, competition: Competition, actor: User, now: datetime) -> Competition:
    """End it before anyone has submitted; every stake goes back whole.

    Raises:
        Forbidden: the actor is not the sponsor.
        Conflict: miners have submitted, or it is over.
    """
    _require_manager(actor, competition)
    competition = Competition.objects.select_for_update().get(pk=competition.pk)
    steps.require(
        "cancel", competition, now, has_submissions=competition.submissions.exists()
    )
    settling.refund_all(competition=competition, actor=actor.username, now=now)
    return competition


def _locked(competition: Competition) -> Competition:
    """The competition as it is now: its deadline may have moved since it was read."""
    return Competition.objects.select_for_update().get(pk=competition.pk)


def advance(*, competition: Competition, now: datetime) -> None:
    """Carry the competition as far as it can go at this moment."""
    while True:
        before = competition.status
        step = STEPS.get(Status(before))
        if step is not None:
            step(competition, now)
            competition.refresh_from_db()
        if competition.status == before:
            return


@transaction.atomic
def _expire(competition: Competition, now: datetime) -> None:
    competition = _locked(competition)
    if steps.can("expire", competition, now):
        settling.refund_all(competition=competition, actor="platform", now=now)


@transaction.atomic
def _close(competition: Competition, now: datetime) -> None:
    competition = _locked(competition)
    if steps.can("close", competition, now):
        history.transition(
            competition=competition, to=Status.CLOSED, actor="platform", now=now
        )


@transaction.atomic
def _judge(competition: Competition, now: datetime) -> None:
    competition = _locked(competition)
    if competition.status != Status.CLOSED:
        return
    if not steps.can("judge", competition, now, **waiting.scores(competition)):
        return
    finalists = settling.finalists(competition)
    facts: dict[str, Json] = {"finalists": [str(entry.id) for entry in finalists]}
    if not history.transition(
        competition=competition,
        to=Status.JUDGING,
        actor="platform",
        now=now,
        facts=facts,
    ):
        return
    for entry in finalists:
        evaluating.queue(
            competition=competition,
            model=entry.model,
            split=Split.Name.PRIVATE,
            submission=entry,
            now=now,
        )


@transaction.atomic
def _award(competition: Competition, now: datetime) -> None:
    competition = _locked(competition)
    if competition.status != Status.JUDGING:
        return
    if not steps.can("award", competition, now, **waiting.scores(competition)):
        return
    if settling.award(competition=competition, now=now):
        duties.begin(competition=competition, now=now)


@transaction.atomic
def _settle(competition: Competition, now: datetime) -> None:
    """Look at repeated evaluations; when the window is over, pay what nothing holds up.

    Challenges, decisions and this wait for one another by the competition's lock.
    """
    competition = _locked(competition)
    if competition.status != Status.PROVISIONAL:
        return
    # Awards that an older version made have no repetition on its way.
    duties.begin(competition=competition, now=now)
    challenging.review(competition=competition, now=now)
    if not steps.can("settle", competition, now):
        return
    failed = duties.failed_duty(competition, now=now)
    if failed is not None:
        entry, duty = failed
        disqualifying.strike(
            submission=entry, actor="platform", reason=duty.sentence, now=now
        )
        jobs.enqueue("competitions.advance", competition_id=str(competition.pk))
        return
    holding = waiting.settlement(competition, now=now)
    if steps.can("settle", competition, now, **holding):
        settling.settle(competition=competition, now=now)


STEPS = {
    Status.DRAFT: _expire,
    Status.FUNDED: _expire,
    Status.OPEN: _close,
    Status.CLOSED: _judge,
    Status.JUDGING: _award,
    Status.PROVISIONAL: _settle,
}


def due(now: datetime) -> list[Competition]:
    """Competitions that the clock may move, at most 100 of them.

    In no order: a hundred that wait for their scores must not hide the next one.
    """
    waiting = Competition.objects.filter(
        Q(status__in=[Status.DRAFT, Status.FUNDED, Status.OPEN], deadline__lte=now)
        | Q(status__in=[Status.CLOSED, Status.JUDGING])
        | Q(status=Status.PROVISIONAL, provisional_until__lte=now)
    )
    return list(waiting.order_by("?")[:100])
