"""Quotes, licences and their papers."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from assay.protocol.errors import NotFound
from common.clock import now
from ledger.wallets import balance_of, platform_asset
from royalties import selectors, services
from royalties.models import Licence
from royalties.papers import paper_of
from royalties.printing import invoice_pdf
from royalties.services import licensing, metering, reporting
from web.access import PersonRequest, person
from web.forms.licences import AcceptForm, CancelForm, RefundForm, RevenueForm


@person
@require_http_methods(["GET", "POST"])
def quote(request: PersonRequest, quote_id: str) -> HttpResponse:
    """A frozen price; accepting it pays and issues the licence."""
    at = now()
    found = selectors.quote_by_id(quote_id=str(quote_id), viewer=request.user)
    form = AcceptForm.of(request)
    if form.is_bound and form.is_valid():
        with form.refusing():
            licence = services.accept(
                quote_id=str(found.id),
                licensee=request.user,
                key=form.request_key(),
                now=at,
            )
            messages.success(request, "The licence is yours; its certificate is below.")
            return redirect("licence", licence_id=licence.id)
    context = {
        "quote": found,
        "model": found.model,
        "is_open": found.is_open(at),
        "licence": getattr(found, "licence", None),
        "balance": balance_of(request.user),
        "refund_until": at + found.refund_window if found.refund_window else None,
        "fee_percent": found.fee_bps / 100,
        "is_drawn": found.terms.get("Payment-Mode") == "Random-Distribution",
        "form": form,
    }
    return render(request, "web/licences/quote.html", context, status=form.status)


@person
@require_safe
def licence(request: PersonRequest, licence_id: str) -> HttpResponse:
    """The certificate, shown, with who was paid."""
    found, at = _licence(request, licence_id), now()
    paid = list(found.royalties.all()[:24])
    newest = next((one for one in paid if one.status == "held"), None)
    refundable = newest is not None and newest.release_at and at < newest.release_at
    mine, meter = found.licensee_id == request.user.pk, metering.meter_of(found)
    context = {
        "licence": found,
        "document": found.certificate["document"],
        "payments": [(royalty, selectors.split_of(royalty)) for royalty in paid],
        "asset": found.quote.asset,
        "is_valid": found.is_valid(at),
        "is_mine": mine,
        "refundable": newest if refundable and mine else None,
        "invoices": selectors.invoices_of(found) if mine else [],
        "notices": found.notices.all()[:10] if mine else [],
        "meter": meter,
        "spent": metering.spent(meter) if meter else 0,
    }
    return render(request, "web/licences/licence.html", context)


@person
@require_safe
def certificate(
    request: PersonRequest, licence_id: str, form: str = "certificate.json"
) -> HttpResponse:
    """The certificate as a file, in one of its forms."""
    paper = paper_of(_licence(request, licence_id), form)
    return _file(paper.content, paper.name, paper.media_type)


@person
@require_safe
def invoice(request: PersonRequest, invoice: str) -> HttpResponse:
    """An invoice as a PDF."""
    found = selectors.invoice_by_number(number=invoice, viewer=request.user)
    name = f"invoice-{found.number}.pdf"
    return _file(invoice_pdf(found), name, "application/pdf")


@person
@require_POST
def cancel(request: PersonRequest, licence_id: str) -> HttpResponse:
    """Stop the renewing."""
    found = _licence(request, licence_id)
    form = CancelForm.of(request)
    with form.refusing():
        licensing.cancel(licence=found, licensee=request.user, now=now())
        messages.success(request, "It will not be renewed.")
    if form.refusal is not None:
        messages.warning(request, str(form.refusal))
    return redirect("licence", licence_id=found.id)


@person
@require_POST
def close_meter(request: PersonRequest, licence_id: str) -> HttpResponse:
    """Ask for the rest of a metered licence's deposit."""
    found = _licence(request, licence_id)
    meter = metering.meter_of(found)
    if meter is None:
        raise NotFound("meter_not_found", "This licence has no meter.")
    metering.begin_closing(meter=meter, licensee=request.user, now=now())
    messages.success(request, "It closes; the rest of the deposit comes back then.")
    return redirect("licence", licence_id=found.id)


@person
@require_http_methods(["GET", "POST"])
def refund(request: PersonRequest, licence_id: str) -> HttpResponse:
    """Take the newest payment back, after saying what that means."""
    found, form = _licence(request, licence_id), RefundForm.of(request)
    if form.is_bound and form.is_valid():
        with form.refusing():
            licensing.refund(
                licence=found,
                licensee=request.user,
                reason=form.cleaned_data["reason"],
                now=now(),
            )
            messages.success(request, "The payment is back in your wallet.")
            return redirect("licence", licence_id=found.id)
    context = {"licence": found, "form": form}
    return render(request, "web/licences/refund.html", context, status=form.status)


@person
@require_http_methods(["GET", "POST"])
def revenue(request: PersonRequest, licence_id: str) -> HttpResponse:
    """Every declaration of revenue; the licensee adds one."""
    found, at, asset = _licence(request, licence_id), now(), platform_asset()
    current = reporting.current_number(found, at)
    form = RevenueForm.of(request, asset=asset)
    form.fields["period"].initial = current
    if form.is_bound and form.is_valid():
        with form.refusing():
            reporting.declare(
                licence=found,
                licensee=request.user,
                number=form.cleaned_data["period"],
                revenue=form.cleaned_data["revenue"],
                note=form.cleaned_data["note"],
                key=form.cleaned_data["key"],
                now=at,
            )
            messages.success(request, "Declared, and its share is paid.")
            return redirect("licence-revenue", licence_id=found.id)
    context = {
        "licence": found,
        "asset": asset,
        "current": reporting.period(found, current),
        "reports": selectors.revenue_reports(found),
        "is_mine": found.licensee_id == request.user.pk,
        "form": form,
    }
    return render(request, "web/licences/revenue.html", context, status=form.status)


def _licence(request: PersonRequest, licence_id: str) -> Licence:
    return selectors.licence_by_id(licence_id=str(licence_id), viewer=request.user)


def _file(content: bytes, name: str, media_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=name
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response
