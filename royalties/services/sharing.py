"""Contributor shares change hands: offered by one, accepted by the other."""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import User
from assay.protocol.errors import (
    Conflict,
    Forbidden,
    Invalid,
    LimitReached,
    NotFound,
)
from catalogue.models import Model
from common.status import move
from royalties.models import ShareTransfer
from royalties.selectors import is_id, shares_of

LATEST = timedelta(days=366)
MAX_HOLDERS = 10_000  # of one model: every payment writes a line for each


@transaction.atomic
def offer(
    *,
    model: Model,
    giver: User,
    taker: User,
    parts: int,
    from_moment: datetime,
    now: datetime,
) -> ShareTransfer:
    """Offer parts of one's share in a model's future income.

    Args:
        from_moment: payments from then on count; not in the past.

    Raises:
        Invalid: the giver does not hold so many parts, or the moment cannot be.
    """
    _lock(model)
    if not now <= from_moment <= now + LATEST:
        raise Invalid(
            "share_moment",
            "A share passes on from now on, or within a year.",
            where="from_moment",
        )
    if giver.pk == taker.pk:
        raise Invalid("share_to_oneself", "Name somebody else.", where="taker")
    _check_held(model, giver, parts, at=from_moment)
    return ShareTransfer.objects.create(
        model=model,
        giver=giver,
        taker=taker,
        parts=parts,
        from_moment=from_moment,
        offered_at=now,
    )


@transaction.atomic
def accept_share(*, transfer_id: str, taker: User, now: datetime) -> ShareTransfer:
    """Take an offered share; it counts from its moment, or from now if that is past.

    Raises:
        NotFound: it is not offered to them.
        Conflict: it is no longer offered, or the giver does not hold it any more.
    """
    found = _of(transfer_id, taker)
    if found.taker_id != taker.pk:
        raise Forbidden("share_not_offered", "This share is offered to somebody else.")
    _lock(found.model)
    start = max(found.from_moment, now)
    try:
        _check_held(found.model, found.giver, found.parts, at=start)
    except Invalid as refusal:
        raise Conflict("share_gone", refusal.sentence) from refusal
    _check_room(found, at=start)
    _decide(found, ShareTransfer.Status.ACCEPTED, now, from_moment=start)
    return found


def withdraw_offer(*, transfer_id: str, person: User, now: datetime) -> ShareTransfer:
    """Take an offer back, or decline it; either of the two may.

    Raises:
        NotFound: it is none of theirs.
        Conflict: it is no longer offered.
    """
    found = _of(transfer_id, person)
    _decide(found, ShareTransfer.Status.WITHDRAWN, now)
    return found


def _of(transfer_id: str, person: User) -> ShareTransfer:
    found = None
    if is_id(transfer_id):
        found = (
            ShareTransfer.objects.select_related("model__owner", "giver", "taker")
            .filter(pk=transfer_id)
            .first()
        )
    if found is None or person.pk not in {found.giver_id, found.taker_id}:
        raise NotFound("share_not_found", "There is no such offer to or by you.")
    return found


def _decide(
    found: ShareTransfer, status: str, now: datetime, **fields: datetime
) -> None:
    offered = ShareTransfer.Status.OFFERED
    if not move(found, offered, status, decided_at=now, **fields):
        raise Conflict("share_decided", "This offer was decided before.")


def _lock(model: Model) -> None:
    """Transfers of one model take turns, so that no part is given twice."""
    Model.objects.select_for_update(of=("self",)).get(pk=model.pk)


def _check_room(found: ShareTransfer, *, at: datetime) -> None:
    holders = shares_of([found.model], at=at)[found.model_id]
    if len(holders) >= MAX_HOLDERS and found.taker.username not in holders:
        raise LimitReached(
            "share_holders_full",
            f"{found.model.reference} has {MAX_HOLDERS} holders, and no room for more.",
            fix="Offer it to one who holds a share already.",
        )


def _check_held(model: Model, giver: User, parts: int, *, at: datetime) -> None:
    """The parts must be the giver's at every moment from ``at`` on.

    Later transfers that were accepted already count as given.
    """
    later = ShareTransfer.objects.filter(
        model=model,
        giver=giver,
        status=ShareTransfer.Status.ACCEPTED,
        from_moment__gt=at,
    )
    promised = sum(later.values_list("parts", flat=True))
    held = shares_of([model], at=at)[model.pk].get(giver.username, 0) - promised
    if not 0 < parts <= held:
        raise Invalid(
            "share_not_held",
            f"{giver.username} can pass on {max(held, 0)} parts of {model.reference}.",
            fix="Offer fewer parts.",
            where="parts",
        )
