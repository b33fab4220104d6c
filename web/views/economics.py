"""What a competition costs: before it exists, and while its budget is spent."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalogue.selectors import model_by_reference
from common.paging import keyset
from competitions.services import budget, estimating, fees
from ledger.wallets import platform_asset
from web import questions
from web.access import PersonRequest, person, public
from web.forms.economics import NewPlanForm, PlanForm
from web.views.competitions import LONG_PAGE, frame


@public
@require_safe
def costs(request: HttpRequest, slug: str) -> HttpResponse:
    """Fee, budget, what each evaluation cost, and what all of it will cost."""
    context = frame(request, slug, "costs")
    competition = context["competition"]
    asked = request.GET if "submissions" in request.GET else None
    form = PlanForm(asked)
    if form.is_bound and form.is_valid():
        with form.refusing():
            context["estimate"] = estimating.estimate_for(
                competition=competition, **form.plan
            )
    found = budget.budget_of(competition)
    context |= {
        "form": form,
        "budget": found,
        "paused": budget.is_paused(competition, found),
        "fee": fees.percent(competition.fee_points),
        "part": fees.percent(competition.budget_points),
        "alerts": competition.history.filter(kind="budget_used"),
        "page": keyset(
            budget.shown_charges(competition),
            cursor=request.GET.get("cursor"),
            limit=LONG_PAGE,
            order=["created_at", "id"],
        ),
    }
    return render(request, "web/competitions/costs.html", context, status=form.status)


@person
@require_safe
def estimate(request: PersonRequest) -> HttpResponse:
    """What the evaluation of a new competition would cost."""
    asset = platform_asset()
    asked = request.GET if "submissions" in request.GET else None
    form = NewPlanForm(
        asked, asset=asset, base_models=questions.base_model_references()
    )
    context = {"form": form, "asset": asset}
    if form.is_bound and form.is_valid():
        sent = form.cleaned_data
        with form.refusing():
            context["estimate"] = estimating.estimate(
                base_model=model_by_reference(
                    reference=sent["base_model"], viewer=request.user
                ),
                task_type=sent["task_type"],
                plan=estimating.plan_of(
                    **form.plan, public=sent["public"], private=sent["private"]
                ),
                budget_units=sent["budget"],
            )
    return render(
        request, "web/competitions/estimate.html", context, status=form.status
    )
