"""Invoices and credit notes, numbered without a gap."""

from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.conf import settings
from django.db.models import F

from assay.protocol.money import format_amount
from ledger.wallets import platform_asset
from royalties.models import Invoice, InvoiceSeries, Royalty


def issue(royalty: Royalty, *, now: datetime) -> Invoice:
    """The invoice over a payment, in the payment's transaction.

    Call it last: the year's counter stays locked until that transaction ends, which
    is what keeps the numbers without a gap.
    """
    return _numbered(
        royalty, document=_document(royalty, royalty.amount), corrects=None, now=now
    )


def credit(royalty: Royalty, *, now: datetime) -> Invoice:
    """The credit note that takes back a payment's invoice."""
    original = royalty.invoices.get(corrects=None)
    document = {
        **original.document,
        **_amounts(-royalty.amount, original.document["vat_percent"]),
        "kind": "credit note",
        "corrects": original.number,
    }
    return _numbered(royalty, document=document, corrects=original, now=now)


def vat_included(gross: int, percent: str) -> int:
    """Base units of VAT in ``gross``, rounded towards zero."""
    rate = Fraction(Decimal(percent))
    included = abs(gross) * rate / (100 + rate)
    units = included.numerator // included.denominator
    return units if gross >= 0 else -units


def _numbered(
    royalty: Royalty,
    *,
    document: dict[str, Any],
    corrects: Invoice | None,
    now: datetime,
) -> Invoice:
    InvoiceSeries.objects.get_or_create(year=now.year)
    InvoiceSeries.objects.filter(year=now.year).update(last=F("last") + 1)
    sequence = InvoiceSeries.objects.values_list("last", flat=True).get(year=now.year)
    return Invoice.objects.create(
        year=now.year,
        sequence=sequence,
        royalty=royalty,
        corrects=corrects,
        document=document,
        issued_at=now,
    )


def _document(royalty: Royalty, gross: int) -> dict[str, Any]:
    licence, quote = royalty.licence, royalty.licence.quote
    buyer = quote.organisation or {"name": licence.licensee.username}
    seats = f", {quote.seats} seats" if quote.seats > 1 else ""
    return {
        "kind": "invoice",
        "seller": settings.INVOICE_SELLER,
        "buyer": buyer,
        "licensee": licence.licensee.username,
        "licence": str(licence.id),
        "payment": str(royalty.id),
        "line": f"{royalty.get_kind_display().capitalize()}: {licence.use} use of "
        f"{licence.model.reference}{seats}",
        "asset": platform_asset().symbol,
        **_amounts(gross, settings.VAT_PERCENT),
        "vat_note": settings.VAT_NOTE,
        "corrects": "",
    }


def _amounts(gross: int, vat_percent: str) -> dict[str, str]:
    asset, vat = platform_asset(), vat_included(gross, vat_percent)
    return {
        "net": format_amount(gross - vat, asset),
        "vat_percent": vat_percent,
        "vat": format_amount(vat, asset),
        "gross": format_amount(gross, asset),
    }
