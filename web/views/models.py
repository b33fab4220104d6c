"""The catalogue, one model's page, and asking for a price."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from assay.protocol.terms import Use
from catalogue import selectors
from catalogue.models import Model
from common.clock import now
from competitions.selectors import shown_evaluations
from ledger.wallets import platform_asset
from royalties import services
from royalties.services.metering import tariff_of
from web.access import PersonRequest, person, public, staff, viewer
from web.drawings import draw
from web.forms.catalogue import CatalogueForm
from web.forms.licences import QuoteForm

PAGE_SIZE = 20


@public
@require_safe
def model_list(request: HttpRequest) -> HttpResponse:
    """Published models, by search."""
    form = CatalogueForm(
        request.GET,
        asset=platform_asset(),
        tasks=selectors.tasks(),
        bases=selectors.bases(),
    )
    wanted = form.wanted()
    page = selectors.published(
        wanted=wanted, cursor=request.GET.get("cursor"), limit=PAGE_SIZE
    )
    asked = request.GET.copy()
    asked.pop("cursor", None)
    context = {
        "page": page,
        "form": form,
        "is_narrowed": wanted != selectors.Wanted(sort=wanted.sort),
        "kept": asked.urlencode(),
        "now": now(),
    }
    return render(request, "web/models/list.html", context)


@public
@require_safe
def model(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    """Terms, makers, lineage, files, and the way to a licence."""
    found = selectors.model_by_reference(
        reference=f"{owner}/{name}", viewer=viewer(request)
    )
    return _model_page(request, found, QuoteForm(initial={"use": Use.COMMERCIAL}))


@public
@require_safe
def children(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    """All that was derived from a model."""
    found = selectors.model_by_reference(
        reference=f"{owner}/{name}", viewer=viewer(request)
    )
    page = selectors.children(
        found,
        viewer(request),
        cursor=request.GET.get("cursor"),
        limit=PAGE_SIZE,
    )
    context = {"model": found, "page": page}
    return render(request, "web/models/children.html", context)


@staff
@require_safe
def flags(request: PersonRequest) -> HttpResponse:
    """Models that look derived from others which they do not declare."""
    page = selectors.newest_resemblances(
        cursor=request.GET.get("cursor"), limit=PAGE_SIZE
    )
    return render(request, "web/models/flags.html", {"page": page})


def _model_page(request: HttpRequest, found: Model, form: QuoteForm) -> HttpResponse:
    submission = getattr(found, "submission", None)
    lineage = selectors.lineage_of(found, viewer(request))
    evaluations = shown_evaluations(submission) if submission else []
    context = {
        "model": found,
        "contributors": found.contributors.select_related("user"),
        "ancestors": lineage.ancestors,
        "hidden": lineage.hidden,
        "children": lineage.children,
        "externals": lineage.externals,
        "duties": lineage.duties,
        "drawing": draw(lineage.graph),
        "scores": [one for one in evaluations if not one.repeat],
        "files": found.files.select_related("blob"),
        "submission": submission,
        "call_price": tariff_of(found),
        "asset": platform_asset(),
        "form": form,
        "now": now(),
    }
    return render(request, "web/models/model.html", context, status=form.status)


@person
@require_http_methods(["GET", "POST"])
def ask_quote(request: PersonRequest, owner: str, name: str) -> HttpResponse:
    """Fix a price for one use, for an hour."""
    if request.method == "GET":  # the login page sends people here
        return redirect("model", owner=owner, name=name)
    found = selectors.model_by_reference(
        reference=f"{owner}/{name}", viewer=request.user
    )
    form = QuoteForm.of(request)
    if form.is_valid():
        with form.refusing():
            quote = services.quote(
                licensee=request.user,
                model=found,
                use=form.cleaned_data["use"],
                seats=form.cleaned_data["seats"] or 1,
                organisation=form.organisation(),
                now=now(),
            )
            return redirect("quote", quote_id=quote.id)
    return _model_page(request, found, form)
