"""A draft that its sponsor changes before it opens."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from assay.protocol.canonical import Json
from assay.protocol.errors import Forbidden, Invalid
from competitions.models import Competition, Evaluation
from competitions.permissions import can_manage
from competitions.services import (
    drafting,
    escrow,
    evaluating,
    history,
    lifecycle,
    steps,
)
from competitions.specification import CompetitionSpec

SUPERSEDED = "draft_revised"
MEASURED_BY = frozenset(
    {"task_type", "task_options", "metric", "base_model", "splits", "max_seconds"}
)
"""The rules without which the base model need not be scored again."""


def revise_competition(
    *, competition: Competition, actor: User, spec: CompetitionSpec, now: datetime
) -> Competition:
    """Replace all that a draft says, until it opens; the same again changes nothing.

    What is staked stays; whoever dislikes the change can still withdraw. The base
    model is scored again where its score may differ.

    Raises:
        Forbidden: the actor is not the sponsor.
        Conflict: it has opened, or is over.
        Invalid: a field, an option or a row breaks a rule, or the slug is another.
    """
    if not can_manage(actor, competition):
        raise Forbidden(
            "not_the_sponsor", f"Only the sponsor of {competition.slug} may do this."
        )
    if spec.slug != competition.slug:
        raise Invalid(
            "slug_fixed",
            f"{competition.slug} cannot be renamed to {spec.slug}.",
            fix="Create another competition.",
            where="slug",
        )
    read = drafting.read_spec(actor, spec, now=now)
    with transaction.atomic():
        competition = Competition.objects.select_for_update().get(pk=competition.pk)
        steps.require("revise", competition, now)
        before = _told(competition)
        for name, value in drafting.columns(read).items():
            setattr(competition, name, value)
        drafting.check_columns(competition)
        competition.save()
        drafting.attach_files(competition, read)
        changed = _changed(before, _told(competition))
        if changed:
            _follow(competition, actor, changed, now=now)
    return competition


def _told(competition: Competition) -> dict[str, Any]:
    """Everything that people or rules read of it."""
    rules: Json = lifecycle.rules_of(competition)
    assert isinstance(rules, dict)
    files = competition.attachments.values_list("path", "blob_id")
    return {
        **rules,
        "title": competition.title,
        "summary": competition.summary,
        "description": competition.description,
        "deadline": competition.deadline,
        "attachments": sorted(files),
    }


def _changed(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    return sorted(name for name in after if before[name] != after[name])


def _follow(
    competition: Competition, actor: User, changed: list[str], *, now: datetime
) -> None:
    history.record(
        competition=competition,
        kind="revised",
        actor=actor.username,
        now=now,
        changed=list(changed),
    )
    if MEASURED_BY & set(changed):
        _measure_again(competition, now=now)
    escrow.follow_funding(competition=competition, actor=actor.username, now=now)


def _measure_again(competition: Competition, *, now: datetime) -> None:
    """Scores of what the draft was count no more; a worker at it loses its lease."""
    ended = [Evaluation.Status.FAILED, Evaluation.Status.CANCELLED]
    Evaluation.objects.filter(competition=competition, submission=None).exclude(
        status__in=ended
    ).update(
        status=Evaluation.Status.CANCELLED,
        failure_code=SUPERSEDED,
        failure_sentence="The draft was revised, and is measured again.",
        lease=None,
        leased_until=None,
        finished_at=now,
    )
    evaluating.queue_baseline(competition=competition, now=now)
