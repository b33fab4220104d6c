"""Quote, pay, licence: the price from the terms, the split from the lineage."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from assay.protocol import signatures, waterfall
from assay.protocol import terms as udl
from assay.protocol.canonical import Json, digest
from assay.protocol.errors import Conflict, Forbidden, Invalid, NotFound
from assay.protocol.money import format_amount, parse_amount
from catalogue.models import Model
from catalogue.selectors import waterfall_nodes
from ledger import services as ledger
from ledger.services import Transfer
from ledger.wallets import platform_asset, wallet
from royalties import keys
from royalties.models import Licence, Quote, Royalty, RoyaltyPart

PERIODS = {"monthly": timedelta(days=30)}
CERTIFICATE_FORMAT = "assay-licence/1"


def quote(*, licensee: User, model: Model, use: str, now: datetime) -> Quote:
    """Price one use of a model from its terms, and freeze both for a while.

    Raises:
        Invalid: there is no such use.
        Conflict: the model is not published.
        Forbidden: its terms do not allow the use; the reasons say why.
    """
    if model.published_at is None:
        raise Conflict(
            "model_not_published",
            f"{model.reference} is not published.",
            fix="Models are published when they have won; try again then.",
        )
    terms = udl.read_tags(model.terms).terms
    decision = udl.decide(
        terms, _use(use), on=now.date(), granted=model.created_at.date()
    )
    if not decision.allowed:
        raise Forbidden(
            "use_not_allowed",
            f"The terms of {model.reference} do not allow {use}: "
            + " ".join(decision.reasons),
            fix="Ask its owner for other terms.",
        )
    return Quote.objects.create(
        model=model,
        licensee=licensee,
        use=use,
        asset_id=platform_asset().symbol,
        price=_units(decision.price),
        period=decision.period or "",
        revenue_share=""
        if decision.revenue_share is None
        else f"{decision.revenue_share:f}",
        duties=list(decision.duties),
        reasons=list(decision.reasons),
        terms=model.terms,
        terms_digest=digest(model.terms),
        created_at=now,
        expires_at=now + settings.QUOTE_VALIDITY,
    )


def _use(use: str) -> udl.Use:
    try:
        return udl.Use(use)
    except ValueError as error:
        raise Invalid(
            "use_unknown",
            f"There is no use {use!r}.",
            fix=f"Use one of: {', '.join(udl.Use)}.",
            where="use",
        ) from error


def _units(price: Decimal | None) -> int:
    return 0 if price is None else parse_amount(f"{price:f}", platform_asset())


@transaction.atomic
def accept(*, quote_id: str, licensee: User, key: str, now: datetime) -> Licence:
    """Pay a quote and get the licence; accepting again gives the same licence.

    Raises:
        NotFound: it is not the licensee's quote.
        Conflict: it has expired, or all of the price would come back to them.
        InsufficientFunds: the wallet holds less than the price.
    """
    accepted = _quote_of(quote_id, licensee)
    known = Licence.objects.filter(quote=accepted).first()
    if known is not None:
        return known
    if not accepted.is_open(now):
        raise Conflict(
            "quote_expired", "This quote has expired.", fix="Ask for a new one."
        )
    licence = Licence(
        quote=accepted,
        model=accepted.model,
        licensee=licensee,
        use=accepted.use,
        issued_at=now,
        valid_until=now + PERIODS[accepted.period]
        if accepted.period in PERIODS
        else None,
    )
    licence.certificate = signatures.issue_certificate(
        keys.seed(), _document(licence, accepted)
    )
    licence.save(force_insert=True)
    if accepted.price:
        _pay(licence, accepted, key=key, now=now)
    return licence


def _quote_of(quote_id: str, licensee: User) -> Quote:
    try:
        found = (
            Quote.objects.select_for_update(of=("self",))
            .select_related("model__owner")
            .filter(pk=quote_id, licensee=licensee)
            .first()
        )
    except ValidationError:
        found = None
    if found is None:
        raise NotFound("quote_not_found", "There is no such quote of yours.")
    return found


def _document(licence: Licence, accepted: Quote) -> Json:
    """What the certificate says; amounts as decimal text, times in ISO 8601."""
    model, asset = accepted.model, platform_asset()
    until = licence.valid_until
    return {
        "format": CERTIFICATE_FORMAT,
        "licence": str(licence.id),
        "licensee": licence.licensee.username,
        "licensor": model.owner.username,
        "model": model.reference,
        "model_digest": model.manifest_digest,
        "use": licence.use,
        "terms": accepted.terms,
        "terms_digest": accepted.terms_digest,
        "duties": accepted.duties,
        "revenue_share_percent": accepted.revenue_share,
        "price": format_amount(accepted.price, asset),
        "asset": asset.symbol,
        "quote": str(accepted.id),
        "issued_at": licence.issued_at.isoformat(),
        "valid_until": until.isoformat() if until else "",
        "issuer": settings.PUBLIC_URL,
    }


def _pay(licence: Licence, accepted: Quote, *, key: str, now: datetime) -> Royalty:
    """One transfer from the licensee to every contributor up the lineage."""
    entitlements = waterfall.entitlements(
        str(accepted.model_id), waterfall_nodes(accepted.model).values()
    )
    payments = waterfall.distribute(accepted.price, entitlements)
    payees = User.objects.in_bulk({payment.payee for payment in payments})
    by_id = {str(pk): user for pk, user in payees.items()}
    entries = [ledger.Entry(wallet(licence.licensee), -accepted.price)]
    entries += [
        ledger.Entry(wallet(by_id[payment.payee]), payment.amount)
        for payment in payments
    ]
    transfer = _post(licence, accepted, entries, key=key, now=now)
    royalty = Royalty.objects.create(
        licence=licence, amount=accepted.price, transfer=transfer, paid_at=now
    )
    RoyaltyPart.objects.bulk_create(
        RoyaltyPart(
            royalty=royalty,
            payee=by_id[entitlement.payee],
            model_id=entitlement.model,
            numerator=str(entitlement.fraction.numerator),
            denominator=str(entitlement.fraction.denominator),
            amount=payment.amount,
        )
        for entitlement, payment in zip(entitlements, payments, strict=True)
    )
    return royalty


def _post(
    licence: Licence,
    accepted: Quote,
    entries: Sequence[ledger.Entry],
    *,
    key: str,
    now: datetime,
) -> Transfer:
    moved = ledger.merged(entries)
    if not moved:
        raise Conflict(
            "royalty_to_oneself",
            f"All that {accepted.model.reference} earns is yours already.",
            fix="You need no licence of your own model.",
        )
    return ledger.post(
        caller=licence.licensee.owner_key,
        key=key,
        kind="royalty",
        entries=moved,
        reference=f"licence:{licence.id}",
        memo=f"Royalty for {accepted.model.reference}, {accepted.use}",
        now=now,
    )
