"""Quotes, licences and their certificates."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from assay.protocol.signatures import check_certificate
from common.clock import now
from ledger.wallets import balance_of
from royalties import keys, selectors, services
from web.access import PersonRequest, person, public
from web.forms.licences import AcceptForm, CertificateForm


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
                key=form.cleaned_data["key"],
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
        "form": form,
    }
    return render(request, "web/licences/quote.html", context, status=form.status)


@person
@require_safe
def licence(request: PersonRequest, licence_id: str) -> HttpResponse:
    """The certificate, shown, with who was paid."""
    found = selectors.licence_by_id(licence_id=str(licence_id), viewer=request.user)
    context = {
        "licence": found,
        "document": found.certificate["document"],
        "payments": [
            (royalty, selectors.split_of(royalty)) for royalty in found.royalties.all()
        ],
        "asset": found.quote.asset,
        "is_valid": found.is_valid(now()),
    }
    return render(request, "web/licences/licence.html", context)


@person
@require_safe
def certificate(request: PersonRequest, licence_id: str) -> HttpResponse:
    """The certificate as a file."""
    found = selectors.licence_by_id(licence_id=str(licence_id), viewer=request.user)
    response = JsonResponse(found.certificate, json_dumps_params={"indent": 2})
    name = f'attachment; filename="licence-{found.id}.json"'
    response["Content-Disposition"] = name
    return response


@public
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Check anybody's certificate against this platform's keys."""
    form, document, trusted = CertificateForm.of(request), None, keys.public_keys()
    if form.is_bound and form.is_valid():
        with form.refusing():
            document = check_certificate(form.cleaned_data["certificate"], trusted)
    context = {"form": form, "document": document, "keys": trusted.items()}
    return render(request, "web/licences/verify.html", context, status=form.status)
