"""Buying: a price from the terms, the payment, and the signed licence."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import prefetch_related_objects
from ninja import Router, Status

from api.amounts import shown
from api.authentication import PERSON, ApiRequest
from api.schemas.headers import IdempotencyKey
from api.schemas.licences import (
    CertificateAnswer,
    LicenceAnswer,
    PartAnswer,
    QuoteAnswer,
    QuoteBody,
    RoyaltyAnswer,
)
from catalogue.selectors import model_by_reference
from common.clock import now
from royalties import selectors, services
from royalties.models import Licence, Quote, Royalty

router = Router(auth=PERSON, tags=["licences"])
SPLITS = ["royalties__parts__payee", "royalties__parts__model__owner"]


@router.post("/models/{owner}/{name}/quotes", response={201: QuoteAnswer})
def quote_use(
    request: ApiRequest, owner: str, name: str, body: QuoteBody
) -> Status[QuoteAnswer]:
    """Ask for the price of a use; it holds until the quote expires."""
    licensee = request.auth.person
    model = model_by_reference(reference=f"{owner}/{name}", viewer=licensee)
    quote = services.quote(licensee=licensee, model=model, use=body.use, now=now())
    return Status(201, _quote_answer(quote))


@router.post("/quotes/{quote_id}/accept", response={201: LicenceAnswer})
def accept_quote(
    request: ApiRequest, quote_id: UUID, key: IdempotencyKey
) -> Status[LicenceAnswer]:
    """Pay a quote of yours and get the licence; accepting again gives the same."""
    licence = services.accept(
        quote_id=str(quote_id), licensee=request.auth.person, key=key, now=now()
    )
    return Status(201, licence_answers([licence])[0])


@router.get("/licences/{licence_id}", response=LicenceAnswer)
def show_licence(request: ApiRequest, licence_id: UUID) -> LicenceAnswer:
    """A licence that you hold, or that was granted on a model of yours."""
    licence = selectors.licence_by_id(
        licence_id=str(licence_id), viewer=request.auth.person
    )
    return licence_answers([licence])[0]


def licence_answers(licences: Iterable[Licence]) -> list[LicenceAnswer]:
    """Licences with the split of each payment, in a fixed number of queries."""
    rows = list(licences)
    prefetch_related_objects(rows, "model__owner", "licensee", *SPLITS)
    return [_licence_answer(licence) for licence in rows]


def _licence_answer(licence: Licence) -> LicenceAnswer:
    royalty = next(iter(licence.royalties.all()), None)
    return LicenceAnswer(
        id=licence.id,
        model=licence.model.reference,
        licensee=licence.licensee.username,
        use=licence.use,
        issued_at=licence.issued_at,
        valid_until=licence.valid_until,
        certificate=CertificateAnswer.model_validate(licence.certificate),
        royalty=None if royalty is None else _royalty_answer(royalty, licence),
    )


def _royalty_answer(royalty: Royalty, licence: Licence) -> RoyaltyAnswer:
    parts = sorted(royalty.parts.all(), key=lambda part: -part.amount)
    return RoyaltyAnswer(
        amount=shown(royalty.amount),
        asset=licence.quote.asset_id,
        paid_at=royalty.paid_at,
        transfer=royalty.transfer_id,
        parts=[
            PartAnswer(
                payee=part.payee.username,
                model=part.model.reference,
                amount=shown(part.amount),
            )
            for part in parts
        ],
    )


def _quote_answer(quote: Quote) -> QuoteAnswer:
    return QuoteAnswer(
        id=quote.id,
        model=quote.model.reference,
        use=quote.use,
        price=shown(quote.price),
        asset=quote.asset_id,
        period=quote.period,
        revenue_share=quote.revenue_share,
        duties=quote.duties,
        reasons=quote.reasons,
        expires_at=quote.expires_at,
    )
