"""Payments: from the licensee to everybody up the lineage, held while refundable."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction

from assay.protocol.canonical import plain_digest
from assay.protocol.drawing import Seed, commitment_to, link
from assay.protocol.errors import Conflict
from assay.protocol.payments import PaymentRecord, Settlement, settle
from common.status import move
from ledger import services as ledger
from ledger.services import Account, AccountKind
from ledger.wallets import platform_asset, wallets
from royalties.models import Licence, Royalty
from royalties.rows import PartRow, insert_parts
from royalties.selectors import lineage_of
from royalties.services import invoicing


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be paid.

    Attributes:
        amount: base units, above 0.
        source: the account that pays.
        caller, key: name the request; the same pair pays once.
        chosen: the licensee's part of the seed.
        held_for: how long the payees wait, because it can be refunded.
    """

    licence: Licence
    kind: Royalty.Kind
    amount: int
    source: Account
    caller: str
    key: str
    chosen: str
    held_for: timedelta = timedelta(0)


@dataclass(frozen=True)
class _Split:
    """A settlement with the ids of the people behind its handles."""

    record: PaymentRecord
    settlement: Settlement
    people: Mapping[str, UUID]


def pay(order: Order, *, now: datetime) -> Royalty:
    """Carry a payment out, in the caller's transaction.

    Raises:
        Conflict: all of it would come back to the licensee (``royalty_to_oneself``),
            or the key was used for something else.
        InsufficientFunds: the source holds less.
    """
    split = _split(order, now)
    _refuse_to_oneself(order, split)
    record = split.record.to_json()
    royalty = Royalty(
        id=UUID(split.record.payment),
        licence=order.licence,
        kind=order.kind,
        amount=order.amount,
        fee=split.settlement.fee,
        record=record,
        record_digest=plain_digest(record),  # thousands of holders are written out once
        paid_at=now,
    )
    if order.held_for:
        royalty.status = Royalty.Status.HELD
        royalty.release_at = now + order.held_for
        gains = [ledger.Entry(_deposit_of(royalty), order.amount)]
    else:
        gains = _gains(royalty, _amounts(split))
    royalty.transfer = ledger.post(
        caller=order.caller,
        key=order.key,
        kind="royalty",
        entries=ledger.merged([ledger.Entry(order.source, -order.amount), *gains]),
        reference=f"licence:{order.licence.id}",
        memo=f"{royalty.get_kind_display().capitalize()} of "
        f"{order.licence.model.reference}, {order.licence.use}; "
        f"record {royalty.record_digest}",
        now=now,
    )
    royalty.save(force_insert=True)
    _save_parts(royalty, split)
    invoicing.issue(royalty, now=now)
    return royalty


def _next_seed(order: Order) -> Seed:
    """The seed of the next payment; its secret is shown from now on."""
    licence, root = order.licence, order.licence.quote.draw_root
    licence.draws += 1
    licence.save(update_fields=["draws"])
    secret = link(root, licence.draws)
    return Seed(commitment_to(secret), secret, order.chosen)


@transaction.atomic
def release(*, royalty: Royalty, now: datetime) -> bool:
    """Pay out what was held, once; False when somebody else has decided on it."""
    if not move(royalty, Royalty.Status.HELD, Royalty.Status.PAID):
        return False
    deposit = _deposit_of(royalty)
    amounts = list(royalty.parts.values_list("payee_id", "amount"))
    royalty.payout = ledger.post(
        caller="royalties.release",
        key=str(royalty.id),
        kind="royalty",
        entries=ledger.merged(
            [ledger.Entry(deposit, -royalty.amount), *_gains(royalty, amounts)]
        ),
        reference=f"licence:{royalty.licence_id}",
        memo=f"Paid out after the refund window; record {royalty.record_digest}",
        now=now,
    )
    royalty.save(update_fields=["payout"])
    return True


def give_back(royalty: Royalty, *, reason: str, now: datetime) -> None:
    """Reverse a held payment exactly, in the caller's transaction.

    Raises:
        Conflict: it is not held, so others have it (``refund_window_over``).
    """
    late = royalty.release_at is None or now >= royalty.release_at
    if late or not move(royalty, Royalty.Status.HELD, Royalty.Status.REFUNDED):
        raise Conflict(
            "refund_window_over",
            "This payment can no longer be refunded: it is paid out to the "
            "contributors.",
            fix="Ask the model's owner.",
        )
    royalty.payout = ledger.reverse(
        transfer=royalty.transfer,
        caller="royalties.refund",
        key=str(royalty.id),
        memo=f"Refund: {reason}"[:500],
        now=now,
    )
    royalty.save(update_fields=["payout"])
    invoicing.credit(royalty, now=now)


def due_for_release(now: datetime) -> list[Royalty]:
    """Held payments whose refund window is over, the oldest first."""
    found = Royalty.objects.filter(status=Royalty.Status.HELD, release_at__lte=now)
    return list(found.order_by("release_at").defer("record"))


def _split(order: Order, now: datetime) -> _Split:
    licence, asset = order.licence, platform_asset()
    lineage = lineage_of(licence.model, at=now)
    record = PaymentRecord(
        payment=str(uuid4()),
        model=str(licence.model_id),
        amount=order.amount,
        asset=asset.symbol,
        decimals=asset.decimals,
        fee_bps=licence.quote.fee_bps,
        paid_at=now.isoformat(),
        lineage=lineage.models,
        seed=_next_seed(order),
    )
    return _Split(record, settle(record), lineage.people)


def _refuse_to_oneself(order: Order, split: _Split) -> None:
    licensee = order.licence.licensee.username
    if any(part.payee != licensee and part.amount for part in split.settlement.parts):
        return
    reference = order.licence.model.reference
    raise Conflict(
        "royalty_to_oneself",
        f"All that {reference} earns is yours already.",
        fix="You need no licence of your own model.",
    )


def _amounts(split: _Split) -> list[tuple[UUID, int]]:
    return [(split.people[part.payee], part.amount) for part in split.settlement.parts]


def _gains(royalty: Royalty, amounts: Sequence[tuple[UUID, int]]) -> list[ledger.Entry]:
    """The entries that pay everybody out: the fee, and one a part."""
    accounts = wallets([payee for payee, _ in amounts])
    entries = [ledger.Entry(accounts[payee], units) for payee, units in amounts]
    if royalty.fee:
        entries.append(ledger.Entry(_fees(), royalty.fee))
    return entries


def _save_parts(royalty: Royalty, split: _Split) -> None:
    settlement = split.settlement
    models = {name: UUID(name) for name in {part.model for part in settlement.parts}}
    rows = [
        PartRow(
            payee=split.people[due.payee],
            model=models[due.model],
            numerator=due.fraction.numerator,
            denominator=due.fraction.denominator,
            amount=part.amount,
        )
        for due, part in zip(settlement.entitlements, settlement.parts, strict=True)
    ]
    insert_parts(royalty, rows)


def _fees() -> Account:
    return ledger.account(
        kind=AccountKind.FEES, owner="platform", asset=platform_asset().symbol
    )


def _deposit_of(royalty: Royalty) -> Account:
    return ledger.account(
        kind=AccountKind.DEPOSIT,
        owner=f"royalty:{royalty.id}",
        asset=platform_asset().symbol,
    )
