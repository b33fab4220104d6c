"""Buying: a price from the terms, the payment, and the signed licence."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from ninja import Query, Router, Status

from api.amounts import read_amount, shown
from api.authentication import PERSON, ApiRequest
from api.downloads import FILE_RESPONSE, send_bytes
from api.schemas.common import PageAnswer, Paging
from api.schemas.headers import IdempotencyKey
from api.schemas.licences import (
    CertificateAnswer,
    InvoiceAnswer,
    LicenceAnswer,
    NoticeAnswer,
    PartAnswer,
    QuoteAnswer,
    QuoteBody,
    RefundBody,
    RevenueAnswer,
    RevenueBody,
    RevenueStatementAnswer,
    RoyaltyAnswer,
)
from catalogue.selectors import model_by_reference
from common.clock import now
from royalties import selectors, services
from royalties.models import Licence, Quote, RevenueReport, Royalty
from royalties.papers import paper_of
from royalties.printing import invoice_pdf
from royalties.services import licensing, reporting
from royalties.services.certifying import kind_of

router = Router(auth=PERSON, tags=["licences"])
SPLITS = ["royalties__parts__payee", "royalties__parts__model__owner"]


@router.post("/models/{owner}/{name}/quotes", response={201: QuoteAnswer})
def quote_use(
    request: ApiRequest, owner: str, name: str, body: QuoteBody
) -> Status[QuoteAnswer]:
    """Ask for the price of a use; it holds until the quote expires."""
    licensee = request.auth.person
    model = model_by_reference(reference=f"{owner}/{name}", viewer=licensee)
    quote = services.quote(
        licensee=licensee,
        model=model,
        use=body.use,
        seats=body.seats,
        organisation=body.organisation.model_dump() if body.organisation else None,
        now=now(),
    )
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
    return licence_answers([_licence(request, licence_id)])[0]


@router.get(
    "/licences/{licence_id}/files/{form}", response=None, openapi_extra=FILE_RESPONSE
)
def fetch_licence_file(
    request: ApiRequest, licence_id: UUID, form: str
) -> HttpResponse:
    """Its certificate in one of its forms.

    `certificate.json`, the signed document `licence.json` with `licence.json.sig` for
    ssh-keygen, `licence.jws`, and `certificate.pdf` for people.
    """
    paper = paper_of(_licence(request, licence_id), form)
    return send_bytes(paper.content, name=paper.name, media_type=paper.media_type)


@router.post("/licences/{licence_id}/cancel", response=LicenceAnswer)
def cancel_licence(request: ApiRequest, licence_id: UUID) -> LicenceAnswer:
    """Stop the renewing of a licence; it stays good until its period ends."""
    licence = licensing.cancel(
        licence=_licence(request, licence_id), licensee=request.auth.person, now=now()
    )
    return licence_answers([licence])[0]


@router.post("/licences/{licence_id}/refund", response=LicenceAnswer)
def refund_licence(
    request: ApiRequest, licence_id: UUID, body: RefundBody
) -> LicenceAnswer:
    """Take the newest payment back while its window is open; ends the licence."""
    licence = licensing.refund(
        licence=_licence(request, licence_id),
        licensee=request.auth.person,
        reason=body.reason,
        now=now(),
    )
    return licence_answers([licence])[0]


@router.get("/licences/{licence_id}/revenue", response=RevenueStatementAnswer)
def list_revenue(request: ApiRequest, licence_id: UUID) -> RevenueStatementAnswer:
    """Every declaration of revenue; the model's owner sees them too."""
    licence = _licence(request, licence_id)
    return RevenueStatementAnswer(
        revenue_share=licence.quote.revenue_share,
        current_period=reporting.current_number(licence, now()),
        declarations=[
            _revenue_answer(report) for report in selectors.revenue_reports(licence)
        ],
    )


@router.post("/licences/{licence_id}/revenue", response={201: RevenueAnswer})
def declare_revenue(
    request: ApiRequest, licence_id: UUID, body: RevenueBody, key: IdempotencyKey
) -> Status[RevenueAnswer]:
    """Declare what a period earned, and pay your share of it in the same moment."""
    report = reporting.declare(
        licence=_licence(request, licence_id),
        licensee=request.auth.person,
        number=body.period,
        revenue=read_amount(body.revenue, where="revenue"),
        note=body.note,
        key=key,
        now=now(),
    )
    return Status(201, _revenue_answer(report))


@router.get("/licences/{licence_id}/invoices", response=list[InvoiceAnswer])
def list_invoices(request: ApiRequest, licence_id: UUID) -> list[InvoiceAnswer]:
    """Invoices and credit notes of a licence that you hold, the newest first."""
    licence = _licence(request, licence_id)
    if licence.licensee_id != request.auth.person.pk:
        return []
    return [
        InvoiceAnswer(
            number=invoice.number,
            issued_at=invoice.issued_at,
            document=invoice.document,
        )
        for invoice in selectors.invoices_of(licence)
    ]


@router.get("/invoices/{invoice}", response=None, openapi_extra=FILE_RESPONSE)
def fetch_invoice(request: ApiRequest, invoice: str) -> HttpResponse:
    """An invoice of yours as a PDF, by its number."""
    found = selectors.invoice_by_number(number=invoice, viewer=request.auth.person)
    name = f"invoice-{found.number}.pdf"
    return send_bytes(invoice_pdf(found), name=name, media_type="application/pdf")


@router.get("/me/notices", response=PageAnswer[NoticeAnswer])
def list_notices(
    request: ApiRequest, paging: Query[Paging]
) -> PageAnswer[NoticeAnswer]:
    """What you were told about your licences: renewals, reminders, ends."""
    page = selectors.notices_of(
        request.auth.person, cursor=paging.cursor, limit=paging.limit
    )
    items = [
        NoticeAnswer(
            at=notice.created_at,
            licence=notice.licence_id,
            model=notice.licence.model.reference,
            text=notice.text,
        )
        for notice in page.items
    ]
    return PageAnswer(items=items, next=page.next_cursor)


def _licence(request: ApiRequest, licence_id: UUID) -> Licence:
    return selectors.licence_by_id(
        licence_id=str(licence_id), viewer=request.auth.person
    )


def licence_answers(licences: Iterable[Licence]) -> list[LicenceAnswer]:
    """Licences with the split of each payment, in a fixed number of queries."""
    rows = list(licences)
    prefetch_related_objects(rows, "model__owner", "licensee", "quote", *SPLITS)
    return [_licence_answer(licence) for licence in rows]


def _licence_answer(licence: Licence) -> LicenceAnswer:
    royalty = next(iter(licence.royalties.all()), None)
    return LicenceAnswer(
        id=licence.id,
        model=licence.model.reference,
        licensee=licence.licensee.username,
        use=licence.use,
        kind=kind_of(licence),
        status=licence.status,
        seats=licence.quote.seats,
        renews=licence.is_renewing,
        issued_at=licence.issued_at,
        valid_until=licence.valid_until,
        cancelled_at=licence.cancelled_at,
        certificate=CertificateAnswer.model_validate(licence.certificate),
        royalty=None if royalty is None else _royalty_answer(royalty, licence),
    )


def _royalty_answer(royalty: Royalty, licence: Licence) -> RoyaltyAnswer:
    parts = sorted(royalty.parts.all(), key=lambda part: -part.amount)
    return RoyaltyAnswer(
        payment=royalty.id,
        kind=royalty.kind,
        status=royalty.status,
        amount=shown(royalty.amount),
        fee=shown(royalty.fee),
        asset=licence.quote.asset_id,
        paid_at=royalty.paid_at,
        release_at=royalty.release_at,
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


def _revenue_answer(report: RevenueReport) -> RevenueAnswer:
    return RevenueAnswer(
        id=report.id,
        period=report.number,
        begins_at=report.begins_at,
        ends_at=report.ends_at,
        revenue=shown(report.revenue),
        owed=shown(report.owed),
        asset=report.licence.quote.asset_id,
        note=report.note,
        declared_by=report.declared_by.username,
        declared_at=report.declared_at,
        payment=report.royalty_id,
    )


def _quote_answer(quote: Quote) -> QuoteAnswer:
    return QuoteAnswer(
        id=quote.id,
        model=quote.model.reference,
        use=quote.use,
        price=shown(quote.price),
        asset=quote.asset_id,
        seats=quote.seats,
        period=quote.period,
        revenue_share=quote.revenue_share,
        duties=quote.duties,
        reasons=quote.reasons,
        organisation=quote.organisation,
        fee_bps=quote.fee_bps,
        refund_hours=int(quote.refund_window.total_seconds() // 3600),
        terms_digest=quote.terms_digest,
        draw_commitment=quote.draw_commitment,
        expires_at=quote.expires_at,
    )
