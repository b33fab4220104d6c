"""What a stranger checks: a certificate, how a licence stands, a payment."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from assay.protocol import certificates
from assay.protocol.errors import Invalid, NotFound
from common.clock import now
from ledger.wallets import platform_asset
from royalties import keys, selectors
from royalties.models import Licence
from royalties.services import certifying
from web.access import public
from web.forms.licences import CertificateForm


@public
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Check anybody's certificate against this platform's keys and states."""
    form, context = CertificateForm.of(request), dict[str, Any]()
    if form.is_bound and form.is_valid():
        with form.refusing():
            context = _checked(form.cleaned_data["certificate"])
    context |= {"form": form, "keys": keys.public_keys().items()}
    return render(request, "web/licences/verify.html", context, status=form.status)


def _checked(certificate: Any) -> dict[str, Any]:
    document = certificates.check_signed(certificate, keys.issuer_keys())
    if not certificates.is_licence(document):
        raise Invalid("certificate_malformed", "It is signed, and no licence.")
    assert isinstance(document, Mapping)
    at = now()
    status = certifying.status_list(now=at)["document"]
    standing = certificates.standing(document, status, at)
    return {"document": document, "standing": standing}


@public
@require_safe
def licence_standing(request: HttpRequest, licence_id: str) -> HttpResponse:
    """How a licence stands, for whoever holds its number: the QR code leads here."""
    found = (
        Licence.objects.select_related("model__owner", "quote")
        .filter(pk=licence_id)
        .first()
    )
    if found is None:
        raise NotFound("licence_not_found", "There is no licence of this number.")
    context = {"licence": found, "is_valid": found.is_valid(now())}
    return render(request, "web/licences/standing.html", context)


@public
@require_safe
def payment(request: HttpRequest, payment_id: str) -> HttpResponse:
    """The public record of a payment, and how to repeat it."""
    found = selectors.payment_by_id(str(payment_id))
    context = {
        "royalty": found,
        "record": found.record,
        "parts": selectors.split_of(found)[:200],
        "asset": platform_asset(),
    }
    return render(request, "web/licences/payment.html", context)
