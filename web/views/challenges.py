"""Accepting rules, challenging entries, and what staff decides about them."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from catalogue.selectors import resemblances_of
from common.clock import database_now as now
from competitions import permissions, selectors
from competitions.models import Challenge, Submission
from competitions.services import challenging, disqualifying, duties
from ledger.wallets import platform_asset
from web.access import PersonRequest, person, public, staff, viewer
from web.forms.challenges import (
    ChallengeForm,
    DecisionForm,
    ReasonForm,
    grounds_of,
)
from web.forms.sponsoring import ConfirmForm
from web.views.competitions import LONG_PAGE, frame


@public
@require_safe
def challenges(request: HttpRequest, slug: str) -> HttpResponse:
    """Every challenge of this competition's entries, and entries struck off."""
    context = frame(request, slug, "challenges")
    context |= {
        "page": selectors.challenges(
            competition=context["competition"],
            cursor=request.GET.get("cursor"),
            limit=LONG_PAGE,
        ),
        "struck": selectors.struck(context["competition"]),
    }
    return render(request, "web/competitions/challenges.html", context)


@person
@require_http_methods(["GET", "POST"])
def accept_rules(request: PersonRequest, slug: str) -> HttpResponse:
    """Take part under the frozen rules; the digest that was shown is what counts."""
    context = frame(request, slug, "submissions")
    competition = context["competition"]
    form = ConfirmForm.of(request)
    if form.is_bound and form.is_valid():
        with form.refusing():
            duties.accept_rules(
                competition=competition,
                person=request.user,
                rules_digest=request.POST.get("rules_digest", ""),
                now=context["now"],
            )
            messages.success(request, "You take part under these rules.")
            return redirect("competition-submissions", slug=slug)
    context |= {
        "form": form,
        "accepted": duties.has_accepted(competition, request.user),
    }
    return render(request, "web/competitions/accept.html", context, status=form.status)


@person
@require_http_methods(["GET", "POST"])
def raise_challenge(request: PersonRequest, submission_id: str) -> HttpResponse:
    """Object to an entry that is to be paid, with a deposit."""
    entry = _entry(request, submission_id)
    form = ChallengeForm.of(request, initial=_flagged(entry, request))
    if form.is_bound and form.is_valid():
        with form.refusing():
            made = challenging.raise_challenge(
                submission=entry,
                challenger=request.user,
                objection=challenging.Objection(**form.cleaned_data),
                now=now(),
            )
            messages.success(
                request, "The challenge is public, and settlement waits for it."
            )
            return redirect("challenge", challenge_id=made.pk)
    context = {
        "submission": entry,
        "form": form,
        "deposit": challenging.deposit(),
        "asset": platform_asset(),
    }
    return render(request, "web/challenges/raise.html", context, status=form.status)


def _flagged(entry: Submission, request: HttpRequest) -> dict[str, str]:
    """What to object to, said beforehand for whoever comes from a flag."""
    asked = request.GET.get("flag", "")
    for flag in resemblances_of(entry.model):
        if str(flag.pk) == asked:
            return {
                "kind": Challenge.Kind.COPIED_WEIGHTS,
                "grounds": grounds_of(flag),
            }
    return {}


@public
@require_safe
def challenge(request: HttpRequest, challenge_id: str) -> HttpResponse:
    """One challenge with its grounds, its evidence and its decision."""
    found = _challenge(request, challenge_id)
    context = {
        "challenge": found,
        "asset": found.competition.asset,
        "can_judge": permissions.can_judge(viewer(request), found.competition),
    }
    return render(request, "web/challenges/challenge.html", context)


@staff
@require_http_methods(["GET", "POST"])
def decide(request: PersonRequest, challenge_id: str) -> HttpResponse:
    """Uphold or dismiss a challenge."""
    found = _challenge(request, challenge_id)
    form = DecisionForm.of(request)
    if form.is_bound and form.is_valid():
        with form.refusing():
            challenging.decide(
                challenge=found,
                actor=request.user,
                upheld=form.cleaned_data["decision"] == "upheld",
                reason=form.cleaned_data["reason"],
                now=now(),
            )
            messages.success(request, "It is decided, and the history says so.")
            return redirect("challenge", challenge_id=challenge_id)
    context = {"challenge": found, "asset": found.competition.asset, "form": form}
    return render(request, "web/challenges/decide.html", context, status=form.status)


@staff
@require_http_methods(["GET", "POST"])
def disqualify(request: PersonRequest, submission_id: str) -> HttpResponse:
    """Strike an entry off the board."""
    entry = _entry(request, submission_id)
    form = ReasonForm.of(request)
    if form.is_bound and form.is_valid():
        with form.refusing():
            disqualifying.disqualify(
                submission=entry,
                actor=request.user,
                reason=form.cleaned_data["reason"],
                now=now(),
            )
            messages.success(request, "The entry is disqualified.")
            return redirect("submission", submission_id=submission_id)
    context: dict[str, Any] = {"submission": entry, "form": form}
    return render(
        request, "web/challenges/disqualify.html", context, status=form.status
    )


@staff
@require_safe
def undecided(request: PersonRequest) -> HttpResponse:
    """What staff has yet to decide, and how long it has been waiting."""
    at = now()
    page = selectors.challenges(cursor=request.GET.get("cursor"), limit=LONG_PAGE)
    context = {
        "page": page,
        "ages": [(row, at - row.created_at) for row in page.items],
        "given_up": selectors.given_up(),
    }
    return render(request, "web/challenges/undecided.html", context)


def _entry(request: PersonRequest, submission_id: str) -> Submission:
    return selectors.submission_by_id(
        submission_id=str(submission_id), viewer=request.user
    )


def _challenge(request: HttpRequest, challenge_id: str) -> Challenge:
    return selectors.challenge_by_id(
        challenge_id=str(challenge_id), viewer=viewer(request)
    )
