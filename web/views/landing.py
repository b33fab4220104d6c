"""The first page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from competitions import selectors
from competitions.models import Competition
from ledger import chain
from ledger.wallets import platform_asset
from web.access import public, viewer
from web.views.competitions import entries_of


@public
@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """What this is, what is going on, and where each role begins."""
    current = selectors.visible_competitions(
        viewer=viewer(request), status=Competition.Status.OPEN, limit=3
    )
    context = {
        "figures": selectors.live_figures(),
        "entries": entries_of(current.items),
        "asset": platform_asset(),
        "ledger_head": chain.head(),
    }
    return render(request, "web/landing.html", context)
