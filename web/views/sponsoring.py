"""What sponsors do: create, stake, open, move the deadline, cancel."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from assay.protocol.errors import Forbidden
from assay.protocol.money import format_amount
from common.clock import database_now as now
from competitions import permissions
from competitions.models import Competition, Split
from competitions.services import drafting, escrow, fees, lifecycle
from competitions.specification import CompetitionSpec
from ledger.wallets import balance_of, platform_asset
from storage.services import store_file
from web import questions
from web.access import PersonRequest, person
from web.forms.competitions import CompetitionForm
from web.forms.prizes import TrialForm, sentences_of
from web.forms.sponsoring import ConfirmForm, DeadlineForm, StakeForm
from web.prize_charts import chart_of
from web.views.competitions import frame

Act = Callable[..., Competition]  # a verb of the sponsor's: competition, actor, now


@person
@require_http_methods(["GET", "POST"])
def create(request: PersonRequest) -> HttpResponse:
    """Describe a competition; a draft is the result."""
    asset = platform_asset()
    form = _form(request)
    if "preview" not in request.POST and form.is_bound and form.is_valid():
        with form.refusing():
            competition = drafting.create_competition(
                sponsor=request.user, spec=_spec(request, form), now=now()
            )
            messages.success(
                request, "The draft is saved, and its baseline is being measured."
            )
            return redirect("competition", slug=competition.slug)
    context = {
        "form": form,
        "balance": balance_of(request.user),
        "fee_points": settings.FEE_POINTS,
        "fee": fees.percent(settings.FEE_POINTS),
        "second_price": fees.second_price(asset),
        **_trial(request),
    }
    return render(request, "web/competitions/create.html", context, status=form.status)


@person
@require_POST
def try_prizes(request: PersonRequest) -> HttpResponse:
    """What each rank would get by the rule and the scores that were sent; a part."""
    return render(request, "web/competitions/prize_chart.html", _trial(request))


def _form(request: PersonRequest) -> CompetitionForm:
    """The form as sent; after a request for a preview what was typed, not judged."""
    given: dict[str, Any] = {
        "asset": platform_asset(),
        "base_models": questions.base_model_references(),
    }
    form = CompetitionForm.of(request, **given)
    if not form.is_bound:
        return form
    _receive_splits(request, form)
    if "preview" not in request.POST:
        return form
    typed = form.typed()
    unjudged = CompetitionForm(initial=typed, **given)
    for name in Split.Name.values:
        if typed[f"held_{name}"]:
            unjudged.say_held(name, typed[f"held_{name}"])
    return unjudged


def _trial(request: PersonRequest) -> dict[str, Any]:
    """The chart of the prizes, or what stands in its way."""
    asset = platform_asset()
    trial = (
        TrialForm(request.POST, request.FILES, asset=asset)
        if request.method == "POST"
        else TrialForm.of_example(asset)
    )
    outcome = trial.outcome()
    return {
        "asset": asset,
        "trial": trial,
        "trial_names": [*trial.fields],
        "chart": chart_of(outcome) if outcome else None,
        "faults": sentences_of(trial),
    }


def _receive_splits(request: PersonRequest, form: CompetitionForm) -> None:
    """Keep what arrived, so that no refusal makes anyone send it twice."""
    for name in Split.Name.values:
        file, held = request.FILES.get(name), form.data.get(f"held_{name}")
        if isinstance(file, UploadedFile):
            form.remember(name, _store(request, file))
        elif held:
            form.remember(name, str(held))


def _store(request: PersonRequest, file: object) -> str:
    """Keep an uploaded file, which reads like any binary one; its digest."""
    binary = cast("BinaryIO", file)
    binary.seek(0)
    return store_file(owner=request.user, file=binary).sha256


def _spec(request: PersonRequest, form: CompetitionForm) -> CompetitionSpec:
    sent = form.cleaned_data
    plain = ("slug", "title", "summary", "description", "task_type", "metric")
    rules = ("base_model", "prize_rule", "required_uses", "deadline")
    limits = ("daily_submissions", "max_seconds")
    return CompetitionSpec(
        **{name: sent[name] for name in (*plain, *rules, *limits)},
        splits={name: sent[f"held_{name}"] for name in Split.Name.values},
        attachments={file.name: _store(request, file) for file in sent["attachments"]},
        task_options=form.task_options,
        minimum_stake=form.amount_text("minimum_stake"),
        submission_fee=form.amount_text("submission_fee"),
        deposit=form.amount_text("deposit"),
        budget_points=form.budget_points,
        prize_options=form.prize_options,
        margin=float(sent["margin"]) / 100,
        board_step=float(sent["board_step"] or 0) / 100,
        challenge_window=timedelta(hours=sent["challenge_hours"]),
    )


@person
@require_http_methods(["GET", "POST"])
def stake(request: PersonRequest, slug: str) -> HttpResponse:
    """Put tokens into the escrow."""
    context = frame(request, slug, "stakes")
    competition, asset = context["competition"], competition_asset(context)
    missing = context["missing_stake"]
    form = StakeForm.of(
        request,
        asset=asset,
        suggestion=format_amount(missing, asset) if missing else "",
        is_metered=competition.is_metered,
        purpose=request.GET.get("purpose", ""),
    )
    if form.is_bound and form.is_valid():
        amount = form.cleaned_data["amount"]
        with form.refusing():
            escrow.stake(
                competition=competition,
                staker=request.user,
                amount=amount,
                purpose=form.cleaned_data["purpose"],
                key=form.cleaned_data["key"],
                now=context["now"],
            )
            text = f"{format_amount(amount, asset)} {asset.symbol} are staked."
            messages.success(request, text)
            return redirect("competition", slug=slug)
    context |= {
        "form": form,
        "balance": balance_of(request.user),
        "terms": _terms_shown(form, competition, missing),
    }
    return render(request, "web/competitions/stake.html", context, status=form.status)


def _terms_shown(
    form: StakeForm, competition: Competition, missing: int
) -> fees.StakeTerms:
    """What the stake would become: as typed, else as suggested, else of 100 tokens."""
    asset = platform_asset()
    typed = getattr(form, "cleaned_data", {})
    return fees.stake_terms(
        competition=competition,
        amount=typed.get("amount") or missing or 100 * 10**asset.decimals,
        purpose=typed.get("purpose") or form.fields["purpose"].initial,
    )


def competition_asset(context: dict[str, Any]) -> Any:
    """The asset of the framed competition, as the money rules know it."""
    return context["asset"].unit


def managed(request: PersonRequest, slug: str) -> dict[str, Any]:
    """The frame of a competition that the person manages.

    Raises:
        NotFound: they may not see it.
        Forbidden: they are not its sponsor.
    """
    context = frame(request, slug, "overview")
    competition = context["competition"]
    if not permissions.can_manage(request.user, competition):
        raise Forbidden(
            "not_the_sponsor",
            f"Only {competition.sponsor.username}, its sponsor, may do this.",
        )
    return context


def _confirmed(
    request: PersonRequest, slug: str, *, act: Act, page: str, done: str
) -> HttpResponse:
    """Ask, then carry out a verb that wants nothing but the sponsor's word."""
    context = managed(request, slug)
    form = ConfirmForm.of(request)
    if form.is_bound and form.is_valid():
        with form.refusing():
            act(
                competition=context["competition"],
                actor=request.user,
                now=context["now"],
            )
            messages.success(request, done)
            return redirect("competition", slug=slug)
    context["form"] = form
    return render(request, page, context, status=form.status)


@person
@require_http_methods(["GET", "POST"])
def open_competition(request: PersonRequest, slug: str) -> HttpResponse:
    """Freeze the rules and let miners in."""
    return _confirmed(
        request,
        slug,
        act=lifecycle.open_competition,
        page="web/competitions/open.html",
        done="The competition is open; its rules are frozen.",
    )


@person
@require_http_methods(["GET", "POST"])
def move_deadline(request: PersonRequest, slug: str) -> HttpResponse:
    """Set another deadline."""
    context = managed(request, slug)
    competition: Competition = context["competition"]
    form = DeadlineForm.of(request, initial={"deadline": competition.deadline})
    if form.is_bound and form.is_valid():
        with form.refusing():
            lifecycle.move_deadline(
                competition=competition,
                actor=request.user,
                deadline=form.cleaned_data["deadline"],
                now=context["now"],
            )
            messages.success(request, "The deadline is moved; the history says so.")
            return redirect("competition", slug=slug)
    context["form"] = form
    return render(
        request, "web/competitions/deadline.html", context, status=form.status
    )


@person
@require_http_methods(["GET", "POST"])
def cancel(request: PersonRequest, slug: str) -> HttpResponse:
    """End it before anyone has submitted; all stakes go back."""
    return _confirmed(
        request,
        slug,
        act=lifecycle.cancel,
        page="web/competitions/cancel.html",
        done="The competition is cancelled; stakes are back.",
    )
