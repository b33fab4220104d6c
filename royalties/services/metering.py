"""Pay by use: open a meter, redeem vouchers, close it."""

from datetime import datetime
from uuid import uuid4

from django.conf import settings
from django.db import transaction

from accounts.models import User
from assay.protocol import signatures, vouchers
from assay.protocol import terms as udl
from assay.protocol.canonical import Json, digest
from assay.protocol.drawing import CHAIN_LENGTH
from assay.protocol.errors import (
    Conflict,
    Forbidden,
    Invalid,
    LimitReached,
    NotFound,
)
from assay.protocol.vouchers import SignedVoucher, read_voucher
from catalogue.models import Model
from common.status import move
from ledger import selectors as book
from ledger import services as ledger
from ledger.services import Account, AccountKind
from ledger.wallets import platform_asset, wallet
from royalties.models import Lane, Licence, Meter, Quote, Royalty, Tariff
from royalties.selectors import is_id
from royalties.services import certifying, paying
from royalties.services.licensing import decided, revoke


@transaction.atomic
def set_tariff(*, model: Model, owner: User, price: int, now: datetime) -> Tariff:
    """Say what each call of a model costs from now on; 0 takes the offer back.

    Meters that are open keep the price at which they were opened.

    Raises:
        Forbidden: the model is somebody else's.
    """
    if model.owner_id != owner.pk:
        raise Forbidden("model_of_another", "Only its owner sets the price of a call.")
    return Tariff.objects.create(model=model, price=price, since=now)


def tariff_of(model: Model) -> int:
    """Base units that a call costs now; 0 when calls are not sold."""
    newest = Tariff.objects.filter(model=model).order_by("-id")
    return newest.values_list("price", flat=True).first() or 0


@transaction.atomic
def open_meter(
    *,
    licensee: User,
    model: Model,
    public_key: str,
    deposit: int,
    key: str,
    now: datetime,
) -> Meter:
    """Put a deposit in, out of which vouchers by ``public_key`` are paid.

    Raises:
        Invalid: the key is no Ed25519 key, or nothing is deposited.
        Conflict: calls of the model are not sold, or the idempotency key was used.
        Forbidden: its terms do not allow commercial use, so its owner cannot sell it.
        InsufficientFunds: the wallet holds less.
    """
    signatures.key_id(public_key)  # refuses what is no key
    if deposit <= 0:
        raise Invalid("amount_not_positive", "Deposit more than 0.", where="deposit")
    known = _opened_by(licensee, key)
    if known is not None:
        return _same(known, model, public_key, deposit)
    price = tariff_of(model)
    if model.published_at is None or not price:
        raise Conflict(
            "calls_not_sold", f"Calls of {model.reference} are not sold one by one."
        )
    decided(model, udl.Use.COMMERCIAL, now)
    licence = _licence(licensee, model, now)
    meter = Meter.objects.create(
        id=uuid4(),
        licence=licence,
        public_key=public_key,
        price=price,
        deposit=deposit,
        opened_at=now,
    )
    _put_in(meter, licensee, deposit, key=key, now=now)
    return meter


@transaction.atomic
def add_deposit(
    *, meter: Meter, licensee: User, amount: int, key: str, now: datetime
) -> Meter:
    """Put more in.

    Raises:
        Forbidden, Conflict: it is another's, or no longer open.
        InsufficientFunds: the wallet holds less.
    """
    if amount <= 0:
        raise Invalid("amount_not_positive", "Deposit more than 0.", where="amount")
    locked = _locked(meter)
    _require(locked, licensee)
    before = book.balance(
        kind=AccountKind.DEPOSIT, owner=locked.owner_key, asset=platform_asset().symbol
    )
    if locked.status != Meter.Status.OPEN:
        raise Conflict("meter_closed", "This meter takes no deposits any more.")
    _put_in(locked, licensee, amount, key=key, now=now)
    after = book.balance(
        kind=AccountKind.DEPOSIT, owner=locked.owner_key, asset=platform_asset().symbol
    )
    locked.deposit += after - before  # a repeated request moves nothing
    locked.save(update_fields=["deposit"])
    return locked


@transaction.atomic
def redeem(*, meter: Meter, voucher: Json, person: User, now: datetime) -> Royalty:
    """Pay out what a voucher is worth beyond what its lane had, in one transfer.

    The model's owner or the licensee may bring it. Sending the newest voucher of a
    lane again gives the payment that it made.

    Raises:
        Forbidden: they are neither.
        LimitReached: the licensee has redeemed too often; the owner still can.
        Invalid, Conflict: see ``assay.protocol.vouchers.due``.
    """
    signed = read_voucher(voucher)
    locked = _locked(meter)
    if person.pk not in {locked.licence.licensee_id, locked.licence.model.owner_id}:
        raise Forbidden(
            "meter_of_others", "Only the licensee and the model's owner redeem."
        )
    known = _redeemed_by(locked, signed)
    if known is not None:
        return known
    closing = locked.closes_at is not None and now >= locked.closes_at
    if locked.status == Meter.Status.CLOSED or closing:
        raise Conflict("meter_closed", "This meter is closed.")
    more = vouchers.due(state_of(locked), signed)
    _leave_draws(locked, person)
    royalty = paying.pay(_order(locked, signed, more), now=now)
    said = signed.voucher
    Lane.objects.update_or_create(
        meter=locked,
        number=said.lane,
        defaults={
            "calls": said.calls,
            "amount": said.amount,
            "voucher": signed.to_json(),
        },
    )
    return royalty


@transaction.atomic
def begin_closing(*, meter: Meter, licensee: User, now: datetime) -> Meter:
    """Ask for the rest of the deposit; last vouchers are taken for a while yet.

    Raises:
        Forbidden: it is somebody else's.
    """
    locked = _locked(meter)
    _require(locked, licensee)
    at = now + settings.METER_CLOSING
    move(locked, Meter.Status.OPEN, Meter.Status.CLOSING, closes_at=at)
    return locked


@transaction.atomic
def close(*, meter: Meter, now: datetime) -> bool:
    """Give the rest of the deposit back once the time for last vouchers is over."""
    locked = _locked(meter)
    if locked.closes_at is None or now < locked.closes_at:
        return False
    if not move(locked, Meter.Status.CLOSING, Meter.Status.CLOSED):
        return False
    rest = book.balance(
        kind=AccountKind.DEPOSIT, owner=locked.owner_key, asset=platform_asset().symbol
    )
    if rest:
        _transfer(
            locked, _deposit_of(locked), wallet(locked.licence.licensee), rest, now
        )
    revoke(licence=locked.licence, reason="its meter was closed", now=now)
    return True


def due_for_closing(now: datetime) -> list[Meter]:
    """Meters whose time for last vouchers is over."""
    found = Meter.objects.filter(status=Meter.Status.CLOSING, closes_at__lte=now)
    return list(found.order_by("closes_at").only("pk"))


def spent(meter: Meter) -> int:
    """Base units that its lanes have redeemed."""
    return sum(lane.amount for lane in meter.lanes.all())


def state_of(meter: Meter) -> vouchers.Meter:
    """The meter as the rules of vouchers read it."""
    return vouchers.Meter(
        id=str(meter.id),
        public_key=meter.public_key,
        price=meter.price,
        deposit=meter.deposit,
        redeemed={lane.number: (lane.calls, lane.amount) for lane in meter.lanes.all()},
    )


def meter_of(licence: Licence) -> Meter | None:
    """The meter of a metered licence, with its lanes."""
    return Meter.objects.prefetch_related("lanes").filter(licence=licence).first()


def meter_by_id(*, meter_id: str, viewer: User) -> Meter:
    """A meter of the viewer's, or on a model of theirs.

    Raises:
        NotFound: there is none.
    """
    found = None
    if is_id(meter_id):
        found = (
            Meter.objects.select_related("licence__model__owner", "licence__licensee")
            .prefetch_related("lanes")
            .filter(pk=meter_id)
            .first()
        )
    allowed = found is not None and viewer.pk in {
        found.licence.licensee_id,
        found.licence.model.owner_id,
    }
    if found is None or not allowed:
        raise NotFound("meter_not_found", "There is no such meter of yours.")
    return found


def _licence(licensee: User, model: Model, now: datetime) -> Licence:
    """A licence for the calls that are paid for, and nothing else."""
    quote = Quote.objects.create(
        model=model,
        licensee=licensee,
        use="commercial",
        asset_id=platform_asset().symbol,
        price=0,
        period="metered",
        reasons=["Each call is paid for by a voucher against a prepaid deposit."],
        terms=model.terms,
        terms_digest=digest(model.terms),
        fee_bps=settings.ROYALTY_FEE_BPS,
        created_at=now,
        expires_at=now,
    )
    licence = Licence(
        quote=quote,
        model=model,
        licensee=licensee,
        use=quote.use,
        issued_at=now,
        valid_until=quote.terms_end,
    )
    certifying.sign(licence, now=now)
    licence.save(force_insert=True)
    return licence


def _order(meter: Meter, signed: SignedVoucher, more: int) -> paying.Order:
    return paying.Order(
        licence=meter.licence,
        kind=Royalty.Kind.USAGE,
        amount=more,
        source=_deposit_of(meter),
        caller="royalties.meter",
        key=_voucher_key(meter, signed),
        chosen=signed.signature,
    )


def _voucher_key(meter: Meter, signed: SignedVoucher) -> str:
    return f"{meter.id}:{signed.voucher.lane}:{signed.voucher.calls}"


def _leave_draws(meter: Meter, person: User) -> None:
    """Half of the payments that a licence can have are for whom they pay.

    Else a licensee could redeem call by call until none is left, make real calls, and
    have the deposit back.
    """
    licence = meter.licence
    if person.pk != licence.model.owner_id and licence.draws >= CHAIN_LENGTH // 2:
        raise LimitReached(
            "meter_redeemed_often",
            "This meter was redeemed too often; the rest is for the model's owner.",
            fix="Have the owner redeem, or open another meter.",
        )


def _redeemed_by(meter: Meter, signed: SignedVoucher) -> Royalty | None:
    lane = meter.lanes.filter(number=signed.voucher.lane).first()
    if lane is None or lane.voucher != signed.to_json():
        return None
    return Royalty.objects.filter(
        transfer__caller="royalties.meter", transfer__key=_voucher_key(meter, signed)
    ).first()


def _put_in(
    meter: Meter, licensee: User, amount: int, *, key: str, now: datetime
) -> None:
    ledger.post(
        caller=_caller(licensee),
        key=key,
        kind="deposit",
        entries=[
            ledger.Entry(wallet(licensee), -amount),
            ledger.Entry(_deposit_of(meter), amount),
        ],
        reference=meter.owner_key,
        memo=f"Deposit for calls of {meter.licence.model.reference}",
        now=now,
    )


def _transfer(
    meter: Meter, source: Account, into: Account, amount: int, now: datetime
) -> None:
    ledger.post(
        caller="royalties.meter",
        key=f"{meter.id}:close",
        kind="deposit",
        entries=[ledger.Entry(source, -amount), ledger.Entry(into, amount)],
        reference=meter.owner_key,
        memo="Rest of the deposit",
        now=now,
    )


def _opened_by(licensee: User, key: str) -> Meter | None:
    reference = ledger.reference_of(caller=_caller(licensee), key=key)
    kind, _, meter_id = (reference or "").partition(":")
    if kind != "meter":
        return None
    return Meter.objects.select_related("licence__model__owner").get(pk=meter_id)


def _same(known: Meter, model: Model, public_key: str, deposit: int) -> Meter:
    asked = (model.pk, public_key)
    if (known.licence.model_id, known.public_key) != asked or deposit > known.deposit:
        raise ledger.reused("This key was used for another meter.")
    return known


def _caller(licensee: User) -> str:
    return f"meter:{licensee.owner_key}"


def _locked(meter: Meter) -> Meter:
    return (
        Meter.objects.select_for_update(of=("self",))
        .select_related("licence__quote", "licence__licensee", "licence__model__owner")
        .get(pk=meter.pk)
    )


def _require(meter: Meter, licensee: User) -> None:
    if meter.licence.licensee_id != licensee.pk:
        raise Forbidden("licence_of_another", "Only its licensee may do this.")


def _deposit_of(meter: Meter) -> Account:
    return ledger.account(
        kind=AccountKind.DEPOSIT, owner=meter.owner_key, asset=platform_asset().symbol
    )
