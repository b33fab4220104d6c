"""One submission: how far it is, what it scored, and what it is made of."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from common.clock import now
from competitions import permissions, selectors
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
    context = {
        "submission": entry,
        "competition": entry.competition,
        "model": model,
        "evaluations": evaluations,
        "failures": [e for e in evaluations if e.status == "failed"],
        "steps": steps_of(entry, evaluations, rank=rank),
        "rank": rank,
        "award": getattr(entry, "award", None),
        "dues": getattr(entry, "dues", None),
        "asset": entry.competition.asset,
        "is_mine": person_or_none == entry.miner,
        "contributors": model.contributors.select_related("user"),
        "parents": model.parents.select_related("parent__owner"),
        "now": at,
    }
    if permissions.can_see_submission_files(person_or_none, entry):
        context["files"] = model.files.select_related("blob")
    return render(request, "web/submission.html", context)
