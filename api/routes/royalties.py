"""Income from royalties: statements, shares, withdrawals, and public records."""

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Query, Router, Status
from pydantic import AwareDatetime, BaseModel, Field

from accounts.models import User
from accounts.selectors import person_by_handle
from api.amounts import read_amount, shown, symbol
from api.authentication import PERSON, PUBLIC, ApiRequest
from api.schemas.common import PageAnswer, Paging
from api.schemas.headers import IdempotencyKey
from api.schemas.royalties import (
    PaymentAnswer,
    PaymentPartAnswer,
    RoyaltyPartAnswer,
    ShareOfferBody,
    SharesAnswer,
    ShareTransferAnswer,
    TotalAnswer,
    TotalsAnswer,
    WithdrawalAnswer,
    WithdrawalBody,
)
from catalogue.models import Model
from catalogue.selectors import model_by_reference
from common.clock import now
from royalties import selectors
from royalties.models import RoyaltyPart, ShareTransfer, Withdrawal
from royalties.services import certifying, sharing, withdrawing

router = Router(auth=PERSON, tags=["royalties"])


class PartWords(BaseModel):
    """Which royalties are meant; all when nothing is said."""

    model: str = Field(default="", max_length=140)
    payer: str = Field(default="", max_length=39)
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None

    def as_filter(self) -> selectors.PartFilter:
        """The same for selectors."""
        return selectors.PartFilter(self.model, self.payer, self.since, self.until)


@router.get("/me/royalties", response=PageAnswer[RoyaltyPartAnswer])
def list_my_royalties(
    request: ApiRequest, paging: Query[Paging], words: Query[PartWords]
) -> PageAnswer[RoyaltyPartAnswer]:
    """What royalties brought you, the newest first, with each exact fraction."""
    page = selectors.royalty_parts_of(
        request.auth.person,
        only=words.as_filter(),
        cursor=paging.cursor,
        limit=paging.limit,
    )
    items = [_royalty_part(part) for part in page.items]
    return PageAnswer(items=items, next=page.next_cursor)


@router.get("/me/royalties/totals", response=TotalsAnswer)
def sum_my_royalties(
    request: ApiRequest, words: Query[PartWords], by: str = "model"
) -> TotalsAnswer:
    """Your royalties summed by model, month or payer."""
    totals = selectors.totals_of(request.auth.person, by=by, only=words.as_filter())
    return TotalsAnswer(
        by=by,
        totals=[
            TotalAnswer(
                name=total.name,
                payments=total.payments,
                held=shown(total.held),
                paid=shown(total.paid),
                asset=symbol(),
            )
            for total in totals
        ],
    )


@router.get("/payments/{payment_id}", response=PaymentAnswer, auth=PUBLIC)
def show_payment(
    request: ApiRequest,  # noqa: ARG001
    payment_id: UUID,
) -> PaymentAnswer:
    """All that a payment's split depends on: anybody can repeat it.

    It names contributors and models, not the licensee.
    """
    royalty = selectors.payment_by_id(str(payment_id))
    parts = royalty.parts.select_related("payee").order_by("id")
    assert royalty.record is not None
    return PaymentAnswer(
        payment=royalty.id,
        status=royalty.status,
        record=royalty.record,
        record_digest=royalty.record_digest,
        fee=str(royalty.fee),
        transfer=royalty.transfer_id,
        transfer_memo=royalty.transfer.memo,
        parts=[
            PaymentPartAnswer(
                payee=part.payee.username,
                model=str(part.model_id),
                fraction=f"{part.numerator}/{part.denominator}",
                amount=str(part.amount),
            )
            for part in parts
        ],
    )


@router.get("/licence-status", response=dict[str, Any], auth=PUBLIC)
def show_status_list(request: ApiRequest) -> dict[str, Any]:  # noqa: ARG001
    """The signed list of licences that were revoked or renewed.

    A licence that is not listed is as its certificate says. Kept in a file, it serves
    offline until `next_update`.
    """
    return dict(certifying.status_list(now=now()))


@router.get("/me/withdrawals", response=PageAnswer[WithdrawalAnswer])
def list_withdrawals(
    request: ApiRequest, paging: Query[Paging]
) -> PageAnswer[WithdrawalAnswer]:
    """Your requests to be paid out, the newest first."""
    page = selectors.withdrawals_of(
        request.auth.person, cursor=paging.cursor, limit=paging.limit
    )
    items = [_withdrawal(one) for one in page.items]
    return PageAnswer(items=items, next=page.next_cursor)


@router.post("/me/withdrawals", response={201: WithdrawalAnswer})
def request_withdrawal(
    request: ApiRequest, body: WithdrawalBody, key: IdempotencyKey
) -> Status[WithdrawalAnswer]:
    """Ask to be paid out; the tokens are held until staff has decided."""
    made = withdrawing.request_withdrawal(
        user=request.auth.person,
        amount=read_amount(body.amount),
        destination=body.destination,
        key=key,
        now=now(),
    )
    return Status(201, _withdrawal(made))


@router.get("/models/{owner}/{name}/shares", response=SharesAnswer, auth=PUBLIC)
def list_shares(request: ApiRequest, owner: str, name: str) -> SharesAnswer:
    """Who earns which parts of a model's income now, and how they passed on."""
    at = now()
    model = _model(request, owner, name, request.auth.user)
    accepted = model.share_transfers.filter(status=ShareTransfer.Status.ACCEPTED)
    history = accepted.select_related("giver", "taker", "model__owner")
    return SharesAnswer(
        shares=selectors.shares_of([model], at=at)[model.pk],
        history=[_share(one) for one in history[:500]],
    )


@router.post("/models/{owner}/{name}/shares", response={201: ShareTransferAnswer})
def offer_share(
    request: ApiRequest, owner: str, name: str, body: ShareOfferBody
) -> Status[ShareTransferAnswer]:
    """Offer parts of your share in a model's future income to somebody."""
    giver, at = request.auth.person, now()
    model = _model(request, owner, name, giver)
    made = sharing.offer(
        model=model,
        giver=giver,
        taker=person_by_handle(body.taker, where="taker"),
        parts=body.parts,
        from_moment=_moment(body.from_moment, at),
        now=at,
    )
    return Status(201, _share(made))


@router.get("/me/share-offers", response=list[ShareTransferAnswer])
def list_share_offers(request: ApiRequest) -> list[ShareTransferAnswer]:
    """Offers of shares by you and to you that are not decided yet."""
    return [_share(one) for one in selectors.share_offers(request.auth.person)]


@router.post("/share-offers/{offer_id}/accept", response=ShareTransferAnswer)
def accept_share(request: ApiRequest, offer_id: UUID) -> ShareTransferAnswer:
    """Take a share that is offered to you."""
    person = request.auth.person
    return _share(
        sharing.accept_share(transfer_id=str(offer_id), taker=person, now=now())
    )


@router.post("/share-offers/{offer_id}/withdraw", response=ShareTransferAnswer)
def withdraw_share(request: ApiRequest, offer_id: UUID) -> ShareTransferAnswer:
    """Take an offer back, or decline one."""
    person = request.auth.person
    return _share(
        sharing.withdraw_offer(transfer_id=str(offer_id), person=person, now=now())
    )


def _model(request: ApiRequest, owner: str, name: str, viewer: User | None) -> Model:
    _ = request
    return model_by_reference(reference=f"{owner}/{name}", viewer=viewer)


def _moment(asked: datetime | None, at: datetime) -> datetime:
    return at if asked is None else asked


def _royalty_part(part: RoyaltyPart) -> RoyaltyPartAnswer:
    royalty, licence = part.royalty, part.royalty.licence
    return RoyaltyPartAnswer(
        at=royalty.paid_at,
        payment=royalty.id,
        kind=royalty.kind,
        status=royalty.status,
        payer=licence.licensee.username,
        licence=licence.id,
        licensed_model=licence.model.reference,
        model=part.model.reference,
        use=licence.use,
        fraction=f"{part.numerator}/{part.denominator}",
        amount=shown(part.amount),
        asset=symbol(),
    )


def _withdrawal(made: Withdrawal) -> WithdrawalAnswer:
    return WithdrawalAnswer(
        id=made.id,
        amount=shown(made.amount),
        asset=symbol(),
        destination=made.destination,
        status=made.status,
        requested_at=made.requested_at,
        decided_at=made.decided_at,
        note=made.note,
    )


def _share(one: ShareTransfer) -> ShareTransferAnswer:
    return ShareTransferAnswer(
        id=one.id,
        model=one.model.reference,
        giver=one.giver.username,
        taker=one.taker.username,
        parts=one.parts,
        from_moment=one.from_moment,
        status=one.status,
        offered_at=one.offered_at,
        decided_at=one.decided_at,
    )
