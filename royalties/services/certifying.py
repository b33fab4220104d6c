"""What a certificate says, and how it is signed."""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet, Sum

from assay.protocol import certificates, signatures
from assay.protocol.canonical import Json
from assay.protocol.money import format_amount
from ledger.wallets import platform_asset
from royalties import keys
from royalties.models import Licence, SigningKey

STATUS_VALIDITY = timedelta(days=1)


def sign(licence: Licence, *, now: datetime) -> None:
    """Put a certificate as of now on the licence, in all its forms; saves nothing."""
    seed, document = keys.signing_seed(), _document(licence, now)
    licence.certificate = signatures.issue_certificate(seed, document)
    licence.ssh_signature = certificates.ssh_signature(seed, document)
    licence.jws = certificates.jws(seed, document)


def kind_of(licence: Licence) -> str:
    """One word on how it is paid: by what its quote asked for."""
    quote = licence.quote
    if quote.period == "metered":
        return "metered"
    if quote.price:
        return quote.period
    return "revenue-share" if quote.revenue_share else "free"


def _document(licence: Licence, now: datetime) -> Json:
    """What the certificate says; amounts as decimal text, times in ISO 8601."""
    quote, model, asset = licence.quote, licence.model, platform_asset()
    until = licence.valid_until
    return {
        "format": certificates.LICENCE_FORMAT,
        "licence": str(licence.id),
        "kind": kind_of(licence),
        "licensee": licence.licensee.username,
        "organisation": quote.organisation,
        "seats": quote.seats,
        "licensor": model.owner.username,
        "model": model.reference,
        "model_digest": model.manifest_digest,
        "use": licence.use,
        "terms": quote.terms,
        "terms_digest": quote.terms_digest,
        "duties": quote.duties,
        "revenue_share_percent": quote.revenue_share,
        "price": format_amount(quote.price, asset),
        "asset": asset.symbol,
        "period": quote.period,
        "quote": str(quote.id),
        "granted_at": licence.issued_at.isoformat(),
        "issued_at": now.isoformat(),
        "valid_until": until.isoformat() if until else "",
        "renewal": licence.renewals,
        "grace_days": settings.RENEWAL_GRACE.days if licence.has_next_period else 0,
        "issuer": settings.PUBLIC_URL,
    }


@transaction.atomic
def rotate(*, now: datetime, compromised: bool = False) -> tuple[SigningKey, int]:
    """Have a fresh key sign; returns it, and how many licences were signed anew.

    Args:
        compromised: whether what the old key signed is no longer trusted. Then every
            licence that stands gets a new certificate.
    """
    key = keys.rotate(now=now, compromised=compromised)
    if not compromised:
        return key, 0
    standing = Licence.objects.filter(
        status__in=[Licence.Status.ACTIVE, Licence.Status.PAST_DUE]
    )
    rows = standing.select_related("quote", "licensee", "model__owner")
    signed = 0
    for licence in rows.iterator():
        sign(licence, now=now)
        licence.save(update_fields=["certificate", "ssh_signature", "jws"])
        signed += 1
    return key, signed


def status_list(*, now: datetime) -> dict[str, Json]:
    """The signed list of licences whose certificate does not tell the whole story.

    Revoked ones, and those whose end has moved since some certificate was issued. A
    licence that is not listed is as its certificate says. The list is signed once a
    minute, and whenever a licence on it changes.
    """
    last = _told().aggregate(at=Max("status_at"))["at"]
    minute = now.replace(second=0, microsecond=0)
    return _signed_list(
        signatures.public_key(keys.signing_seed()),
        max(minute, last) if last else minute,
        _state_of_list(),
    )


def _told() -> QuerySet[Licence]:
    return Licence.objects.filter(
        Q(status=Licence.Status.REVOKED) | Q(renewals__gt=0)
    ).order_by("id")


def _state_of_list() -> tuple[object, ...]:
    """What differs as soon as an entry does: revoking and renewing only count up."""
    revoked = Q(status=Licence.Status.REVOKED)
    counts = _told().aggregate(
        listed=Count("pk"), revoked=Count("pk", filter=revoked), renewed=Sum("renewals")
    )
    return (_told().values_list("pk", flat=True).first(), *counts.values())


@lru_cache(maxsize=1)
def _signed_list(
    public_key: str,  # noqa: ARG001  another key signs another list
    issued_at: datetime,
    state: tuple[object, ...],  # noqa: ARG001  and so does another state
) -> dict[str, Json]:
    document: dict[str, Json] = {
        "format": certificates.STATUS_FORMAT,
        "issuer": settings.PUBLIC_URL,
        "issued_at": issued_at.isoformat(),
        "next_update": (issued_at + STATUS_VALIDITY).isoformat(),
        "entries": {str(one.id): _entry(one) for one in _told().iterator()},
    }
    return signatures.issue_certificate(keys.signing_seed(), document)


def _entry(licence: Licence) -> dict[str, Any]:
    revoked = licence.status == Licence.Status.REVOKED
    at, until = licence.status_at, licence.valid_until
    return {
        "state": "revoked" if revoked else "valid",
        "at": at.isoformat() if at else "",
        "reason": licence.status_reason if revoked else "",
        "valid_until": until.isoformat() if until else "",
    }
