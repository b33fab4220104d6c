"""Competitions: the list, and the tabs of one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from assay.protocol import prizes
from assay.protocol.benchmarks import TASK_TYPES
from assay.protocol.errors import Conflict
from assay.protocol.lifecycle import UNTIL_OPENED
from common.clock import database_now as now
from common.paging import keyset
from competitions import contests, permissions, selectors
from competitions.models import Competition
from competitions.services import (
    budget,
    deposits,
    duties,
    fees,
    foretelling,
    parentage,
    submitting,
    waiting,
)
from ledger.wallets import platform_asset
from web import boards, questions
from web.access import PersonRequest, person, public, viewer
from web.forms.entries import TermsPreviewForm

STATUSES = ("funded", "open", "judging", "provisional", "settled", "cancelled")
PAGE_SIZE, LONG_PAGE = 20, 100


@public
@require_safe
def competition_list(request: HttpRequest) -> HttpResponse:
    """Search and filter what the viewer may see."""
    query = request.GET.get("query", "").strip()
    status = request.GET.get("status", "")
    page = selectors.visible_competitions(
        viewer=viewer(request),
        query=query,
        status=status if status in Competition.Status else "",
        cursor=request.GET.get("cursor"),
        limit=PAGE_SIZE,
    )
    context = {
        "page": page,
        "entries": entries_of(page.items),
        "asset": platform_asset(),
        "query": query,
        "status": status,
        "statuses": STATUSES,
    }
    return render(request, "web/competitions/list.html", context)


def entries_of(competitions: Sequence[Competition]) -> list[tuple[Competition, int]]:
    """Each competition with what is staked on it."""
    staked = selectors.staked_in(competitions)
    return [(competition, staked[competition.pk]) for competition in competitions]


def frame(request: HttpRequest, slug: str, tab: str) -> dict[str, Any]:
    """What every page of one competition shows around its tab."""
    person_or_none, at = viewer(request), now()
    competition = selectors.competition_by_slug(slug=slug, viewer=person_or_none)
    staked = selectors.staked(competition)
    return {
        "competition": competition,
        "asset": competition.asset,
        "staked": staked,
        "missing_stake": max(0, competition.minimum_stake - staked),
        "manages": permissions.can_manage(person_or_none, competition),
        "accepts": competition.accepts_submissions(at),
        "stakeable": competition.status in {"draft", "funded", "open"},
        "waits_for": waiting.in_words(competition, now=at),
        "tab": tab,
        "now": at,
        "api_root": settings.PUBLIC_URL,
    }


@public
@require_safe
def overview(request: HttpRequest, slug: str) -> HttpResponse:
    """What it asks for, its rules, and the sponsor's next step."""
    context = frame(request, slug, "overview")
    competition = context["competition"]
    context |= {
        "prize_rule": prizes.describe(
            competition.prize_rule, competition.prize_options
        ),
        "hill": contests.hill(competition, now=context["now"]),
        "task_type": TASK_TYPES[competition.task_type].title,
        "baseline": questions.baseline_evaluations(competition),
        "moved": questions.deadline_moves(competition),
        "fee": fees.percent(competition.fee_points),
        "part": fees.percent(competition.budget_points),
    }
    return render(request, "web/competitions/overview.html", context)


@public
@require_safe
def data(request: HttpRequest, slug: str) -> HttpResponse:
    """Splits, their sizes, and the files that anyone may fetch."""
    context = frame(request, slug, "data")
    competition = context["competition"]
    context |= {
        "splits": competition.splits.order_by("pk"),
        "attachments": competition.attachments.select_related("blob"),
        "may_fetch": permissions.can_fetch_data(viewer(request), competition),
        "fields": TASK_TYPES[competition.task_type].fields,
    }
    return render(request, "web/competitions/data.html", context)


@public
@require_safe
def leaderboard(request: HttpRequest, slug: str) -> HttpResponse:
    """Ranks with intervals, and the baseline in its place."""
    context = frame(request, slug, "leaderboard")
    board = selectors.leaderboard(
        competition=context["competition"],
        viewer=viewer(request),
        now=context["now"],
    )
    context |= {
        "board": board,
        "lines": boards.lines(board),
        "struck": board.struck,
    }
    return render(request, "web/competitions/leaderboard.html", context)


@public
@require_safe
def power(request: HttpRequest, slug: str) -> HttpResponse:
    """What the benchmark can tell apart, once the baseline is known."""
    context = frame(request, slug, "power")
    try:
        context["power"] = foretelling.foretell(competition=context["competition"])
    except Conflict as pending:
        context["pending"] = pending
    return render(request, "web/competitions/power.html", context)


@person
@require_safe
def my_submissions(request: PersonRequest, slug: str) -> HttpResponse:
    """The viewer's own entries, what is left of the quota, and how to submit."""
    context = frame(request, slug, "submissions")
    competition = context["competition"]
    context |= {
        "page": selectors.submissions_of(
            miner=request.user,
            competition=competition,
            cursor=request.GET.get("cursor"),
            limit=PAGE_SIZE,
        ),
        "accepted": duties.has_accepted(competition, request.user),
        "offer": deposits.offer_to(
            competition=competition, miner=request.user, now=context["now"]
        ),
        "paused": budget.is_paused(competition, budget.budget_of(competition)),
        "quota": submitting.quota(
            competition=competition, miner=request.user, now=context["now"]
        ),
        **terms_preview(request, competition, context["now"]),
    }
    return render(request, "web/competitions/submissions.html", context)


def terms_preview(
    request: PersonRequest, competition: Competition, at: datetime
) -> dict[str, Any]:
    """What an entry's terms may say, as asked for in the address; before upload."""
    form = TermsPreviewForm(request.GET if "terms" in request.GET else None)
    asked = form.cleaned_data if form.is_bound and form.is_valid() else {}
    found = None
    with form.refusing():
        found = parentage.preview(
            miner=request.user,
            competition=competition,
            kind="full",
            parents=asked.get("parents", []),
            terms=asked.get("terms"),
            now=at,
        )
    return {"form": form, "preview": found, "asked": asked}


@public
@require_safe
def stakes(request: HttpRequest, slug: str) -> HttpResponse:
    """Who staked what, and what came back."""
    context = frame(request, slug, "stakes")
    context["withdrawable"] = context["competition"].status in UNTIL_OPENED
    context["page"] = keyset(
        context["competition"].stakes.select_related("staker"),
        cursor=request.GET.get("cursor"),
        limit=LONG_PAGE,
        order=["created_at", "id"],
    )
    return render(request, "web/competitions/stakes.html", context)


@public
@require_safe
def history(request: HttpRequest, slug: str) -> HttpResponse:
    """Every public event, each chained to the one before."""
    context = frame(request, slug, "history")
    context["page"] = keyset(
        context["competition"].history.all(),
        cursor=request.GET.get("cursor"),
        limit=LONG_PAGE,
        order=["number"],
    )
    return render(request, "web/competitions/history.html", context)
