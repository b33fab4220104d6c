"""Quote, pay, licence: the price from the terms, frozen until it is accepted."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import transaction

from accounts.models import User
from assay.protocol import terms as udl
from assay.protocol.canonical import digest
from assay.protocol.errors import Conflict, Forbidden, Invalid, NotFound
from assay.protocol.money import MAX_UNITS, parse_amount
from catalogue.models import Model
from catalogue.selectors import carried_duties
from common.status import move
from ledger.wallets import platform_asset, wallet
from royalties.models import Licence, Quote, Royalty
from royalties.organisations import organisation_of
from royalties.selectors import is_id
from royalties.services import certifying, noticing, paying

PERIODS = {"monthly": timedelta(days=30)}
MAX_SEATS = 100_000


def quote(
    *,
    licensee: User,
    model: Model,
    use: str,
    now: datetime,
    seats: int = 1,
    organisation: Mapping[str, str] | None = None,
) -> Quote:
    """Price one use of a model from its terms, and freeze both for a while.

    A fee is owed for each seat. More than one seat is an organisation's.

    Raises:
        Invalid: there is no such use, or seats or organisation cannot be.
        Conflict: the model is not published.
        Forbidden: its terms do not allow the use; the reasons say why.
    """
    buyer = organisation_of(organisation or {})
    _check_seats(seats, is_organisation=buyer is not None)
    decision = decided(model, use, now)
    price = _units(decision.price) * seats
    if price > MAX_UNITS:
        raise Invalid("seats_invalid", "So many seats have no price.", where="seats")
    share = decision.revenue_share
    return Quote.objects.create(
        model=model,
        licensee=licensee,
        use=use,
        asset_id=platform_asset().symbol,
        price=price,
        seats=seats,
        period=decision.period or "",
        revenue_share="" if share is None else f"{share:f}",
        duties=_duties(model, decision),
        reasons=[*decision.reasons, *_ending(model)],
        terms=model.terms,
        terms_digest=digest(model.terms),
        organisation=buyer.to_json() if buyer else {},
        fee_bps=settings.ROYALTY_FEE_BPS,
        refund_window=settings.REFUND_WINDOW,
        created_at=now,
        expires_at=now + settings.QUOTE_VALIDITY,
    )


def _duties(model: Model, decision: udl.Decision) -> list[str]:
    """The terms' own, and those that pass through from up the lineage."""
    carried = (duty for duty, _ in carried_duties(model))
    return list(dict.fromkeys([*decision.duties, *carried]))


def _ending(model: Model) -> list[str]:
    """What a buyer must know of terms that run out."""
    terms = udl.read_tags(model.terms).terms
    day = udl.end_of(terms, model.created_at.date())
    if day is None:
        return []
    return [f"The terms run out on {day}, and every licence under them does too."]


def _check_seats(seats: int, *, is_organisation: bool) -> None:
    if not 1 <= seats <= MAX_SEATS:
        raise Invalid(
            "seats_invalid", f"A licence has 1 to {MAX_SEATS} seats.", where="seats"
        )
    if seats > 1 and not is_organisation:
        raise Invalid(
            "seats_without_organisation",
            "More than one seat is for an organisation.",
            fix="Name the organisation that the licence is for.",
            where="organisation",
        )


def decided(model: Model, use: str, now: datetime) -> udl.Decision:
    """What the model's terms say to a use that they allow today.

    Raises:
        Invalid, Conflict, Forbidden: as ``quote``.
    """
    if model.published_at is None:
        raise Conflict(
            "model_not_published",
            f"{model.reference} is not published.",
            fix="Models are published when they have won; try again then.",
        )
    decision = udl.decide(
        udl.read_tags(model.terms).terms,
        _use(use),
        on=now.date(),
        granted=model.created_at.date(),
    )
    if not decision.allowed:
        raise Forbidden(
            "use_not_allowed",
            f"The terms of {model.reference} do not allow {use}: "
            + " ".join(decision.reasons),
            fix="Ask its owner for other terms.",
        )
    return decision


def _use(use: str) -> udl.Use:
    if use in udl.NAMED_USES:
        return udl.Use(use)
    raise Invalid(
        "use_unknown",
        f"There is no use {use!r} that a licence is for.",
        fix=f"Use one of: {', '.join(udl.NAMED_USES)}.",
        where="use",
    )


def _units(price: Decimal | None) -> int:
    return 0 if price is None else parse_amount(f"{price:f}", platform_asset())


@transaction.atomic
def accept(*, quote_id: str, licensee: User, key: str, now: datetime) -> Licence:
    """Pay a quote and get the licence; accepting again gives the same licence.

    The key is also the licensee's part of the seed, should the terms have somebody
    drawn at random: choose it at random.

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
    licence = _granted(accepted, key, now)
    certifying.sign(licence, now=now)
    licence.save(force_insert=True)
    if accepted.price:
        order = paying.Order(
            licence=licence,
            kind=Royalty.Kind.PURCHASE,
            amount=accepted.price,
            source=wallet(licensee),
            caller=licensee.owner_key,
            key=key,
            chosen=licence.draw_chosen,
            held_for=accepted.refund_window,
        )
        paying.pay(order, now=now)
    return licence


def _granted(accepted: Quote, key: str, now: datetime) -> Licence:
    """The licence of a quote, not saved yet; its clock is set."""
    length = PERIODS.get(accepted.period)
    paid_until = now + length if length else None
    end = accepted.terms_end
    looks = [
        paid_until - settings.RENEWAL_LEAD if paid_until else None,
        now + settings.REVENUE_PERIOD if accepted.revenue_share else None,
        end,
    ]
    return Licence(
        quote=accepted,
        model=accepted.model,
        licensee=accepted.licensee,
        use=accepted.use,
        issued_at=now,
        valid_until=earliest(paid_until, end),
        due_at=earliest(*looks),
        draw_chosen=key[:100],
    )


def earliest(*moments: datetime | None) -> datetime | None:
    """The first of those that are set; None when none is."""
    return min((one for one in moments if one is not None), default=None)


def _quote_of(quote_id: str, licensee: User) -> Quote:
    found = None
    if is_id(quote_id):
        found = (
            Quote.objects.select_for_update(of=("self",))
            .select_related("model__owner", "licensee")
            .filter(pk=quote_id, licensee=licensee)
            .first()
        )
    if found is None:
        raise NotFound("quote_not_found", "There is no such quote of yours.")
    return found


@transaction.atomic
def cancel(*, licence: Licence, licensee: User, now: datetime) -> Licence:
    """End the renewing of a licence; it stays good until its period ends.

    Raises:
        Forbidden: it is somebody else's.
        Conflict: it does not renew.
    """
    locked = locked_licence(licence)
    _require_licensee(locked, licensee)
    if locked.cancelled_at is not None:
        return locked
    if not locked.is_renewing:
        raise Conflict("licence_not_renewing", "This licence does not renew by itself.")
    locked.cancelled_at = now
    locked.save(update_fields=["cancelled_at"])
    return locked


@transaction.atomic
def refund(*, licence: Licence, licensee: User, reason: str, now: datetime) -> Licence:
    """Take the newest payment back while its window is open; ends the licence.

    The whole waterfall is reversed: nobody up the lineage has had it yet.

    Raises:
        Forbidden: it is somebody else's.
        Invalid: no reason is given.
        Conflict: nothing of it can be refunded (any more).
    """
    reason = reason.strip()
    if not 3 <= len(reason) <= 250:
        raise Invalid(
            "refund_reason", "Say why, in 3 to 250 characters.", where="reason"
        )
    locked = locked_licence(licence)
    _require_licensee(locked, licensee)
    paid = locked.royalties.filter(
        kind__in=[Royalty.Kind.PURCHASE, Royalty.Kind.RENEWAL]
    ).first()
    if paid is None or paid.status == Royalty.Status.REFUNDED:
        raise Conflict("refund_nothing", "There is no payment that can be refunded.")
    paying.give_back(paid, reason=reason, now=now)
    revoke(licence=locked, reason=f"refunded: {reason}", now=now)
    return locked


def revoke(*, licence: Licence, reason: str, now: datetime) -> None:
    """End a licence before its time; the status list says so.

    Raises:
        Conflict: it was ended before.
    """
    standing = {Licence.Status.ACTIVE, Licence.Status.PAST_DUE}
    fields = {"status_at": now, "status_reason": reason[:300], "due_at": None}
    if licence.status not in standing or not move(
        licence, licence.status, Licence.Status.REVOKED, **fields
    ):
        raise Conflict("licence_ended", "This licence has ended already.")
    noticing.tell(
        licence,
        key="revoked",
        text=f"The licence for {licence.model.reference} is revoked: {reason}",
        now=now,
    )


def locked_licence(licence: Licence) -> Licence:
    """The licence, its row locked until the transaction ends."""
    return (
        Licence.objects.select_for_update(of=("self",))
        .select_related("quote", "licensee", "model__owner")
        .get(pk=licence.pk)
    )


def _require_licensee(licence: Licence, person: User) -> None:
    if licence.licensee_id != person.pk:
        raise Forbidden("licence_of_another", "Only its licensee may do this.")
