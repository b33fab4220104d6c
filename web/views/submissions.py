"""One submission: how far it is, what it scored, and what it is made of."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from catalogue.selectors import resemblances_of, weights_states
from common.clock import database_now as now
from competitions import permissions, selectors
from competitions.models import Submission
from competitions.services import duties, steps
from web.access import public, viewer
from web.timelines import steps_of


@public
@require_safe
def submission(request: HttpRequest, submission_id: str) -> HttpResponse:
    """Status, evaluations, failure and, for those who may, files and terms."""
    person_or_none, at = viewer(request), now()
    entry = selectors.submission_by_id(
        submission_id=str(submission_id), viewer=person_or_none
    )
    evaluations = selectors.shown_evaluations(entry)
    rank = selectors.rank_of(submission=entry, now=at)
    model = entry.model
    context: dict[str, Any] = {
        "submission": entry,
        "competition": entry.competition,
        "model": model,
        "evaluations": evaluations,
        "failures": [e for e in evaluations if e.status == "failed"],
        "has_receipt": any(hasattr(e, "receipt") for e in evaluations),
        "steps": steps_of(entry, evaluations, rank=rank),
        "rank": rank,
        "award": getattr(entry, "award", None),
        "dues": getattr(entry, "dues", None),
        "asset": entry.competition.asset,
        "is_mine": person_or_none == entry.miner,
        "contributors": model.contributors.select_related("user"),
        "parents": model.parents.select_related("parent__owner"),
        "resemblances": resemblances_of(model),
        "weights": weights_states([model.pk]).get(model.pk, "none"),
        "externals": model.external_parents.select_related("external"),
        "now": at,
    }
    context |= _claims(person_or_none, entry, at)
    if permissions.can_see_submission_files(person_or_none, entry):
        context["files"] = model.files.select_related("blob")
    return render(request, "web/submission.html", context)


def _claims(person: User | None, entry: Submission, at: datetime) -> dict[str, Any]:
    """What it owes before it is paid, and what the viewer may do about it."""
    earns = getattr(entry, "award", None) is not None
    struck = getattr(entry, "disqualification", None)
    return {
        "struck": struck,
        "duties": duties.duties_of(entry, now=at) if earns else [],
        "can_challenge": earns
        and steps.can("challenge", entry.competition, at)
        and permissions.can_challenge(person, entry),
        "can_disqualify": struck is None
        and steps.can("disqualify", entry.competition, at)
        and permissions.can_judge(person, entry.competition),
    }
