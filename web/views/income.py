"""A contributor's desk: royalties, withdrawals, shares; and staff's part of it."""

import csv
from datetime import UTC, date, datetime
from typing import Any

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from accounts.models import User
from assay.protocol.errors import NotFound
from assay.protocol.money import format_amount
from catalogue.models import Model
from catalogue.selectors import model_by_reference
from common.clock import now
from ledger import wallets
from royalties import selectors as royalties
from royalties.models import RoyaltyPart, ShareTransfer, Withdrawal
from royalties.services import sharing, withdrawing
from web.access import PersonRequest, person, public, staff, viewer
from web.forms.wallet import DecisionForm, IncomeFilterForm, ShareForm, WithdrawalForm

PAGE_SIZE = 25
LONGEST_EXPORT = 100_000
COLUMNS = (
    "at",
    "payment",
    "kind",
    "status",
    "payer",
    "licensed_model",
    "model",
    "use",
    "fraction",
    "amount",
    "asset",
)


def frame(request: PersonRequest, tab: str) -> dict[str, Any]:
    """What every page of the wallet shows."""
    return {
        "tab": tab,
        "asset": wallets.platform_asset(),
        "position": wallets.position_of(request.user),
    }


def _only(request: HttpRequest) -> tuple[royalties.PartFilter, IncomeFilterForm]:
    form = IncomeFilterForm(request.GET)
    form.is_valid()
    said = form.cleaned_data
    return (
        royalties.PartFilter(
            model=said.get("model") or "",
            payer=said.get("payer") or "",
            since=_midnight(said.get("since")),
            until=_midnight(said.get("until")),
        ),
        form,
    )


def _midnight(day: date | None) -> datetime | None:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) if day else None


@person
@require_safe
def received_royalties(request: PersonRequest) -> HttpResponse:
    """Each royalty that paid the person, with the whole split it came from."""
    context, (only, form) = frame(request, "royalties"), _only(request)
    page = royalties.royalty_parts_of(
        request.user, only=only, cursor=request.GET.get("cursor"), limit=10
    )
    prefetch_related_objects(
        page.items, "royalty__parts__payee", "royalty__parts__model__owner"
    )
    income = royalties.income_of(request.user)
    by = request.GET.get("by", "model")
    by = by if by in royalties.GROUPS else "model"
    context |= {
        "earnings": income.paid,
        "awaited": income.held,
        "totals": royalties.totals_of(request.user, by=by, only=only),
        "by": by,
        "groups": royalties.GROUPS,
        "filter": form,
        "query": request.GET.urlencode(),
        "page": page,
    }
    return render(request, "web/wallet/royalties.html", context)


@person
@require_safe
def export(request: PersonRequest, ending: str) -> HttpResponse:
    """The same as a file: CSV for a spreadsheet, or JSON."""
    if ending not in {"csv", "json"}:
        raise NotFound("export_not_found", "There is no such file.", fix="csv or json")
    only, _ = _only(request)
    rows: list[dict[str, str]] = []
    cursor = None
    while len(rows) < LONGEST_EXPORT:
        page = royalties.royalty_parts_of(
            request.user, only=only, cursor=cursor, limit=100
        )
        rows += [_row(part) for part in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    response = _csv(rows) if ending == "csv" else JsonResponse({"royalties": rows})
    response["Content-Disposition"] = f'attachment; filename="royalties.{ending}"'
    return response


def _row(part: RoyaltyPart) -> dict[str, str]:
    royalty, licence = part.royalty, part.royalty.licence
    asset = wallets.platform_asset()
    return {
        "at": royalty.paid_at.astimezone(UTC).isoformat(),
        "payment": str(royalty.id),
        "kind": royalty.kind,
        "status": royalty.status,
        "payer": licence.licensee.username,
        "licensed_model": licence.model.reference,
        "model": part.model.reference,
        "use": licence.use,
        "fraction": f"{part.numerator}/{part.denominator}",
        "amount": format_amount(part.amount, asset),
        "asset": asset.symbol,
    }


def _csv(rows: list[dict[str, str]]) -> HttpResponse:
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    writer = csv.DictWriter(response, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return response


@person
@require_http_methods(["GET", "POST"])
def withdrawals(request: PersonRequest) -> HttpResponse:
    """Requests to be paid out; a POST makes one."""
    context = frame(request, "withdrawals")
    form = WithdrawalForm.of(request, asset=context["asset"])
    if form.is_bound and form.is_valid():
        with form.refusing():
            withdrawing.request_withdrawal(
                user=request.user,
                amount=form.cleaned_data["amount"],
                destination=form.cleaned_data["destination"],
                key=form.cleaned_data["key"],
                now=now(),
            )
            messages.success(request, "Asked for; the tokens are held until decided.")
            return redirect("wallet-withdrawals")
    page = royalties.withdrawals_of(
        request.user, cursor=request.GET.get("cursor"), limit=PAGE_SIZE
    )
    context |= {"form": form, "page": page}
    return render(request, "web/wallet/withdrawals.html", context, status=form.status)


@staff
@require_http_methods(["GET", "POST"])
def decide_withdrawals(request: PersonRequest) -> HttpResponse:
    """What waits for staff: paid outside, or refused."""
    form = DecisionForm.of(request)
    if form.is_bound and form.is_valid():
        with form.refusing():
            _decide(request, form.cleaned_data)
            return redirect("staff-withdrawals")
    context = {
        "waiting": royalties.withdrawals_waiting(),
        "asset": wallets.platform_asset(),
        "form": form,
    }
    return render(request, "web/staff/withdrawals.html", context, status=form.status)


def _decide(request: PersonRequest, said: dict[str, Any]) -> Withdrawal:
    verb = withdrawing.mark_paid if said["verb"] == "paid" else withdrawing.refuse
    return verb(
        withdrawal_id=request.POST.get("withdrawal", ""),
        staff=request.user,
        note=said["note"],
        now=now(),
    )


@person
@require_safe
def shares(request: PersonRequest) -> HttpResponse:
    """Offers of shares by and to the person."""
    context = frame(request, "shares")
    context |= {"offers": royalties.share_offers(request.user)}
    return render(request, "web/wallet/shares.html", context)


@person
@require_POST
def decide_share(request: PersonRequest, offer_id: str, verb: str) -> HttpResponse:
    """Accept, decline or take back an offer."""
    at = now()
    if verb == "accept":
        sharing.accept_share(transfer_id=str(offer_id), taker=request.user, now=at)
    else:
        sharing.withdraw_offer(transfer_id=str(offer_id), person=request.user, now=at)
    messages.success(request, "Done.")
    return redirect("wallet-shares")


@public
@require_http_methods(["GET", "POST"])
def model_shares(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    """Who earns which parts of a model's income, and how they passed on."""
    at, who = now(), viewer(request)
    model = model_by_reference(reference=f"{owner}/{name}", viewer=who)
    held = royalties.shares_of([model], at=at)[model.pk]
    form = ShareForm.of(request)
    if form.is_bound and who is not None and form.is_valid():
        with form.refusing():
            _offer(model, who, form.cleaned_data, at)
            messages.success(request, "Offered; it counts once it is accepted.")
            return redirect("wallet-shares")
    accepted = model.share_transfers.filter(status=ShareTransfer.Status.ACCEPTED)
    context = {
        "model": model,
        "shares": held.items(),
        "whole": sum(held.values()),
        "history": accepted.select_related("giver", "taker")[:500],
        "mine": held.get(who.username, 0) if who else 0,
        "form": form,
    }
    return render(request, "web/models/shares.html", context, status=form.status)


def _offer(model: Model, giver: User, said: dict[str, Any], at: datetime) -> None:
    taker = User.objects.filter(username=said["taker"], is_active=True).first()
    if taker is None:
        sentence = f"There is no {said['taker']}."
        raise NotFound("person_not_found", sentence, where="taker")
    sharing.offer(
        model=model,
        giver=giver,
        taker=taker,
        parts=said["parts"],
        from_moment=said["from_moment"] or at,
        now=at,
    )
