"""Pay by use: prices of calls, meters and vouchers."""

from uuid import UUID

from ninja import Router, Status

from api.amounts import read_amount, shown, symbol
from api.authentication import PERSON, PUBLIC, ApiRequest
from api.schemas.headers import IdempotencyKey
from api.schemas.royalties import (
    DepositBody,
    LaneAnswer,
    MeterAnswer,
    MeterBody,
    RedemptionAnswer,
    TariffAnswer,
    TariffBody,
    VoucherBody,
)
from catalogue.models import Model
from catalogue.selectors import model_by_reference
from common.clock import now
from royalties.models import Meter
from royalties.services import metering

router = Router(auth=PERSON, tags=["meters"])


@router.get("/models/{owner}/{name}/tariff", response=TariffAnswer, auth=PUBLIC)
def show_tariff(request: ApiRequest, owner: str, name: str) -> TariffAnswer:
    """What a call of the model costs; 0 when calls are not sold one by one."""
    model = model_by_reference(reference=f"{owner}/{name}", viewer=request.auth.user)
    return _tariff(model)


@router.post("/models/{owner}/{name}/tariff", response=TariffAnswer)
def set_tariff(
    request: ApiRequest, owner: str, name: str, body: TariffBody
) -> TariffAnswer:
    """Say what a call of your model costs from now on; open meters keep their price."""
    person = request.auth.person
    model = model_by_reference(reference=f"{owner}/{name}", viewer=person)
    price = read_amount(body.price, where="price")
    metering.set_tariff(model=model, owner=person, price=price, now=now())
    return _tariff(model)


@router.post("/models/{owner}/{name}/meters", response={201: MeterAnswer})
def open_meter(
    request: ApiRequest, owner: str, name: str, body: MeterBody, key: IdempotencyKey
) -> Status[MeterAnswer]:
    """Put a deposit in, out of which vouchers signed by your key are paid."""
    person = request.auth.person
    meter = metering.open_meter(
        licensee=person,
        model=model_by_reference(reference=f"{owner}/{name}", viewer=person),
        public_key=body.public_key,
        deposit=read_amount(body.deposit, where="deposit"),
        key=key,
        now=now(),
    )
    return Status(201, _answer(meter))


@router.get("/meters/{meter_id}", response=MeterAnswer)
def show_meter(request: ApiRequest, meter_id: UUID) -> MeterAnswer:
    """A meter of yours or on a model of yours, with the newest voucher of each lane."""
    return _answer(_meter(request, meter_id))


@router.post("/meters/{meter_id}/deposits", response=MeterAnswer)
def add_deposit(
    request: ApiRequest, meter_id: UUID, body: DepositBody, key: IdempotencyKey
) -> MeterAnswer:
    """Put more into a meter of yours."""
    meter = metering.add_deposit(
        meter=_meter(request, meter_id),
        licensee=request.auth.person,
        amount=read_amount(body.amount),
        key=key,
        now=now(),
    )
    return _answer(meter)


@router.post("/meters/{meter_id}/vouchers", response=RedemptionAnswer)
def redeem_voucher(
    request: ApiRequest, meter_id: UUID, body: VoucherBody
) -> RedemptionAnswer:
    """Pay out what a voucher is worth beyond what its lane had.

    A lane's newest voucher, sent again, is answered with the payment that it made.
    """
    meter = _meter(request, meter_id)
    royalty = metering.redeem(
        meter=meter, voucher=body.model_dump(), person=request.auth.person, now=now()
    )
    return RedemptionAnswer(
        payment=royalty.id,
        amount=shown(royalty.amount),
        asset=symbol(),
        meter=_answer(_meter(request, meter_id)),
    )


@router.post("/meters/{meter_id}/close", response=MeterAnswer)
def close_meter(request: ApiRequest, meter_id: UUID) -> MeterAnswer:
    """Ask for the rest of the deposit; last vouchers are taken for a while yet."""
    meter = metering.begin_closing(
        meter=_meter(request, meter_id), licensee=request.auth.person, now=now()
    )
    return _answer(meter)


def _meter(request: ApiRequest, meter_id: UUID) -> Meter:
    return metering.meter_by_id(meter_id=str(meter_id), viewer=request.auth.person)


def _tariff(model: Model) -> TariffAnswer:
    return TariffAnswer(
        model=model.reference, price=shown(metering.tariff_of(model)), asset=symbol()
    )


def _answer(meter: Meter) -> MeterAnswer:
    lanes = list(meter.lanes.all())
    return MeterAnswer(
        id=meter.id,
        licence=meter.licence_id,
        model=meter.licence.model.reference,
        licensee=meter.licence.licensee.username,
        public_key=meter.public_key,
        status=meter.status,
        price=shown(meter.price),
        price_units=str(meter.price),
        deposit=shown(meter.deposit),
        deposit_units=str(meter.deposit),
        spent=shown(sum(lane.amount for lane in lanes)),
        asset=symbol(),
        opened_at=meter.opened_at,
        closes_at=meter.closes_at,
        lanes=[
            LaneAnswer(
                lane=lane.number,
                calls=lane.calls,
                amount=str(lane.amount),
                voucher=lane.voucher,
            )
            for lane in lanes
        ],
    )
